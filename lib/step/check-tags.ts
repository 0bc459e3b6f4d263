import { BoundCache } from '../cache/cache-request';
import { CachedDockerImage } from '../image/cached-docker-image';
import { isTag, TAG_RULE } from '../plan/tag-syntax';
import { claimTag, TagPlace } from '../repository/tag-claims';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** Raises an error when a tag of an image or its cache is none, cannot be set with each build, or belongs to another image. */
export function checkTags(id: string, image: CachedDockerImage, cache: BoundCache, additional: string[]): void {
  const ofCache = cache.tagsOf?.(image) ?? [];
  for (const tag of additional.filter(isKnownAtSynthesis)) {
    if (!isTag(tag)) {
      throw new Error(`'${id}': additionalTags must be ${TAG_RULE}, got ${JSON.stringify(tag)}`);
    }
    if (!cache.place && ofCache.includes(tag) && !cache.imageTags?.includes(tag)) {
      throw new Error(`'${id}': the tag '${tag}' of additionalTags holds the layer cache; give the image another one`);
    }
    checkMoves(id, image._identity, tag);
  }
  const place = cache.place ?? image._identity;
  ofCache.forEach((tag) => checkMoves(id, place, tag));
  [...cache.imageTags ?? [], ...additional].forEach((tag) => claimTag(image, image._identity, tag));
  ofCache.forEach((tag) => claimTag(image, place, tag));
}

function checkMoves(id: string, place: TagPlace, tag: string): void {
  if (place.isImmutable(tag)) {
    throw new Error(`'${id}': the tag '${tag}' is the same for each build, but immutable in ${place.what}, so the second build could not set it; add it to the mutableTags of the ImageRepository, or to the exclusions of another repository`);
  }
}
