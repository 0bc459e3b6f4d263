import { CacheMode } from './cache-mode';

/** Options of a cache that is written apart from the image. */
export interface ExportedCacheOptions {
  /**
   * A part of the cache that is used for itself, such as the branch of the pipeline. It can be a pipeline variable.
   *
   * Builds of one scope read and write the same layers, also from another stack or app, if the id of the image is the same and the cache is
   * in the same place. Any name will do: what a tag cannot hold is replaced, and names stay different.
   *
   * @default - a scope of the image's stack and id
   */
  readonly scope?: string;

  /**
   * Scopes to read from as well, such as that of the main branch, for a branch that is built for the first time. They are never written.
   *
   * @default - none
   */
  readonly fallbackScopes?: string[];

  /**
   * Which layers are kept.
   *
   * @default CacheMode.MAX
   */
  readonly mode?: CacheMode;

  /**
   * Whether a build succeeds when its layers cannot be kept. It says so in either case, and pushes the image before.
   *
   * @default true
   */
  readonly ignoreErrors?: boolean;
}
