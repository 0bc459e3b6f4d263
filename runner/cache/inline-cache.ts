import { cacheName } from './cache-name';
import { LayerCache, NOTHING } from './layer-cache';
import { InlineCacheSettings } from '../../lib/plan/step-settings';

/** Layers of the last image, and of stages that are kept as images of their own. */
export function inlineCache({ tags, stages }: InlineCacheSettings): LayerCache {
  const cache: LayerCache = {
    ...NOTHING,
    isInline: true,
    stages,
    stageImages: ({ repository, sharedCacheName }, stage) => tags.map((tag) => `${repository}:${cacheName(sharedCacheName, `${tag}/${stage}`)}`),
    sources: (image) => tags.flatMap((tag, index) => [`${image.repository}:${tag}`, ...stages.map((stage) => cache.stageImages(image, stage)[index])]),
    readPlaces: ({ repository }) => tags.map((tag) => ({ repository, tag })),
    imageTags: [tags[0]],
  };
  return cache;
}
