import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { METRIC_NAMESPACE, metricDimensions, MetricName, MetricSettings } from '../plan/metric-settings';

/** How CloudWatch sums up several builds. */
const STATISTICS: { readonly [name in MetricName]: string } = {
  CacheHitRatio: cloudwatch.Stats.AVERAGE,
  Duration: cloudwatch.Stats.AVERAGE,
  BytesPulled: cloudwatch.Stats.SUM,
  BytesPushed: cloudwatch.Stats.SUM,
  ImagesBuilt: cloudwatch.Stats.SUM,
  ImagesSkipped: cloudwatch.Stats.SUM,
  CacheErrors: cloudwatch.Stats.SUM,
};

/** The metrics of a step, or of one of its images. */
export class MetricSource {
  /**
   * @param scope what is in the account and region that the builds run in
   * @param image undefined for those of the step
   */
  constructor(private readonly settings: MetricSettings, private readonly scope: IConstruct, private readonly image?: string) {}

  public of(image: string): MetricSource {
    return new MetricSource(this.settings, this.scope, image);
  }

  public metric(metricName: MetricName, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      statistic: STATISTICS[metricName],
      ...options,
      dimensionsMap: { ...metricDimensions(this.settings, this.image), ...options.dimensionsMap },
    }).attachTo(this.scope);
  }
}
