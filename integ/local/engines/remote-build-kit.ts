import * as fs from 'fs';
import { connect, createServer, Server } from 'net';
import * as path from 'path';
import { Daemon } from './daemon';
import { removeTree } from '../machine/leftovers';
import { parts } from '../parts/parts';
import { KeyPair, TlsAuthority } from '../registry/tls-authority';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

const PORT = 1234;
let networks = 0;

/** A BuildKit on another machine: in a network of its own that one cable connects to that of the builds, reached over mutual TLS only. */
export class RemoteBuildKit {
  /** @param host the name by which builds find it */
  public static async start(host: string, authority: TlsAuthority, certificate: KeyPair): Promise<RemoteBuildKit> {
    const buildKit = new RemoteBuildKit(host, ++networks, authority, certificate);
    await buildKit.connectNetworks();
    await buildKit.start();
    return buildKit;
  }

  public readonly endpoint: string;
  public readonly directory = freshDirectory('remote-buildkit');
  private daemon?: Daemon;
  private way?: Server;

  private constructor(
    private readonly host: string,
    private readonly network: number,
    private readonly authority: TlsAuthority,
    private readonly certificate: KeyPair,
  ) {
    this.endpoint = `tcp://${host}:${PORT}`;
  }

  public get log(): string {
    return fs.readFileSync(path.join(this.directory, 'log'), 'utf8');
  }

  /** Starts it again after `stop`, with what it knew. */
  public async start(): Promise<void> {
    // A file of its own for the names, where what is this machine for the builds is the other end of the cable.
    const hosts = path.join(this.directory, 'hosts');
    fs.writeFileSync(hosts, fs.readFileSync('/etc/hosts', 'utf8').replace(/^127\.0\.0\.1 (?!localhost)/gm, `${this.address(1)} `));
    const { cert, key } = this.certificate;
    this.daemon = await Daemon.start({
      command: 'nsenter',
      args: [
        `--net=/run/netns/${this.name}`, 'unshare', '--mount', 'sh', '-c', `mount --bind '${hosts}' /etc/hosts && exec "$@"`, 'sh', path.join(parts.bin, 'buildkitd'),
        '--config', '/dev/null', '--root', path.join(this.directory, 'state'), '--containerd-worker=false', '--oci-worker=true', '--oci-worker-net=host',
        '--addr', `tcp://0.0.0.0:${PORT}`, '--tlscacert', this.authority.cert, '--tlscert', cert, '--tlskey', key,
      ],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: this.directory, OTEL_TRACES_EXPORTER: 'none' },
      log: path.join(this.directory, 'log'),
      ready: () => new Promise((resolve, reject) => {
        const socket = connect(PORT, this.host, () => resolve(socket.destroy())).on('error', reject);
      }),
    });
  }

  public async stop(): Promise<void> {
    await this.daemon?.stop();
  }

  public async wipe(): Promise<void> {
    await this.stop();
    this.way?.close();
    await ip(`link delete ${this.cable}`); // with its other end
    await ip(`netns delete ${this.name}`);
    await removeTree(this.directory);
  }

  private get name(): string {
    return `remote${this.network}`;
  }

  private get cable(): string {
    return `cable${this.network}`;
  }

  private address(end: 1 | 2): string {
    return `10.99.${this.network}.${end}`;
  }

  private async connectNetworks(): Promise<void> {
    await ip(`netns add ${this.name}`);
    await ip(`link add ${this.cable} type veth peer name eth0 netns ${this.name}`);
    await ip(`addr add ${this.address(1)}/24 dev ${this.cable}`);
    await ip(`link set ${this.cable} up`);
    await ip(`-n ${this.name} addr add ${this.address(2)}/24 dev eth0`);
    await ip(`-n ${this.name} link set eth0 up`);
    await ip(`-n ${this.name} link set lo up`);
    fs.appendFileSync('/etc/hosts', `${this.address(2)} ${this.host}\n`);
    // The registries listen on the loopback of the builds, which is nothing that another network reaches.
    this.way = createServer(socket => {
      const registry = connect(443, '127.0.0.1');
      for (const [from, to] of [[socket, registry], [registry, socket]]) from.pipe(to).on('error', () => from.destroy());
    });
    await new Promise<void>(resolve => this.way!.listen(443, this.address(1), resolve));
  }
}

async function ip(command: string): Promise<void> {
  await execute('ip', command.split(' '));
}
