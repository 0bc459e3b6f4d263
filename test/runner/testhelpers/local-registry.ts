import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import * as net from 'net';
import * as os from 'os';
import * as path from 'path';
import { Duplex } from 'stream';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
}

/** What answers a request itself. */
export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** A registry on this machine with a certificate of its own, which this process is told to trust. It gives its answers one after the other. */
export class LocalRegistry {
  public static async start(): Promise<LocalRegistry> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'local-registry-'));
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(directory, name));
    execFileSync('openssl', [
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=a registry for tests',
      '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', key, '-out', cert,
    ], { stdio: 'pipe' });
    const registry = new LocalRegistry(directory, cert, https.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }));
    await new Promise<void>((resolve) => registry.server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  public requests: Received[] = [];
  public answers: (Answer | Handler)[] = [];
  private readonly sockets = new Set<Duplex>();

  private constructor(private readonly directory: string, public readonly certificate: string, private readonly server: https.Server) {
    server.on('connection', (socket) => this.sockets.add(socket));
    server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
      let body = '';
      request.setEncoding('utf8').on('data', (data: string) => { body += data; }).on('end', () => {
        this.requests.push({ method: request.method!, url: request.url!, headers: request.headers, body });
        const answer = this.answers.shift() ?? { status: 599, body: 'the registry was not told what to answer' };
        if (typeof answer === 'function') answer(request, response);
        else response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  }

  public get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  public get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Forgets what a test has left. */
  public reset(): void {
    this.requests = [];
    this.answers = [];
  }

  public async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
    fs.rmSync(this.directory, { recursive: true });
  }
}

export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';

/** The answer of a registry that has what it is asked for. */
export function found(body: string, type = OCI_IMAGE): Answer {
  return { status: 200, headers: { 'content-type': type }, body };
}

/** The answer of a registry that refuses, in the format of the registries. */
export function refused(status: number, code: string, message = 'the message of the registry'): Answer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify({ errors: [{ code, message }] }) };
}

export const NOT_FOUND = refused(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
