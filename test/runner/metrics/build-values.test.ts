import { ImageResult } from '../../../runner/image/image-result';
import { buildValues } from '../../../runner/metrics/build-values';
import { someJob } from '../testhelpers/some-job';

const SETTINGS = { pipeline: 'Stack/Pipeline', step: 'Build' };
const CACHED = { name: '[1/3] RUN a', isCached: true };
const RUN = { name: '[3/3] RUN c', isCached: false };

function built(values: Partial<ImageResult> = {}): ImageResult {
  return { job: someJob(), status: 'built', steps: [CACHED, RUN], imports: [{ from: 'cache-a', error: '' }], phases: { 'build': 1500, 'cache export': 500 }, ...values };
}

const there: ImageResult = { job: someJob(), status: 'already there', phases: {} };
const failed: ImageResult = { job: someJob(), status: 'failed', failure: 'it broke', phases: { build: 100 } };

/** The values of the step by their names. */
function valuesOf(results: readonly ImageResult[], total = 12_345.678): { [name: string]: number } {
  return Object.fromEntries(buildValues(SETTINGS, results, total).map(({ MetricName, Value }) => [MetricName, Value]));
}

describe('the values of a step', () => {
  test('have units, and the dimensions of the step', () => {
    const Dimensions = [{ Name: 'Pipeline', Value: 'Stack/Pipeline' }, { Name: 'Step', Value: 'Build' }];
    expect(buildValues(SETTINGS, [built()], 2500)).toEqual([
      { MetricName: 'CacheHitRatio', Value: 50, Unit: 'Percent', Dimensions },
      { MetricName: 'Duration', Value: 2.5, Unit: 'Seconds', Dimensions },
      { MetricName: 'ImagesBuilt', Value: 1, Unit: 'Count', Dimensions },
      { MetricName: 'ImagesSkipped', Value: 0, Unit: 'Count', Dimensions },
      { MetricName: 'CacheErrors', Value: 0, Unit: 'Count', Dimensions },
    ]);
  });

  test('say nothing of time and cache where nothing was built', () => {
    expect(valuesOf([there, there])).toEqual({ ImagesBuilt: 0, ImagesSkipped: 2, CacheErrors: 0 });
  });

  test('count an image that failed neither as built nor as skipped, and its steps not at all', () => {
    expect(valuesOf([{ ...failed, steps: [RUN, RUN] }])).toEqual({ ImagesBuilt: 0, ImagesSkipped: 0, CacheErrors: 0 });
  });

  test('are those of all images together', () => {
    expect(valuesOf([built({ steps: [CACHED, CACHED, CACHED] }), built({ steps: [RUN], status: 'built by another build at the same time' }), there, failed]))
      .toEqual({ CacheHitRatio: 75, Duration: 12.346, ImagesBuilt: 2, ImagesSkipped: 1, CacheErrors: 0 });
  });

  test('have no ratio for an image without steps', () => {
    expect(valuesOf([built({ steps: [] })])).not.toHaveProperty('CacheHitRatio');
  });

  test.each<[string, Partial<ImageResult>, number]>([
    ['none, where there is no cache yet', { imports: [{ from: 'cache-a', error: 'host/app:cache-a: not found' }] }, 0],
    ['one, where it cannot be read', { imports: [{ from: 'cache-a', error: 'unexpected status from HEAD request: 403 Forbidden' }] }, 1],
    ['one, where nobody answers', { unreadCache: 'it did not answer' }, 1],
    ['one, where it is gone', { lostCache: 'it was deleted' }, 1],
    ['one, where it cannot be written', { cacheFailure: 'denied' }, 1],
    ['two, where it can be neither read nor written', { unreadCache: 'it did not answer', cacheFailure: 'it did not answer' }, 2],
  ])('count errors of the cache: %s', (_, values, errors) => {
    expect(valuesOf([built(values)]).CacheErrors).toBe(errors);
    expect(valuesOf([{ ...failed, ...values }, there]).CacheErrors).toBe(errors);
  });
});

test('the values of images come after those of the step, each with the time of its own build', () => {
  const results = [built({ job: someJob({ name: 'Api' }) }), { ...there, job: someJob({ name: 'Bücher' }) }];
  const values = buildValues({ ...SETTINGS, ofImages: true }, results, 9000);
  const ofImage = (name: string) => Object.fromEntries(values.filter(({ Dimensions }) => Dimensions.some(({ Name, Value }) => Name === 'Image' && Value === name))
    .map(({ MetricName, Value }) => [MetricName, Value]));
  expect(values).toHaveLength(5 + 5 + 3);
  expect(ofImage('Api')).toEqual({ CacheHitRatio: 50, Duration: 2, ImagesBuilt: 1, ImagesSkipped: 0, CacheErrors: 0 });
  expect(ofImage('B_cher')).toEqual({ ImagesBuilt: 0, ImagesSkipped: 1, CacheErrors: 0 });
});
