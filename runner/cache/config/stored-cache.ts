import { createHash } from 'crypto';
import { CacheConfig } from './cache-config';
import { checkConfig, configFromJson, configToJson } from './cache-config-json';
import { cacheManifest, CacheManifest, isWrittenAgain, withConfig } from './cache-manifest';
import { completed } from './completed';
import { forked } from './forked';
import { cachedImage, ImageJob } from '../../image/image-job';
import { Descriptor, imageContent } from '../../layers/image-content';
import { verifiedWhole } from '../../layers/verified';
import { Logins } from '../../registry/logins';
import { Manifest, RegistryClient } from '../../registry/registry-client';
import { reasonOf } from '../../report/failure';
import { Log } from '../../report/log';
import { LayerCache } from '../layer-cache';

/** BuildKit reads no larger configuration (`readBlob` in `cache/remotecache/import.go`): in bytes. */
const MAX_CONFIG = 1024 * 1024;

/** The layer cache of an image in a registry, as it is there. */
export class StoredCache {
  /** The layers that it has since it was written, and had not before. */
  public newLayers: readonly Descriptor[] = [];

  constructor(private readonly registry: RegistryClient, private readonly tag: string, private readonly log: Log) {}

  /**
   * Lets BuildKit write it, and then writes its configuration again, so that reading it costs less. If that does not succeed, the cache stays as BuildKit wrote it.
   *
   * @param write gives the reason when it fails
   * @param wasRead whether the one that was there was good enough to be read
   */
  public async writtenBy(write: () => Promise<string | undefined>, wasRead: boolean): Promise<string | undefined> {
    const before = await this.registry.manifest(this.tag).catch(() => undefined); // whatever is there
    const failure = await write();
    if (failure !== undefined) return failure;
    try {
      await this.fork(before, wasRead);
    } catch (error) {
      this.log.warn(`the layer cache stays as BuildKit wrote it, so it takes longer to read if there are many steps: ${reasonOf(error)}`);
    }
    return undefined;
  }

  private async fork(before: Manifest | undefined, wasRead: boolean): Promise<void> {
    const written = await this.registry.manifest(this.tag);
    if (!written) return; // BuildKit writes no cache without layers
    const old = new Set(before && imageContent(before)?.layers.map(({ digest }) => digest));
    this.newLayers = imageContent(written)?.layers.filter(({ digest }) => !old.has(digest)) ?? [];
    const manifest = cacheManifest(written);
    if (written.digest === before?.digest && isWrittenAgain(manifest)) return;
    const [config, earlier] = await Promise.all([this.config(manifest), before && wasRead ? this.earlier(before) : undefined]);
    const result = forked(earlier ? completed(config, earlier) : config);
    checkConfig(result);
    const content = Buffer.from(configToJson(result));
    if (content.length > MAX_CONFIG) throw new Error('its configuration would be too large');
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    await this.registry.putBlob(digest, content);
    if (!await this.registry.setTag(this.tag, withConfig(manifest, digest, content.length))) throw new Error(`the tag '${this.tag}' is immutable`);
  }

  /** What was there before may be anything. */
  private async earlier(before: Manifest): Promise<CacheConfig | undefined> {
    try {
      return await this.config(cacheManifest(before));
    } catch {
      return undefined;
    }
  }

  private async config({ config: { digest, size } }: CacheManifest): Promise<CacheConfig> {
    if (size > MAX_CONFIG) throw new Error('its configuration is larger than BuildKit reads it');
    const blob = await this.registry.blob(digest);
    if (!blob) throw new Error('its configuration is gone');
    const content = await verifiedWhole(blob as AsyncIterable<Buffer>, digest, MAX_CONFIG);
    return configFromJson(content.toString());
  }
}

/** The layer cache that a build of BuildKit writes; undefined where it is not in a registry. */
export function storedCache(job: ImageJob, cache: LayerCache, logins: Pick<Logins, 'client'>): StoredCache | undefined {
  const place = cache.manifest(cachedImage(job));
  return place && new StoredCache(logins.client(place.repository), place.tag, job.log);
}
