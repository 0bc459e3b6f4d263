/// <reference path="./proxy-from-env.d.ts" />
import { getProxyForUrl } from 'proxy-from-env';

/** The proxy for an address by the usual environment variables, understood as Docker and curl do; undefined for none. */
export function proxyFor(url: string): string | undefined {
  const proxy = getProxyForUrl(url);
  if (proxy === '' || isExempt(new URL(url).hostname)) return undefined;
  // One that was given without a scheme is asked by HTTP.
  return Object.values(process.env).includes(proxy) ? proxy : proxy.replace(/^https:/, 'http:');
}

/** A name stands for all below it too. */
function isExempt(host: string): boolean {
  const names = (process.env.no_proxy || process.env.NO_PROXY || '').toLowerCase().split(/[,\s]+/);
  return names.some((name) => name !== '' && host.endsWith(`.${name}`));
}
