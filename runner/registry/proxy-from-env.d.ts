declare module 'proxy-from-env' {
  /** The proxy for an address by the usual environment variables; empty for none. */
  export function getProxyForUrl(url: string): string;
}
