import { BuilderRequest } from './builder-check';
import { LayerCache } from '../cache/layer-cache';
import { RegistryCacheOptions } from '../cache/registry-cache-options';
import { CachedDockerImage } from '../image/cached-docker-image';
import { CacheRepository } from '../repository/cache-repository';
import { RepositoryIdentity } from '../repository/repository-identity';

const ID = 'KanikoCache';

/** What kaniko has no use for: it keeps each layer for itself, under a tag that says what the layer was made from. */
const MEANINGLESS: (keyof RegistryCacheOptions)[] = ['compression', 'fallbackRepository', 'fallbackScopes', 'mode', 'scope'];

/** A repository for the layers of the images of a step. It belongs to the first of them. */
export function defaultKanikoCache([image]: CachedDockerImage[]): LayerCache {
  const repository = image.node.tryFindChild(ID) as CacheRepository | undefined ?? new CacheRepository(image, ID);
  return LayerCache.registry({ repository });
}

/** Raises an error for a cache that kaniko cannot keep, or not in the way that is asked for. */
export function checkKanikoCache({ step, image, cache }: BuilderRequest): void {
  const options = cache._registryOptions;
  if (!options) {
    return; // there is none
  }
  const { repository } = options;
  const remedy = 'give LayerCache.registry() a CacheRepository, or leave the cache out for a new one';
  if (!repository || repository === image.repository) {
    throw new Error(`'${step}': DockerBuilder.kaniko() keeps each layer under a tag of its own, too many for the repository of the image; ${remedy}`);
  }
  const identity = RepositoryIdentity.ofCache(repository);
  if (identity.isImmutable('0'.repeat(64))) {
    throw new Error(`'${step}': DockerBuilder.kaniko() overwrites layers, and the tags of ${identity.what} are immutable; ${remedy}`);
  }
  const given = MEANINGLESS.filter((option) => options[option] !== undefined);
  if (given.length > 0) {
    throw new Error(`'${step}': DockerBuilder.kaniko() finds each layer by what it was made from, whoever made it, and compresses it with gzip,`
      + ` so ${given.join(', ')} of LayerCache.registry() would have no effect; leave that out, or use DockerBuilder.buildkit()`);
  }
}
