import { CachedImage, LayerCache } from './layer-cache';
import { Scopes } from './scopes';

/** The record of a build is beside its cache, under tags of their own, or in the repository of the image. */
export function recordPlace(own: string | undefined, scopes: Scopes, image: CachedImage): ReturnType<LayerCache['record']> {
  if (own === undefined && !image.hasMutableTags) return undefined;
  return { repository: own ?? image.repository, tags: scopes.all(image).map((name) => `${name}_record`) };
}
