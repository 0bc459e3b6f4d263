/** Options of `LayerCache.inline`. */
export interface InlineCacheOptions {
  /**
   * Tags of the image to read layers from. The first one is set to each new image; the others, such as that of the main branch, are only read.
   *
   * @default ['latest']
   */
  readonly fromTags?: string[];

  /**
   * Stages of the Dockerfile that are pushed as images of their own, under tags `cache-*`, and read from as well.
   *
   * Name those that run something expensive and are not part of the image, such as the one with the compiler.
   *
   * @default - none
   */
  readonly stages?: string[];
}
