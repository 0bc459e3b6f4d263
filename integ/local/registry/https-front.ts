import * as fs from 'fs';
import { IncomingMessage, ServerResponse } from 'http';
import { createServer, Server } from 'https';
import { createSecureContext, SecureContext } from 'tls';
import { Certificates } from './certificates';
import { worldDirectory } from '../world/directories';

export type Handler = (request: IncomingMessage, response: ServerResponse, host: string) => void;

/** Port 443 of the world: serves every host name given to it, each with a certificate that programs trust. */
export class HttpsFront {
  public static async start(): Promise<HttpsFront> {
    const front = new HttpsFront();
    await new Promise<void>((resolve, reject) => {
      front.server.on('error', reject);
      front.server.listen(443, '127.0.0.1', resolve);
    });
    return front;
  }

  /** Milliseconds every request to any host waits before it is served, as a network would make it. */
  public latencyMs = 0;

  private readonly certificates = new Certificates(worldDirectory());
  private readonly hosts = new Map<string, { readonly handler: Handler; readonly context: SecureContext }>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer({
      SNICallback: (host, done) => {
        const known = this.hosts.get(host);
        done(known ? null : new Error(`nobody serves ${host}`), known?.context);
      },
    }, (request, response) => {
      const host = (request.headers.host ?? '').replace(/:443$/, '');
      const known = this.hosts.get(host);
      if (known && this.latencyMs > 0) return void setTimeout(() => known.handler(request, response, host), this.latencyMs);
      if (known) return known.handler(request, response, host);
      response.writeHead(421).end(`nobody serves ${host}`);
    });
    this.server.keepAliveTimeout = 60_000;
    this.server.requestTimeout = 0; // uploads take as long as they take
  }

  /** From now on the name resolves to this server. */
  public async serve(host: string, handler: Handler): Promise<void> {
    if (!this.hosts.has(host)) fs.appendFileSync('/etc/hosts', `127.0.0.1 ${host}\n`);
    this.hosts.set(host, { handler, context: createSecureContext(await this.certificates.forHost(host)) });
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }
}
