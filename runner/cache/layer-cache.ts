/** What a layer cache has to know of an image. */
export interface CachedImage {
  /** The address of the image's repository. */
  readonly repository: string;
  /** The address of one for the layers of all stages, if it is another one. */
  readonly cacheRepository?: string;
  readonly cacheName: string;
  readonly sharedCacheName: string;
  /** Whether tags `cache-*` of the image's repository can be set again. */
  readonly hasMutableTags: boolean;
}

/** Some image, to ask a cache what it does. */
export const NOBODY: CachedImage = { repository: '', cacheName: '', sharedCacheName: '', hasMutableTags: true };

/** A tag of a repository. */
export interface CachePlace {
  readonly repository: string;
  readonly tag: string;
}

/** Where the layers of earlier builds are, and where this one leaves its own. */
export interface LayerCache {
  /** Repositories that it has to itself. */
  readonly repositories: readonly string[];
  /** Whether an engine's own BuildKit can use it. */
  readonly isForEngines: boolean;
  /** Whether the image itself carries what the next build needs. */
  readonly isInline: boolean;
  /** Stages that are kept as images of their own. */
  readonly stages: readonly string[];
  /** Tags that each image gets so that the next build finds it. */
  readonly imageTags: readonly string[];
  /** Whether a build fails when its layers cannot be kept. */
  readonly isRequired: boolean;
  /** Where layers stay by themselves, for the report. */
  readonly keeper?: string;
  /** Where layers are read from, as BuildKit takes it. */
  sources(image: CachedImage): string[];
  /** Which of these places are tags of registries. */
  readPlaces(image: CachedImage): CachePlace[];
  /** Which are objects of a bucket, by their addresses. */
  readObjects(image: CachedImage): string[];
  /** Where layers are written apart from the image, as BuildKit takes it; undefined where they are not. */
  target(image: CachedImage): string | undefined;
  /** Where what is written is a manifest of a registry, and under which tag; undefined where it is none. */
  manifest(image: CachedImage): CachePlace | undefined;
  /** Where builds leave a record beside it: the places to read, the one to write first. Undefined where there is no such place. */
  records(image: CachedImage): readonly CachePlace[] | undefined;
  /** The images of a stage to read from, the one to write first. */
  stageImages(image: CachedImage, stage: string): string[];
}

/** A cache that keeps nothing, for others to begin with. */
export const NOTHING: LayerCache = {
  repositories: [],
  isForEngines: true,
  sources: () => [],
  readPlaces: () => [],
  readObjects: () => [],
  target: () => undefined,
  manifest: () => undefined,
  records: () => undefined,
  isInline: false,
  stages: [],
  stageImages: () => [],
  imageTags: [],
  isRequired: false,
};
