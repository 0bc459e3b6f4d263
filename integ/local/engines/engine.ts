import * as fs from 'fs';
import * as path from 'path';
import { Daemon } from './daemon';
import { removeTree } from '../machine/leftovers';
import { DebianPackages } from '../parts/debian-packages';
import { makeOnce } from '../parts/make-once';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

/** The Debian suite whose engine it is: bookworm has 20.10, trixie 26.1, sid 28.5. */
export type EngineSuite = 'bookworm' | 'trixie' | 'sid';

export interface EngineOptions {
  readonly suite: EngineSuite;
  /** `overlay2` is the classic store, and what CodeBuild starts; `containerd` the newer one. @default 'overlay2' */
  readonly store?: 'overlay2' | 'containerd';
  /** Whether it is a machine of its own, which builds reach at an address and not at the socket of theirs. */
  readonly isServer?: boolean;
}

// runc is the machine's own: the newer ones want a newer libc, the rest does not
const packages: { readonly [suite in EngineSuite]: readonly string[] } = {
  bookworm: ['docker.io', 'containerd'],
  trixie: ['docker.io', 'docker-cli', 'containerd'],
  sid: ['docker.io', 'docker-cli', 'containerd'],
};

/** Where an engine like CodeBuild's listens besides its socket: open to everything that has the network of the build machine. */
export const enginePort = 'tcp://127.0.0.1:2375';

// the init process of containers has to be a static program, which newer suites lack
const init = { suite: 'bookworm', packages: ['tini'] };

/** A Docker engine of Debian's, unpacked instead of installed, with nothing in it when it starts. */
export class Engine {
  public static async fresh(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(Engine.directory(options.suite), freshDirectory('engine'), options);
    await engine.start();
    return engine;
  }

  /** Downloads and unpacks a suite's engine unless that was done before. */
  public static async prepare(suite: EngineSuite, say: (line: string) => void): Promise<void> {
    await makeOnce(Engine.directory(suite), [JSON.stringify([packages[suite], init])], async directory => {
      say(`getting the Docker engine of ${suite}`);
      await new DebianPackages(suite).unpack(packages[suite], directory);
      await new DebianPackages(init.suite).unpack(init.packages, directory);
    });
  }

  private static directory(suite: EngineSuite): string {
    return parts.directory('engines', suite);
  }

  private daemon?: Daemon;

  private constructor(private readonly root: string, private readonly directory: string, private readonly options: EngineOptions) {}

  /** Where it listens. At the second one every client looks by itself. */
  public get address(): string {
    return this.options.isServer ? 'unix:///run/docker-server.sock' : 'unix:///run/docker.sock';
  }

  /** What makes a build use this engine: its own programs first. */
  public get environment(): { [name: string]: string } {
    return {
      PATH: ['usr/bin', 'usr/sbin', 'usr/libexec/docker'].map(directory => path.join(this.root, directory)).join(':'),
      ...this.options.isServer && { DOCKER_HOST: this.address },
    };
  }

  /** Its own program. */
  public get client(): string {
    return path.join(this.root, 'usr/bin/docker');
  }

  public get log(): string {
    return fs.readFileSync(path.join(this.directory, 'log'), 'utf8');
  }

  public async docker(...args: string[]): Promise<string> {
    const env = { PATH: this.searchPath, HOME: this.directory, DOCKER_HOST: this.address };
    return execute(this.client, args, { env });
  }

  public async start(): Promise<void> {
    const config = path.join(this.directory, 'daemon.json');
    const containerd = this.options.store === 'containerd';
    fs.writeFileSync(config, JSON.stringify({
      'data-root': path.join(this.directory, 'data'),
      'exec-root': `/run/${path.basename(this.directory)}`,
      'pidfile': path.join(this.directory, 'pid'),
      'hosts': [this.address, ...this.options.isServer ? [] : [enginePort]],
      'storage-driver': containerd ? 'overlayfs' : 'overlay2',
      ...containerd && { features: { 'containerd-snapshotter': true } },
    }));
    this.daemon = await Daemon.start({
      command: path.join(this.root, 'usr/sbin/dockerd'),
      args: ['--config-file', config, '--init-path', path.join(this.root, 'usr/bin/tini-static')],
      env: { PATH: this.searchPath, HOME: this.directory },
      log: path.join(this.directory, 'log'),
      ready: () => this.docker('version'),
    });
  }

  /** Ends it in the middle of everything. */
  public kill(): void {
    this.daemon?.kill();
  }

  /** Ends it and everything it knew. */
  public async wipe(): Promise<void> {
    await this.daemon?.stop();
    await removeTree(this.directory);
  }

  private get searchPath(): string {
    return `${this.environment.PATH}:/usr/sbin:/usr/bin:/sbin:/bin`;
  }
}
