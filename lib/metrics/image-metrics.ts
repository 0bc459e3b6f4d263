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
   * How many bytes of layers its build downloaded, of base images and of the layer cache. There is no value where the builder does not tell it.
   *
   * @default - the sum over 5 minutes
   */
  public metricBytesPulled(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('BytesPulled', options);
  }

  /**
   * How many bytes of layers were new: what the image and its layer cache have, and had not after the build before. There is no value where the layer cache has no
   * place for what is known of that build.
   *
   * @default - the sum over 5 minutes
   */
  public metricBytesPushed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.source.metric('BytesPushed', options);
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
