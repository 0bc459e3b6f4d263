import * as fs from 'fs';
import * as path from 'path';
import { Daemon } from '../engines/daemon';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { freePort } from '../world/free-port';

export interface RegistryStorageOptions {
  /** The address of a registry that it gets from whatever it does not have; nobody can push to it then. */
  readonly upstream?: string;
}

/** The real registry behind everything: `distribution` on a directory, plain HTTP, no rules. */
export class RegistryStorage {
  public static async start({ upstream }: RegistryStorageOptions = {}): Promise<RegistryStorage> {
    const directory = freshDirectory('registry');
    const port = await freePort();
    const config = path.join(directory, 'config.json'); // YAML reads JSON
    fs.writeFileSync(config, JSON.stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: {
        filesystem: { rootdirectory: path.join(directory, 'data'), maxthreads: 200 },
        delete: { enabled: true },
        maintenance: { uploadpurging: { enabled: false } },
      },
      http: { addr: `127.0.0.1:${port}`, secret: 'play', relativeurls: true },
      ...upstream && { proxy: { remoteurl: upstream } },
    }));
    const url = `http://127.0.0.1:${port}`;
    const daemon = await Daemon.start({
      command: path.join(parts.bin, 'registry'),
      args: ['serve', config],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
      log: path.join(directory, 'log'),
      ready: () => fetch(`${url}/v2/`),
    });
    return new RegistryStorage(url, port, directory, daemon);
  }

  private constructor(
    public readonly url: string,
    public readonly port: number,
    private readonly directory: string,
    private readonly daemon: Daemon,
  ) {}

  /** Changes the bytes of a blob, and not how many there are. */
  public corrupt(digest: string): void {
    const [algorithm, hash] = digest.split(':');
    const file = path.join(this.directory, 'data/docker/registry/v2/blobs', algorithm, hash.slice(0, 2), hash, 'data');
    fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size, 'x'));
  }

  public async stop(): Promise<void> {
    await this.daemon.stop();
    fs.rmSync(this.directory, { recursive: true, force: true });
  }
}
