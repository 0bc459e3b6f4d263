import { cachedImage } from './image-job';
import { parseDockerfile } from './parse-dockerfile';
import { RunningBuilder } from '../builder/builder';
import { cacheIsComplete, layersWorthKeeping } from '../cache/cache-is-complete';
import { StoredCache } from '../cache/config/stored-cache';
import { LayerCache } from '../cache/layer-cache';
import { ProvenBuild } from '../links/build-proven';
import { BuildRecord } from '../record/build-record';

export interface LayersToKeep {
  readonly image: ProvenBuild;
  readonly builder: RunningBuilder;
  readonly cache: LayerCache;
  /** The cache where BuildKit writes it; undefined where that is not in a registry, or something else writes it. */
  readonly stored?: StoredCache;
  /** What the last build has left beside the cache; undefined where nothing can be left. */
  readonly known?: BuildRecord;
}

export interface KeptLayers {
  /** Why they could not be kept. */
  readonly failure?: string;
  /** Whether the cache has all of them, so that it was not written. */
  readonly wasComplete?: boolean;
  /** What the cache is of from now on. */
  readonly record?: BuildRecord['cache'];
}

/** Writes the layer cache, unless all that is new are the last copies of the Dockerfile. */
export async function keepLayers({ image: { job, built, image }, builder, cache, stored, known }: LayersToKeep): Promise<KeptLayers> {
  const write = async () => builder.keepLayers(job);
  const keep = async () => (stored ? stored.writtenBy(write, built.unreadCache === undefined) : write());
  // Whoever did not answer before the build is not asked again.
  if (job.unreadCache !== undefined && cache.target(cachedImage(job)) !== undefined) return { failure: job.unreadCache, record: known?.cache };
  const [place] = cache.records(cachedImage(job)) ?? [];
  if (!known || !image || !place) return { failure: await keep() };
  const { target } = job.plan;
  const dockerfile = parseDockerfile(job);
  const layers = layersWorthKeeping(image.content, await image.config(), dockerfile, target);
  const name = place.tag.replace(/_record$/, '');
  if (cacheIsComplete({ built, dockerfile, target, layers, written: known.cache, name })) return { wasComplete: true, record: known.cache };
  const failure = await keep();
  return failure === undefined ? { record: { writtenAt: new Date().toISOString(), layers } } : { failure, record: known.cache };
}
