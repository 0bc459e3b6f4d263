import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { createGunzip } from 'zlib';
import { makeOnce } from '../parts/make-once';
import { Registry } from '../registry/registry';
import { execute } from '../world/execute';

export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: { readonly [path: string]: object };
  /** What it says that it is for. @default 'amd64' */
  readonly architecture?: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * An image made from directories, without a builder: one layer a directory, the same bytes every time.
 */
export class ContainerImage {
  /** Makes the image, or finds it when it was made there before. */
  public static async make(directory: string, how: (root: string) => Promise<string[]>, config: ImageConfig = {}): Promise<ContainerImage> {
    // remade when the code that makes it changes
    const code = ['base-images.ts', 'container-image.ts', 'node-tools.ts', 'wheels.ts'].map(file => fs.readFileSync(path.join(__dirname, file)));
    await makeOnce(directory, [...code, JSON.stringify(config)], async () => {
      const roots = path.join(directory, 'roots');
      await ContainerImage.write(directory, await how(roots), config);
      fs.rmSync(roots, { recursive: true, force: true });
    });
    return new ContainerImage(directory);
  }

  private static async write(directory: string, roots: string[], { architecture = 'amd64', ...config }: ImageConfig) {
    const layers: Descriptor[] = [];
    const diffIds: string[] = [];
    for (const root of roots) {
      const file = path.join(directory, 'layer.tar.gz');
      await execute('bash', ['-euo', 'pipefail', '-c', [
        'tar --create --directory "$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=posix',
        '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime . | gzip --no-name -6 > "$2"',
      ].join(' '), 'layer', root, file]);
      const digest = await hashFile(file);
      diffIds.push(await hashFile(file, true));
      layers.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: fs.statSync(file).size });
      fs.renameSync(file, path.join(directory, digest));
    }
    const put = (mediaType: string, content: object): Descriptor => {
      const bytes = JSON.stringify(content);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      fs.writeFileSync(path.join(directory, digest), bytes);
      return { mediaType, digest, size: bytes.length };
    };
    const created = '1970-01-01T00:00:00Z';
    const configuration = put('application/vnd.oci.image.config.v1+json', {
      created,
      architecture,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: diffIds },
      history: diffIds.map(() => ({ created, created_by: 'play harness' })),
    });
    fs.writeFileSync(path.join(directory, 'manifest.json'), JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: configuration,
      layers,
    }));
  }

  private constructor(private readonly directory: string) {}

  /** Size of all layers as a registry moves them. */
  public get bytes(): number {
    return this.manifest.layers.reduce((total, layer) => total + layer.size, 0);
  }

  /** Puts it into the registry's storage as `host/repository:tag`, past its rules. */
  public async publish(registry: Registry, image: string): Promise<void> {
    const [, host, repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(image)!;
    const { config, layers } = this.manifest;
    for (const { digest, size } of [config, ...layers]) {
      const start = await registry.direct(host, `/v2/${repository}/blobs/uploads/`, { method: 'POST' });
      const location = new URL(start.headers.get('location')!, start.url);
      location.searchParams.set('digest', digest);
      await succeeded(await fetch(location, {
        method: 'PUT',
        body: fs.readFileSync(path.join(this.directory, digest)),
        headers: { 'Content-Length': `${size}`, 'Content-Type': 'application/octet-stream' },
      }));
    }
    await succeeded(await registry.direct(host, `/v2/${repository}/manifests/${tag}`, {
      method: 'PUT',
      body: fs.readFileSync(path.join(this.directory, 'manifest.json')),
      headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
    }));
  }

  private get manifest(): { config: Descriptor; layers: Descriptor[] } {
    return JSON.parse(fs.readFileSync(path.join(this.directory, 'manifest.json'), 'utf8'));
  }
}

async function hashFile(file: string, unpacked = false): Promise<string> {
  const hash = createHash('sha256');
  const bytes = fs.createReadStream(file);
  for await (const chunk of unpacked ? bytes.pipe(createGunzip()) : bytes) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

async function succeeded(answer: Response): Promise<void> {
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}
