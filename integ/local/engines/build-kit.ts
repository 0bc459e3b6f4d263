import * as fs from 'fs';
import * as path from 'path';
import { Daemon } from './daemon';
import { removeTree } from '../machine/leftovers';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

export interface BuildKitOptions {
  /** buildkitd.toml, for mirrors. */
  readonly config?: string;
  /** Whether it keeps all in memory: many small builds wait more for the disk than for anything else. */
  readonly isInMemory?: boolean;
  /** How large its disk is, in kilobytes. @default that of this machine */
  readonly diskSize?: number;
}

/** A BuildKit that knows nothing yet, as on a machine nobody built on. */
export class BuildKit {
  public static async fresh(options: BuildKitOptions = {}): Promise<BuildKit> {
    const buildKit = new BuildKit(freshDirectory('buildkit'), options);
    await buildKit.start();
    return buildKit;
  }

  private readonly socket: string;
  private readonly name: string;
  private daemon?: Daemon;

  private constructor(private readonly directory: string, private readonly options: BuildKitOptions) {
    this.name = path.basename(directory).toLowerCase();
    this.socket = `/run/${this.name}.sock`;
  }

  /** What makes a build use this one. */
  public get environment(): { BUILDX_BUILDER: string; BUILDX_CONFIG: string } {
    return { BUILDX_BUILDER: this.name, BUILDX_CONFIG: path.join(this.directory, 'buildx') };
  }

  private get state(): string {
    if (this.options.diskSize !== undefined) return path.join(this.directory, 'disk', 'state');
    return this.options.isInMemory ? `/run/${this.name}` : path.join(this.directory, 'state');
  }

  public get log(): string {
    return fs.readFileSync(path.join(this.directory, 'log'), 'utf8');
  }

  /** Starts it again after `stop`, with what it knew: a machine that is kept. */
  public async start(): Promise<void> {
    const config = path.join(this.directory, 'buildkitd.toml');
    fs.writeFileSync(config, this.options.config ?? '');
    const disk = path.join(this.directory, 'disk');
    if (this.options.diskSize !== undefined && !fs.existsSync(disk)) {
      fs.mkdirSync(disk);
      await execute('mount', ['-t', 'tmpfs', '-o', `size=${this.options.diskSize}k`, 'tmpfs', disk]);
    }
    this.daemon = await Daemon.start({
      command: path.join(parts.bin, 'buildkitd'),
      args: [
        '--config', config, '--root', this.state, '--addr', `unix://${this.socket}`,
        '--containerd-worker=false', '--oci-worker=true', '--oci-worker-net=host',
      ],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: this.directory, OTEL_TRACES_EXPORTER: 'none' },
      log: path.join(this.directory, 'log'),
      ready: async () => fs.accessSync(this.socket),
    });
    const buildx = path.join(parts.bin, 'buildx');
    const env = { PATH: process.env.PATH, HOME: this.directory, BUILDX_CONFIG: this.environment.BUILDX_CONFIG };
    if (!fs.existsSync(env.BUILDX_CONFIG)) {
      await execute(buildx, ['create', '--name', this.name, '--driver', 'remote', `unix://${this.socket}`], { env });
    }
    await execute(buildx, ['inspect', '--bootstrap', this.name], { env });
  }

  public async stop(): Promise<void> {
    await this.daemon?.stop();
    fs.rmSync(this.socket, { force: true });
  }

  /** Ends it in the middle of everything. */
  public kill(): void {
    this.daemon?.kill();
  }

  /** Ends it and everything it knew. */
  public async wipe(): Promise<void> {
    await this.stop();
    await Promise.all([this.state, this.directory].map(removeTree));
  }
}
