import { CachedImage, CachePlace } from './layer-cache';

/** The records of builds are beside their caches, under tags of their own. Undefined in the repository of an image where no tag can be set again. */
export function recordPlaces({ repository: ofImage, hasMutableTags }: CachedImage, caches: readonly CachePlace[]): CachePlace[] | undefined {
  if (caches[0].repository === ofImage && !hasMutableTags) return undefined;
  return caches.map(({ repository, tag }) => ({ repository, tag: `${tag}_record` }));
}
