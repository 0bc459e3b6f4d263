import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import { pipeline, Readable, Transform } from 'stream';
import * as tls from 'tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { proxyFor } from './proxy';
import { Failure, reasonOf, Unreachable } from '../report/failure';

export interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** Bytes, or a file that holds them. */
  readonly body?: Buffer | { readonly file: string };
  /** How often it is tried. @default 3 */
  readonly attempts?: number;
  /** How many milliseconds may pass without a byte. @default 30,000 */
  readonly silence?: number;
  /** How many milliseconds an answer may take from its first byte to its last one, where it is read at once. @default 120,000 */
  readonly longest?: number;
}

export interface Response {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No manifest and no error is larger: registries take none of more than 4 MiB. */
const MAX_BODY = 4 * 1024 * 1024;

/** Where systems keep the authorities that they trust, which may be more than those of Node.js. */
const SYSTEM_AUTHORITIES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];

let agent: https.Agent | undefined;
const proxies = new Map<string, http.Agent>();

/** Sends a request, again when nothing or nothing sensible comes back. Fails when that does not help. */
export async function request(what: Request): Promise<Response> {
  return again(what, async () => {
    const { body, ...answer } = await send(what);
    const { longest = 120_000 } = what;
    const timer = setTimeout(() => body.destroy(new Error(`its answer did not end within ${Math.round(longest / 1000)} seconds`)), longest);
    try {
      return { ...answer, body: await whole(body as AsyncIterable<Buffer>) };
    } finally {
      clearTimeout(timer);
    }
  });
}

async function whole(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BODY) throw new Error(`it answers with more than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An answer whose body may be large, and is not read yet. Reading fails when nothing comes for too long. */
export interface OpenResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Readable;
}

/** Sends a request like the other one, and leaves the body to the caller. */
export async function open(what: Request): Promise<OpenResponse> {
  return again(what, async () => send(what), ({ body }) => body.destroy());
}

async function again<T extends { readonly status: number }>(
  { attempts = 3 }: Request, call: () => Promise<T>, discard: (response: T) => void = () => undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === attempts;
    try {
      const response = await call();
      if (isLast || (response.status < 500 && response.status !== 429 && response.status !== 408)) return response;
      discard(response);
    } catch (error) {
      if (isLast) throw error instanceof Failure ? error : new Failure(reasonOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, attempt * 1000));
  }
}

async function send({ method, url, headers, body, silence = 30_000 }: Request): Promise<OpenResponse> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let answer: Transform | undefined;
    const end = (error: Error) => {
      if (isOver) return; // its end is an error, too
      isOver = true;
      clearTimeout(timer);
      answer?.destroy(error);
      call.destroy(error);
      reject(error);
    };
    const options: https.RequestOptions & tls.ConnectionOptions = {
      method, agent: agentFor(url), secureContext: trust(), headers: { ...headers, ...body && { 'content-length': String(sizeOf(body)) } },
    };
    const call = https.request(url, options, (response) => {
      answer = new Transform({
        transform: (chunk, _encoding, done) => {
          timer.refresh();
          done(null, chunk);
        },
      });
      response.on('aborted', () => end(new Unreachable('the connection ended in the middle of the answer')));
      pipeline(response, answer, (error) => {
        clearTimeout(timer);
        if (error) end(error);
      });
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer });
    });
    // The agent's own timeout does not count before a proxy has let the call through.
    const timer = setTimeout(() => end(new Unreachable(`it did not answer for ${Math.round(silence / 1000)} seconds`)), silence);
    call.on('error', end);
    if (!body || Buffer.isBuffer(body)) call.end(body);
    else fs.createReadStream(body.file).on('data', () => timer.refresh()).on('error', end).pipe(call);
  });
}

function sizeOf(body: NonNullable<Request['body']>): number {
  return Buffer.isBuffer(body) ? body.length : fs.statSync(body.file).size;
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
