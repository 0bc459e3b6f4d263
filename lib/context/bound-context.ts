import * as pipelines from 'aws-cdk-lib/pipelines';

/** Where a build finds the source, beside the cloud assembly. */
export const SOURCE_FOLDER = 'image-source';

/** A context whose place is known. */
export interface BoundContext {
  /** The source that holds the files; undefined when they are on this machine. */
  readonly source?: pipelines.CodePipelineSource;
  /** An absolute path on this machine, or a folder of the source. */
  readonly directory: string;
  /** The address of the image whose files these are; there is no directory then. */
  readonly image?: string;
}
