import * as ecr from 'aws-cdk-lib/aws-ecr';

/** Properties of a `DockerAssetCache`. */
export interface DockerAssetCacheProps {
  /**
   * The repository that keeps the layers of all image assets, such as a `CacheRepository`. Its tags must be mutable, and its name
   * known at synthesis, since laptops and workflows find it by its name.
   *
   * @default - a new `CacheRepository` with a name that is made of those of its stack and of this construct
   */
  readonly repository?: ecr.IRepository;
}
