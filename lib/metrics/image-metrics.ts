import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { MetricSource } from './metric-source';

/** The metrics of one image of a step that has `BuildMetrics.STEP_AND_IMAGES`: see `CachedDockerBuildStep.imageMetrics()`. */
export class ImageMetrics {
  /** @internal */
  public static _of(source: MetricSource): ImageMetrics {
    return new ImageMetrics(source);
  }

  private constructor(private readonly source: MetricSource) {}

  /**
   * How many steps of its Dockerfile a build took from the layer cache, in percent. There is no value for a run that did not build it.
   *
   * @default - the average over 5 minutes
   */
  public metricCacheHitRatio(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('CacheHitRatio', options);
  }

  /**
   * How long its build took, with its push and its layer cache, in seconds. There is no value for a run that did not build it.
   *
   * @default - the average over 5 minutes
   */
  public metricDuration(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('Duration', options);
  }

  /**
   * How often it was built.
   *
   * @default - the sum over 5 minutes
   */
  public metricImagesBuilt(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('ImagesBuilt', options);
  }

  /**
   * How often it was not built, since its tag was in the repository already.
   *
   * @default - the sum over 5 minutes
   */
  public metricImagesSkipped(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('ImagesSkipped', options);
  }

  /**
   * How often its layer cache could not be read, could not be written, or was gone. That there is none yet is no error.
   *
   * @default - the sum over 5 minutes
   */
  public metricCacheErrors(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('CacheErrors', options);
  }
}
