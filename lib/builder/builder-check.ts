import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { LayerCache } from '../cache/layer-cache';
import { CachedDockerImage } from '../image/cached-docker-image';

/** What a builder is asked to do. */
export interface BuilderRequest {
  /** The id of the step, for messages. */
  readonly step: string;
  /** The name of the builder, for messages. */
  readonly builder: string;
  readonly image: CachedDockerImage;
  readonly cache: LayerCache;
  /** The image that the build is told to run in. */
  readonly buildImage?: codebuild.IBuildImage;
}

/** Raises an error that says what cannot be done, and what to do instead. */
export type BuilderCheck = (request: BuilderRequest) => void;
