import { Readable } from 'stream';
import { imageContent, ImageConfig, ImageManifest } from './image-content';
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
    const content = imageContent(manifest);
    if (!content) throw new Failure('the registry has something else than an image for what was pushed');
    return new PushedImage(registry, manifest, content);
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

function isGzip(mediaType: string): boolean {
  return /gzip$/.test(mediaType);
}
