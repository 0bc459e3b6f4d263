/** The namespace of all metrics. */
export const METRIC_NAMESPACE = 'CachedDockerBuild';

/** The metrics of a step and of an image, as Amazon CloudWatch has them. */
export type MetricName = 'CacheHitRatio' | 'Duration' | 'BytesPulled' | 'BytesPushed' | 'ImagesBuilt' | 'ImagesSkipped' | 'CacheErrors';

/** Whose metrics a build writes to its log; a step without metrics has no such settings. */
export interface MetricSettings {
  /** The name of the pipeline's stack and the path of the pipeline in it: together they are unique in the account and region. */
  readonly pipeline: string;
  /** The id of the step. */
  readonly step: string;
  /** Whether each image has metrics of its own, too; undefined for no. */
  readonly ofImages?: boolean;
}

/** What sets the metrics of a step, or of one of its images, apart from all others. Synthesis and runner have to agree on it. */
export function metricDimensions({ pipeline, step }: MetricSettings, image?: string): { [name: string]: string } {
  return { Pipeline: asciiOf(pipeline), Step: asciiOf(step), ...image !== undefined && { Image: asciiOf(image) } };
}

/** CloudWatch takes no other characters, and ids of constructs may have some. */
function asciiOf(text: string): string {
  return text.replace(/[^ -~]/g, '_');
}
