import type { AddressInfo, NetConnectOpts, Server, Socket } from 'net';

// The module itself, whose functions can be replaced; an import has only views of them.
const net = jest.requireActual<typeof import('net')>('net');

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => new Promise((resolve) => { server.close(resolve); })));
});

/** Stands for port 2375 of the build machine, whatever the machine of the tests has there. */
export class EnginePort {
  /** How often somebody was let in. */
  public connections = 0;
  private port = 1; // nobody listens there
  private server?: Server;

  constructor() {
    const { connect } = net;
    jest.spyOn(net, 'connect').mockImplementation(((options: NetConnectOpts & { port: number }): Socket => (
      connect({ ...options, port: options.port === 2375 ? this.port : options.port }))) as typeof net.connect);
  }

  public async open(): Promise<void> {
    this.server = net.createServer((socket) => {
      this.connections++;
      socket.end();
    });
    servers.push(this.server);
    await new Promise<void>((resolve) => { this.server!.listen(0, '127.0.0.1', resolve); });
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** As a rule of the firewall does. */
  public close(): void {
    this.port = 1;
  }
}
