import * as ecr from 'aws-cdk-lib/aws-ecr';
import { CacheCompression } from './cache-compression';
import { ExportedCacheOptions } from './exported-cache-options';

/** Options of `LayerCache.registry`. */
export interface RegistryCacheOptions extends ExportedCacheOptions {
  /**
   * The repository that keeps the layers, such as a `CacheRepository`. Its tags must be mutable.
   *
   * Then the cache has permissions and a lifecycle of its own, which builds of untrusted branches need. Layers that the image has as well are
   * uploaded and stored twice.
   *
   * @default - the repository of the image, whose layers the cache shares
   */
  readonly repository?: ecr.IRepository;

  /**
   * How the layers are compressed that the image itself does not hold.
   *
   * @default CacheCompression.ZSTD
   */
  readonly compression?: CacheCompression;
}
