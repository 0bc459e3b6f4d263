import { ImageResult } from '../../../runner/image/image-result';
import { embeddedMetrics } from '../../../runner/metrics/embedded-metrics';
import { someJob } from '../testhelpers/some-job';

const SETTINGS = { pipeline: 'Stack/Pipeline', step: 'Build' };
const CACHED = { name: '[1/3] RUN a', isCached: true };
const RUN = { name: '[3/3] RUN c', isCached: false };

function built(values: Partial<ImageResult> = {}): ImageResult {
  return { job: someJob(), status: 'built', steps: [CACHED, RUN], imports: [{ from: 'cache-a', error: '' }], phases: { 'build': 1500, 'cache export': 500 }, ...values };
}

const there: ImageResult = { job: someJob(), status: 'already there', phases: {} };
const failed: ImageResult = { job: someJob(), status: 'failed', failure: 'it broke', phases: { build: 100 } };

/** What CloudWatch finds in a line, by the names of its metrics. */
function valuesIn(line: string): { [name: string]: number } {
  const { _aws: { CloudWatchMetrics: [{ Metrics }] }, ...members } = JSON.parse(line);
  return Object.fromEntries(Metrics.map(({ Name }: { Name: string }) => [Name, members[Name]]));
}

/** The values of the step. */
function valuesOf(results: readonly ImageResult[], total = 12_345.678): { [name: string]: number } {
  const [line, ...more] = embeddedMetrics(SETTINGS, results, total);
  expect(more).toEqual([]);
  return valuesIn(line);
}

describe('the values of a step', () => {
  test('are a line of the log in the format that CloudWatch reads, with units and the dimensions of the step', () => {
    const [line] = embeddedMetrics(SETTINGS, [built({ pushedBytes: 42 })], 2500, 1_800_000_000_000);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      _aws: {
        Timestamp: 1_800_000_000_000,
        CloudWatchMetrics: [{
          Namespace: 'CachedDockerBuild',
          Dimensions: [['Pipeline', 'Step']],
          Metrics: [
            { Name: 'CacheHitRatio', Unit: 'Percent' },
            { Name: 'Duration', Unit: 'Seconds' },
            { Name: 'BytesPushed', Unit: 'Bytes' },
            { Name: 'ImagesBuilt', Unit: 'Count' },
            { Name: 'ImagesSkipped', Unit: 'Count' },
            { Name: 'CacheErrors', Unit: 'Count' },
          ],
        }],
      },
      Pipeline: 'Stack/Pipeline',
      Step: 'Build',
      CacheHitRatio: 50,
      Duration: 2.5,
      BytesPushed: 42,
      ImagesBuilt: 1,
      ImagesSkipped: 0,
      CacheErrors: 0,
    });
  });

  test('count the bytes of all images, and each layer that was downloaded once', () => {
    const done = (layers: { [digest: string]: number }) => ({ pulled: new Map(Object.entries(layers)) }) as unknown as ImageResult['done'];
    const results = [built({ done: done({ a: 100, b: 20 }), pushedBytes: 7 }), built({ done: done({ a: 100, c: 3 }), pushedBytes: 0 }), built()];
    expect(valuesOf(results)).toMatchObject({ BytesPulled: 123, BytesPushed: 7 });
    expect(valuesOf([built()])).not.toHaveProperty('BytesPulled');
    expect(valuesOf([built()])).not.toHaveProperty('BytesPushed');
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
  const [ofStep, ...ofImages] = embeddedMetrics({ ...SETTINGS, ofImages: true }, results, 9000);
  expect(valuesIn(ofStep)).toMatchObject({ Duration: 9, ImagesBuilt: 1, ImagesSkipped: 1 });
  expect(ofImages.map(valuesIn)).toEqual([
    { CacheHitRatio: 50, Duration: 2, ImagesBuilt: 1, ImagesSkipped: 0, CacheErrors: 0 },
    { ImagesBuilt: 0, ImagesSkipped: 1, CacheErrors: 0 },
  ]);
  expect(ofImages.map((line) => JSON.parse(line))).toMatchObject([{ Step: 'Build', Image: 'Api' }, { Step: 'Build', Image: 'B_cher' }]);
  expect(JSON.parse(ofImages[0])._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Pipeline', 'Step', 'Image']]);
});
