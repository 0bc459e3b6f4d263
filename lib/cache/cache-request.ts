import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CachedDockerImage } from '../image/cached-docker-image';
import { LayerCacheSettings } from '../plan/step-settings';
import { TagPlace } from '../repository/tag-claims';
import { SettingVariables } from '../values/setting-variables';

/** What a step tells its layer cache. */
export interface CacheRequest {
  /** The region of the build. */
  readonly region: string;
  readonly variables: SettingVariables;
}

/** What a layer cache adds to a step. */
export interface BoundCache {
  readonly settings: LayerCacheSettings;
  /** Where the cache is, if not in the image's repository. */
  readonly place?: TagPlace;
  /** Tags that point at the image itself. */
  readonly imageTags?: string[];
  /** A repository that the build reads and writes, besides those of the images. */
  readonly repository?: ecr.IRepository;
  /** A repository that the build reads. */
  readonly fallbackRepository?: ecr.IRepository;
  /** Whether layers of all stages are kept in the repository of the image. */
  readonly isBesideImage?: boolean;
  /** Stages of the Dockerfile that are kept as images of their own. */
  readonly stages?: string[];
  /** Permissions beyond those on repositories. */
  readonly statements?: iam.PolicyStatement[];
  /** What CodeBuild keeps on its machine. */
  readonly projectCache?: codebuild.Cache;
  /** The tags that the cache of an image writes. */
  tagsOf?(image: CachedDockerImage): string[];
}
