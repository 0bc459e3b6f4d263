import { ExportedCacheOptions } from './exported-cache-options';

/** Options of `LayerCache.s3`. */
export interface S3CacheOptions extends ExportedCacheOptions {
  /**
   * What the names of all objects begin with. The build may read and write nothing else in the bucket. It may learn the names of
   * other objects, so give the cache a bucket without names that are secret.
   *
   * It is a folder, or several, of letters, digits and any of `!-_.'()`, with a slash at its end.
   *
   * @default 'docker-layers/'
   */
  readonly prefix?: string;
}
