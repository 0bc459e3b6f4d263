import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as tls from 'tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { proxyFor } from './proxy';
import { Failure, reasonOf } from '../report/failure';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Buffer;
  /** How often it is tried. @default 3 */
  readonly attempts?: number;
  /** How many milliseconds may pass without a byte. @default 30,000 */
  readonly silence?: number;
}

export interface Response {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No manifest and no error is larger. */
const MAX_BODY = 16 * 1024 * 1024;

/** Where systems keep the authorities that they trust, which may be more than those of Node.js. */
const SYSTEM_AUTHORITIES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];

let agent: https.Agent | undefined;
const proxies = new Map<string, http.Agent>();

/** Sends a request, again when nothing or nothing sensible comes back. Fails when that does not help. */
export async function request(what: Request): Promise<Response> {
  const attempts = what.attempts ?? 3;
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === attempts;
    try {
      const response = await send(what);
      if (isLast || (response.status < 500 && response.status !== 429 && response.status !== 408)) return response;
    } catch (error) {
      if (isLast) throw new Failure(reasonOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, attempt * 1000));
  }
}

async function send({ method, url, headers, body, silence = 30_000 }: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (error: Error) => {
      if (isOver) return; // its end is an error, too
      isOver = true;
      clearTimeout(timer);
      call.destroy(error);
      reject(error);
    };
    const options: https.RequestOptions & tls.ConnectionOptions = {
      method, agent: agentFor(url), secureContext: trust(), headers: { ...headers, ...body && { 'content-length': String(body.length) } },
    };
    const call = https.request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        timer.refresh();
        length += chunk.length;
        if (length > MAX_BODY) end(new Error(`it answers with more than ${MAX_BODY} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', end);
      response.on('aborted', () => end(new Error('the connection ended in the middle of the answer')));
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    // The agent's own timeout does not count before a proxy has let the call through.
    const timer = setTimeout(() => end(new Error(`it did not answer for ${Math.round(silence / 1000)} seconds`)), silence);
    call.on('error', end);
    call.end(body);
  });
}

function agentFor(url: string): http.Agent {
  const options = { keepAlive: true, maxSockets: 16, secureContext: trust() }; // that of the proxy itself, if there is one
  const proxy = proxyFor(url);
  if (proxy === undefined) return agent ??= new https.Agent(options);
  const known = proxies.get(proxy) ?? new HttpsProxyAgent(proxy, options);
  proxies.set(proxy, known);
  return known;
}

let trusted: tls.SecureContext | undefined;

/** Whom this machine trusts: as everybody else on it, and not only whom Node.js trusts. Made once, since it takes some time. */
function trust(): tls.SecureContext {
  if (trusted) return trusted;
  const given = [process.env.SSL_CERT_FILE, process.env.NODE_EXTRA_CA_CERTS].map(contentOf).filter((content) => content !== undefined);
  const system = SYSTEM_AUTHORITIES.map(contentOf).find((content) => content !== undefined);
  return trusted = tls.createSecureContext({ ca: [...given, system ?? tls.rootCertificates.join('\n')] });
}

function contentOf(file: string | undefined): string | undefined {
  try {
    return file ? fs.readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
