import { metricDimensions, MetricName, MetricSettings } from '../../lib/plan/metric-settings';
import { readError } from '../cache/read-error';
import { ImageResult } from '../image/image-result';

/** A value of a metric, as `PutMetricData` of Amazon CloudWatch takes it. */
export interface MetricValue {
  readonly MetricName: MetricName;
  readonly Value: number;
  readonly Unit: 'Count' | 'Percent' | 'Seconds';
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

/**
 * What a build has to say of itself, and of each of its images if that is wanted.
 *
 * @param total how long all of it took, in milliseconds
 */
export function buildValues(settings: MetricSettings, results: readonly ImageResult[], total: number): MetricValue[] {
  const ofImages = settings.ofImages
    ? results.flatMap((result) => valuesOf(metricDimensions(settings, result.job.plan.name), [result], sum(Object.values(result.phases)))) : [];
  return [...valuesOf(metricDimensions(settings), results, total), ...ofImages];
}

function valuesOf(dimensions: { readonly [name: string]: string }, results: readonly ImageResult[], milliseconds: number): MetricValue[] {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const built = results.filter(({ status }) => status !== 'already there' && status !== 'failed');
  const steps = built.flatMap((result) => result.steps ?? []);
  const cached = steps.filter(({ isCached }) => isCached);
  // A run that built nothing says nothing of how long builds take, or of what a cache is worth.
  return [
    ...steps.length > 0 ? [{ MetricName: 'CacheHitRatio' as const, Value: rounded(100 * cached.length / steps.length), Unit: 'Percent' as const, Dimensions }] : [],
    ...built.length > 0 ? [{ MetricName: 'Duration' as const, Value: rounded(milliseconds / 1000), Unit: 'Seconds' as const, Dimensions }] : [],
    { MetricName: 'ImagesBuilt', Value: built.length, Unit: 'Count', Dimensions },
    { MetricName: 'ImagesSkipped', Value: results.filter(({ status }) => status === 'already there').length, Unit: 'Count', Dimensions },
    { MetricName: 'CacheErrors', Value: sum(results.map(errorsOf)), Unit: 'Count', Dimensions },
  ];
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
