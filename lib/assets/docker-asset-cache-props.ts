import * as ecr from 'aws-cdk-lib/aws-ecr';

/** Properties of a `DockerAssetCache`. */
export interface DockerAssetCacheProps {
  /**
   * The repository that keeps the layers of all image assets, such as a `CacheRepository`. Its tags must be mutable.
   *
   * @default - a new `CacheRepository`
   */
  readonly repository?: ecr.IRepository;
}
