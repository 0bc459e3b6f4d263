import { createHash } from 'crypto';
import * as http from 'http';
import * as https from 'https';
import { AddressInfo } from 'net';
import { Identity } from './test-authority';

interface Entry {
  readonly type: string;
  readonly body: Buffer;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a registry answers that does not have it. */
export const NOT_FOUND: RegistryAnswer = { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"Requested image not found"}]}' };
export const DENIED: RegistryAnswer = { status: 403, body: '{"errors":[{"code":"DENIED","message":"not for you"}]}' };
export const IMMUTABLE: RegistryAnswer = { status: 400, body: '{"errors":[{"code":"TAG_INVALID","message":"The tag already exists and cannot be overwritten because the tag is immutable."}]}' };

/** A registry that keeps manifests and blobs, over HTTPS. Has to be stopped. */
export class FakeRegistry {
  /** Each request, such as `GET team/app v1`. */
  public readonly requests: string[] = [];
  public readonly authorizations = new Set<string | undefined>();
  /** How many requests there were at the same time at most. */
  public mostAtOnce = 0;
  /** In milliseconds, for each answer. */
  public delay = 0;
  /** What it answers to a request instead. */
  public readonly answers: { [request: string]: RegistryAnswer } = {};
  /** By repository and digest. */
  public readonly blobs = new Map<string, Buffer>();
  private readonly entries = new Map<string, Entry>();
  private atOnce = 0;
  private readonly server: https.Server;

  constructor(identity: Identity) {
    this.server = https.createServer(identity, (request, response) => {
      this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
      if (request.url!.includes('/blobs/')) {
        this.blob(request, response);
        return;
      }
      const [, repository, reference] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(decodeURIComponent(request.url!)) ?? [];
      const name = `${request.method} ${repository} ${reference}`;
      this.requests.push(name);
      this.authorizations.add(request.headers.authorization);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => setTimeout(() => {
        this.atOnce--;
        const entry = this.entries.get(`${repository} ${reference}`);
        const answer = this.answers[name] ?? (request.method === 'GET' && !entry ? NOT_FOUND : undefined);
        if (answer) {
          response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
        } else if (request.method === 'PUT') {
          this.put(repository, reference, Buffer.concat(chunks), request.headers['content-type']!);
          response.writeHead(201).end();
        } else {
          response.writeHead(200, { 'content-type': entry!.type }).end(entry!.body);
        }
      }, this.delay));
    });
  }

  private blob(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method, url } = request;
    const { pathname, searchParams } = new URL(url!, 'https://registry');
    const repository = pathname.replace(/^\/v2\/(.+)\/blobs\/.*$/, '$1');
    const name = `${repository} ${searchParams.get('digest') ?? pathname.split('/').at(-1)}`;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.atOnce--;
      if (method === 'PUT') this.blobs.set(name, Buffer.concat(chunks));
      if (method === 'POST') response.writeHead(202, { location: `${url}1` }).end();
      else if (method === 'PUT') response.writeHead(201).end();
      else response.writeHead(this.blobs.has(name) ? 200 : 404).end(method === 'GET' ? this.blobs.get(name) : undefined);
    });
  }

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => { this.server.close(resolve); });
  }

  public get host(): string {
    return `localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** Keeps a manifest by its digest, and by a tag if there is one. */
  public put(repository: string, tag: string | undefined, body: Buffer, type: string): string {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    for (const reference of [digest, ...tag === undefined ? [] : [tag]]) this.entries.set(`${repository} ${reference}`, { type, body });
    return digest;
  }

  /** The digest of what has a tag. */
  public digestOf(repository: string, tag: string): string | undefined {
    const entry = this.entries.get(`${repository} ${tag}`);
    return entry && `sha256:${createHash('sha256').update(entry.body).digest('hex')}`;
  }
}
