import * as pipelines from 'aws-cdk-lib/pipelines';

/** What an image tells its tag. */
export interface TagRequest {
  /** The construct path of the image, for messages. */
  readonly image: string;
  /** The hash of everything that can change the image; undefined when the files are not known at synthesis. */
  readonly contentHash?: string;
  /** The source that holds the files; undefined for files that are known at synthesis. */
  readonly source?: pipelines.CodePipelineSource;
}

/** A tag as it is written down. */
export interface RenderedTag {
  /** Whether images with the same tag are the same image, so that they can share a repository. */
  readonly isContentHash?: boolean;
  /** The tag that stages deploy, a plain string. */
  readonly tag: string;
  /** The pipeline variable in which the build finds the same tag; undefined when the plan says it. */
  readonly variable?: string;
}
