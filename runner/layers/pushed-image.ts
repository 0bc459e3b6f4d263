import { Readable } from 'stream';
import { Descriptor, ImageConfig, ImageManifest } from './image-content';
import { LayerEntry, layerEntries } from './layer-entries';
import { verified, verifiedWhole } from './verified';
import { Manifest, RegistryClient } from '../registry/registry-client';
import { Failure } from '../report/failure';

/** No configuration is larger, in bytes. */
const MAX_CONFIG = 16 * 1024 * 1024;

/** An image in its repository that has no tag yet, read as far as it is needed. */
export class PushedImage {
  /** Waits until the registry shows it. Fails for anything else than an image. */
  public static async find(registry: RegistryClient, pushed: string): Promise<PushedImage> {
    const manifest = await registry.pushedManifest(pushed);
    return new PushedImage(registry, manifest, contentOf(manifest));
  }

  private knownConfig?: Promise<ImageConfig>;

  private constructor(private readonly registry: RegistryClient, public readonly manifest: Manifest, public readonly content: ImageManifest) {}

  public async config(): Promise<ImageConfig> {
    return this.knownConfig ??= this.readConfig();
  }

  /** What is in one of its layers. */
  public async entries(index: number): Promise<LayerEntry[]> {
    return layerEntries(await this.layer(index), isGzip(this.content.layers[index].mediaType));
  }

  /** The bytes of one of its layers, which fail when they are others than the manifest says. */
  public async layer(index: number): Promise<Readable> {
    const { digest, size } = this.content.layers[index];
    return Readable.from(verified(await this.blob(digest), digest, size));
  }

  private async readConfig(): Promise<ImageConfig> {
    const { digest } = this.content.config;
    return JSON.parse((await verifiedWhole(await this.blob(digest), digest, MAX_CONFIG)).toString()) as ImageConfig;
  }

  private async blob(digest: string): Promise<AsyncIterable<Buffer>> {
    const bytes = await this.registry.blob(digest);
    if (!bytes) throw new Failure(`the registry does not have ${digest}, which was just pushed`);
    return bytes as AsyncIterable<Buffer>;
  }
}

/** Fails when it is no manifest of an image. */
function contentOf({ body }: Manifest): ImageManifest {
  try {
    const content = JSON.parse(body.toString()) as ImageManifest | null;
    if (content && Array.isArray(content.layers) && [content.config, ...content.layers].every(isDescriptor)) return content;
  } catch {
    // said below
  }
  throw new Failure('the registry has something else than an image for what was pushed');
}

/** Whether a manifest names a blob by it. */
export function isDescriptor(json: unknown): json is Descriptor {
  const { mediaType, digest, size } = Object(json) as { [key: string]: unknown };
  return typeof mediaType === 'string' && typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) && Number.isSafeInteger(size) && (size as number) >= 0;
}

function isGzip(mediaType: string): boolean {
  return /gzip$/.test(mediaType);
}
