import * as fs from 'fs';
import * as path from 'path';
import { EcrRepository } from './ecr-repository';
import { digestOf } from '../../runner/testhelpers/layers';

const DAY = 24 * 60 * 60 * 1000;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = fs.readFileSync(path.join(__dirname, '../../runner/cache/config/fixtures/first.json'));

/** Where BuildKit keeps the layers of one scope. */
export interface LayerStore {
  /** As the report of a build calls it. */
  readonly from: string;
  /** Its tag, or its name in a bucket. */
  readonly name: string;
  /** The layer that is kept there; undefined when there is none, or it is gone. */
  read(): Promise<string | undefined>;
  write(layer: string): Promise<void>;
}

/** A tag of a repository. The manifest is the same as long as the layer is. */
export class RegistryStore implements LayerStore {
  constructor(private readonly registry: EcrRepository, public readonly name: string) {}

  public get from(): string {
    return this.name;
  }

  public async read(): Promise<string | undefined> {
    const manifest = await this.registry.manifest(this.name);
    return manifest && JSON.parse(manifest.body.toString()).layers[0].digest;
  }

  public async write(layer: string): Promise<void> {
    const config = { mediaType: 'application/vnd.buildkit.cacheconfig.v0', ...this.registry.put(CONFIG) };
    const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: layer, size: 1 }];
    await this.registry.setTag(this.name, { type: MANIFEST, body: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config, layers })), digest: '' });
  }
}

/** A bucket whose objects expire. */
export class Bucket {
  /** When each object was written. */
  private readonly objects = new Map<string, number>();
  private readonly manifests = new Map<string, string>();

  /** @param days after which its rule removes an object that was not written again */
  constructor(private readonly days: number) {}

  /** As BuildKit does it: an object that is there is written again when it is older than a day (`touch_refresh`). */
  public store(name: string): LayerStore {
    const manifest = `manifests/${name}`;
    return {
      from: 's3',
      name,
      read: async () => {
        const layer = this.objects.has(manifest) ? this.manifests.get(manifest) : undefined;
        return layer !== undefined && this.objects.has(`blobs/${layer}`) ? layer : undefined;
      },
      write: async (layer) => {
        const blob = `blobs/${layer}`;
        if (Date.now() - (this.objects.get(blob) ?? 0) > DAY) this.objects.set(blob, Date.now());
        this.objects.set(manifest, Date.now());
        this.manifests.set(manifest, layer);
      },
    };
  }

  public evaluate(): void {
    this.objects.forEach((writtenAt, key) => {
      if (Date.now() - writtenAt > this.days * DAY) this.objects.delete(key);
    });
  }

  public get size(): number {
    return this.objects.size;
  }
}

/** The digest of a layer that is known by what it was made from. */
export function layerDigest(...from: readonly unknown[]): string {
  return digestOf(JSON.stringify(from));
}
