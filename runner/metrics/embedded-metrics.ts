import { METRIC_NAMESPACE, metricDimensions, MetricName, MetricSettings } from '../../lib/plan/metric-settings';
import { readError } from '../cache/read-error';
import { ImageResult } from '../image/image-result';
import { pulledBytes, pushedBytes } from '../report/image-steps';

type Unit = 'Bytes' | 'Count' | 'Percent' | 'Seconds';

/** Undefined for what there is nothing to say of. */
type Values = { readonly [name in MetricName]: readonly [value: number | undefined, unit: Unit] };

/**
 * What a build has to say of itself, and of each of its images if that is wanted: a line of its log each, from which Amazon CloudWatch makes metrics. That takes no
 * permission, no program and no time.
 *
 * @param total how long all of it took, in milliseconds
 * @param now in milliseconds
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(settings: MetricSettings, results: readonly ImageResult[], total: number, now = Date.now()): string[] {
  const ofImages = (settings.ofImages ? results : []).map((result) => (
    line(metricDimensions(settings, result.job.plan.name), valuesOf([result], sum(Object.values(result.phases))), now)));
  return [line(metricDimensions(settings), valuesOf(results, total), now), ...ofImages];
}

function line(dimensions: { readonly [name: string]: string }, values: Values, now: number): string {
  const known = Object.entries(values).filter(([, [value]]) => value !== undefined);
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [{
        Namespace: METRIC_NAMESPACE,
        Dimensions: [Object.keys(dimensions)],
        Metrics: known.map(([Name, [, Unit]]) => ({ Name, Unit })),
      }],
    },
    ...dimensions,
    ...Object.fromEntries(known.map(([name, [value]]) => [name, value])),
  });
}

function valuesOf(results: readonly ImageResult[], milliseconds: number): Values {
  const built = results.filter(({ status }) => status !== 'already there' && status !== 'failed');
  const steps = built.flatMap((result) => result.steps ?? []);
  const cached = steps.filter(({ isCached }) => isCached);
  // A run that built nothing says nothing of how long builds take, or of what a cache is worth.
  return {
    CacheHitRatio: [steps.length > 0 ? rounded(100 * cached.length / steps.length) : undefined, 'Percent'],
    Duration: [built.length > 0 ? rounded(milliseconds / 1000) : undefined, 'Seconds'],
    BytesPulled: [pulledBytes(built), 'Bytes'],
    BytesPushed: [pushedBytes(built), 'Bytes'],
    ImagesBuilt: [built.length, 'Count'],
    ImagesSkipped: [results.filter(({ status }) => status === 'already there').length, 'Count'],
    CacheErrors: [sum(results.map(errorsOf)), 'Count'],
  };
}

/** What goes wrong with a cache in one build: it cannot be read, it is gone, it cannot be written. */
function errorsOf(result: ImageResult): number {
  return [readError(result), result.lostCache, result.cacheFailure].filter((error) => error !== undefined).length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
