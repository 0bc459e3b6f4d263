import * as iam from 'aws-cdk-lib/aws-iam';

/** What a step tells its layer cache. */
export interface CacheRequest {
  /** The address of the image's repository. */
  readonly repositoryUri: string;
  /** A tag that belongs to this image and platform alone. */
  readonly cacheTag: string;
}

/** What a layer cache adds to a build. */
export interface BoundCache {
  /** For the scripts in `buildspec/`. */
  readonly environment: { [name: string]: string };
  /** The tags of the image's repository that the cache writes. */
  readonly tags: string[];
  /** Those of them that point at the image itself. */
  readonly imageTags: string[];
  /** Permissions beyond those on the image's repository. */
  readonly statements: iam.PolicyStatement[];
  /** Whether the cache travels within the image. */
  readonly isInline: boolean;
  /** Whether the builder has to write the cache by itself, apart from the image. */
  readonly isExported: boolean;
}
