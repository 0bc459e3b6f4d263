import * as ecr from 'aws-cdk-lib/aws-ecr';
import { CacheCompression } from './cache-compression';
import { ExportedCacheOptions } from './exported-cache-options';

/** Options of `LayerCache.registry`. */
export interface RegistryCacheOptions extends ExportedCacheOptions {
  /**
   * The repository that keeps the layers, such as a `CacheRepository`. Its tags must be mutable.
   *
   * Then the cache has permissions and a lifecycle of its own, which builds of untrusted branches need. Layers that the image has as well are
   * uploaded and stored twice, unless the registry lets its repositories mount the blobs of one another.
   *
   * @default - the repository of the image, whose layers the cache shares; one of its own where another account uses the image and the Dockerfile has
   * stages that leave no layer in it
   */
  readonly repository?: ecr.IRepository;

  /**
   * A repository from which the `fallbackScopes` are read. The build may read it and write nothing in it, so that builds of branches and pull requests can begin
   * with the layers of the main branch, and can change nothing that it reads or deploys.
   *
   * @default - the repository of the layers, which the build writes
   */
  readonly fallbackRepository?: ecr.IRepository;

  /**
   * How the layers are compressed that the image itself does not hold.
   *
   * @default CacheCompression.ZSTD
   */
  readonly compression?: CacheCompression;
}
