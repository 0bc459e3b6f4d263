import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TagPlace } from '../image/tag-claims';

/** What a step tells its layer cache. */
export interface CacheRequest {
  /** What the layers belong to. */
  readonly image: Construct;
  /** The address of the image's repository. */
  readonly repositoryUri: string;
  /** A name that belongs to this image, target and platform alone, and to the stack too. */
  readonly cacheTag: string;
  /** The same name in whatever stack the image is, for caches that several pipelines share. */
  readonly sharedCacheTag: string;
}

/** What a layer cache adds to a build. */
export interface BoundCache {
  /** For the scripts in `buildspec/`. */
  readonly environment: { [name: string]: string };
  /** Where the cache is, if not in the image's repository. */
  readonly place?: TagPlace;
  /** The tags that the cache writes there. */
  readonly tags?: string[];
  /** Those of them that point at the image itself. */
  readonly imageTags?: string[];
  /** A repository that the build reads and writes, besides the image's. */
  readonly repository?: ecr.IRepository;
  /** Stages of the Dockerfile that are kept as images of their own. */
  readonly stages?: string[];
  /** Permissions beyond those on repositories. */
  readonly statements?: iam.PolicyStatement[];
  /** What CodeBuild keeps on its machine. */
  readonly projectCache?: codebuild.Cache;
}
