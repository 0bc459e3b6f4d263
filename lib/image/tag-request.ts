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
  /** Whether the tag only stands for one that is not known, so that nothing can be built or deployed. */
  readonly isPlaceholder?: boolean;
  /** The period in which base images are taken as they were at its first build; undefined when there is no end to it. */
  readonly refreshPeriod?: number;
}
