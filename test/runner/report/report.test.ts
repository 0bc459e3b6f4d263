import { LayerCacheSettings } from '../../../lib/plan/step-settings';
import { layerCache } from '../../../runner/cache/layer-caches';
import { ImageResult } from '../../../runner/image/image-result';
import { report, ReportContent } from '../../../runner/report/report';
import { CacheImport } from '../../../runner/solve/solve-progress';
import { REPOSITORY, someJob } from '../testhelpers/some-job';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const STEPS = [{ name: '[1/3] RUN a', isCached: true }, { name: '[2/3] RUN b', isCached: true }, { name: '[1/1] RUN make', isCached: false }];
const READ: CacheImport[] = [{ from: 'cache-a', error: '' }];

function cacheOf(settings: LayerCacheSettings) {
  return layerCache(settings, (value) => String(value));
}

const REGISTRY = cacheOf({ kind: 'registry', mode: 'max', compression: 'zstd' });
const INLINE = cacheOf({ kind: 'inline', tags: ['latest'], stages: [] });
const NONE = cacheOf({ kind: 'none' });

function built(values: Partial<ImageResult> = {}): ImageResult {
  return { job: someJob(), status: 'built', digest: DIGEST, steps: STEPS, imports: READ, phases: { 'build': 61_000, 'publish': 0, 'cache export': 500 }, ...values };
}

function content(values: Partial<ReportContent> = {}): ReportContent {
  return { startedAt: new Date(0), results: [built()], builder: 'a container of moby/buildkit:v1', cache: REGISTRY, phases: { login: 1234, lookup: 49, builder: 50 }, total: 65_000, ...values };
}

/** The lines of the report of one image by their first column. */
function reportOf(values: Partial<ReportContent> = {}): { [line: string]: string } {
  const [empty, title, ...lines] = report(content(values));
  expect([empty, title]).toEqual(['', '--- cached docker build ---']);
  return Object.fromEntries(lines.map((line) => [line.slice(0, 14).trimEnd(), line.slice(14)]));
}

describe('the report of one image', () => {
  test('is a few lines, and no line about mirrors without any', () => {
    expect(reportOf()).toEqual({
      'image': `${REPOSITORY}:v1`,
      'digest': DIGEST,
      'result': 'built',
      'builder': 'a container of moby/buildkit:v1',
      'steps': '2 cached, 1 run',
      'cache read': 'yes',
      'cache written': 'yes',
      'time': 'login 1.2 s, lookup 0.0 s, builder 0.1 s, build 61.0 s, publish 0.0 s, cache export 0.5 s, total 65.0 s',
    });
  });

  test('says of one that was there already that neither builder nor cache was needed', () => {
    const results = [{ job: someJob(), status: 'already there' as const, digest: DIGEST, phases: {} }];
    expect(reportOf({ results, builder: undefined, baseImages: 'docker.io by mirror.example.com', phases: { login: 1000 }, total: 1500 })).toEqual({
      'image': `${REPOSITORY}:v1`,
      'digest': DIGEST,
      'result': 'already there',
      'builder': 'none',
      'base images': 'not needed',
      'steps': 'none',
      'cache read': 'not needed',
      'cache written': 'not needed',
      'time': 'login 1.0 s, total 1.5 s',
    });
  });

  test('says where base images came from', () => {
    expect(reportOf({ baseImages: 'docker.io by mirror.example.com' })['base images']).toBe('docker.io by mirror.example.com');
  });

  test.each<[Partial<ImageResult>, string]>([
    [{ status: 'built by another build at the same time' }, 'built by another build at the same time'],
    [{ status: 'failed', digest: undefined, failure: 'x' }, 'failed'],
    [{ failure: 'the tag cannot be set' }, 'built, but failed after it'],
    [{ status: 'already there', failure: 'the tag cannot be set' }, 'already there, but failed after it'],
  ])('says how it ended: %j', (values, result) => {
    expect(reportOf({ results: [built(values)] }).result).toBe(result);
  });

  test('says of one that failed what there is to say', () => {
    const results = [built({ status: 'failed', digest: undefined, failure: 'x', steps: undefined, imports: undefined })];
    expect(reportOf({ results })).toMatchObject({ 'digest': 'none', 'steps': '0 cached, 0 run', 'cache read': 'no', 'cache written': 'no' });
  });
});

describe('whether the cache was read', () => {
  const read = (imports: CacheImport[], values: Partial<ImageResult> = {}, cache = REGISTRY) => reportOf({ results: [built({ imports, ...values })], cache })['cache read'];
  const failing = (...errors: string[]) => errors.map((error, index) => ({ from: `cache-${index}`, error }));

  test('one cache of several that can be read is enough, and is named', () => {
    expect(read(failing('x: not found', ''))).toBe('yes, cache-1');
    expect(read(failing('403 Forbidden', ''))).toBe('yes, cache-1');
    expect(read(failing('', 'x: not found', '', ''))).toBe('yes, cache-0, cache-2, cache-3');
  });

  test('one that several stages read is named once', () => {
    expect(read([...READ, ...READ])).toBe('yes, cache-a');
  });

  test('several that are not there are none', () => {
    expect(read(failing('host/app:cache-a: not found', 'host/app:cache-b: not found'))).toBe('no, there is none yet');
  });

  test.each([
    'unexpected status: 403 Forbidden',
    'error getting credentials - err: exec: "docker-credential-x": executable file not found in $PATH, out: ``',
    'api error NoSuchBucket: The specified bucket does not exist',
  ])('one that is broken is told from one that is not there, beside one that is not there too: %s', (error) => {
    expect(read(failing(error))).toBe(`no, ${error}`);
    expect(read(failing('x: not found', error))).toBe(`no, ${error}`);
  });

  test('one that had to be left out is said, with the reason', () => {
    expect(read(READ, { unreadCache: 'a layer is gone' })).toBe('no, a layer is gone');
  });

  test.each(['s3', 'kaniko'])('of %s it is known from the steps, since nobody says when there is none', (from) => {
    expect(read([{ from, error: '' }])).toBe('yes');
    expect(read([{ from, error: '' }], { steps: [{ name: '[1/1] RUN make', isCached: false }] })).toBe('no, there is none yet or nothing of it fits');
  });

  test('one that the builder does not speak of is unknown', () => {
    expect(read([])).toBe('unknown');
  });

  test('one that nobody asked for is off', () => {
    expect(read([], {}, NONE)).toBe('off');
  });
});

describe('whether the cache was written', () => {
  const written = (values: Partial<ReportContent>) => reportOf(values)['cache written'];

  test('is said when it was not, with the reason, whatever the cache is', () => {
    const results = [built({ cacheFailure: 'ERROR: denied' })];
    expect(written({ results })).toBe('no, ERROR: denied');
    expect(written({ results, cache: INLINE })).toBe('no, ERROR: denied');
  });

  test('an inline cache is within the image, and its stages are named', () => {
    expect(written({ cache: INLINE })).toBe('yes, within the image');
    expect(written({ cache: cacheOf({ kind: 'inline', tags: ['latest'], stages: ['deps', 'compiler'] }) })).toBe('yes, within the image, and as the stages deps compiler');
  });

  test('what the engine keeps is where it is', () => {
    expect(reportOf({ cache: cacheOf({ kind: 'engine' }), keeper: 'the engine of this machine' }))
      .toMatchObject({ 'cache read': 'what the engine of this machine has', 'cache written': 'in the engine of this machine' });
  });

  test('without a cache it is off', () => {
    expect(written({ cache: NONE })).toBe('off');
  });
});

describe('the report of several images', () => {
  const several = (...results: Partial<ImageResult>[]) => report(content({
    results: results.map((values, index) => built({ job: someJob({ name: `Image${index}`, tag: `v${index}` }), ...values })),
  }));

  test('is a table, below what they have in common', () => {
    const there = { status: 'already there' as const, steps: undefined, imports: undefined, phases: {} };
    expect(several({}, there)).toEqual([
      '',
      '--- cached docker build ---',
      'builder       a container of moby/buildkit:v1',
      'time          login 1.2 s, lookup 0.0 s, builder 0.1 s, total 65.0 s',
      '',
      'image   tag  result         steps            cache read  cache written  seconds',
      'Image0  v0   built          2 cached, 1 run  yes         yes            61.5',
      'Image1  v1   already there  none             not needed  not needed     0.0',
    ]);
  });

  test('has short tags and reasons, so that it stays a table', () => {
    const lines = several({ job: someJob({ tag: 'x'.repeat(64) }), cacheFailure: 'a very long reason '.repeat(20) }, {});
    expect(lines[6]).toContain(` ${'x'.repeat(24)} `);
    expect(lines[6]).toContain('  no, a very long reason a very long re...  ');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(160);
  });
});

describe('copies', () => {
  test('have a line where something is known of them', () => {
    expect(reportOf({ results: [built({ copies: 'linked: 2 (lines 4, 5)' })] }).copies).toBe('linked: 2 (lines 4, 5)');
    expect(reportOf()).not.toHaveProperty('copies');
    expect(Object.keys(reportOf({ results: [built({ copies: 'off' })] }))).toEqual(['image', 'digest', 'result', 'builder', 'steps', 'copies', 'cache read', 'cache written', 'time']);
  });

  test('of several images have a table of their own', () => {
    const other = built({ job: someJob({ name: 'Other' }), copies: 'as written: /app/current is a link to /app/v1 in the layers below (COPY in line 5)' });
    const lines = report(content({ results: [built({ copies: 'linked: 1 (line 4)' }), other] }));
    expect(lines.slice(-3).map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      'image copies', 'App linked: 1 (line 4)', 'Other as written: /app/current is a link to /app/v1 in the layers below (COPY in line 5)',
    ]);
    expect(report(content({ results: [built(), built()] })).join()).not.toContain('copies');
  });
});

test('a cache that was complete says that it was not written, and why', () => {
  expect(reportOf({ results: [built({ cacheWasComplete: true })] })['cache written']).toBe('not needed, only copies are new');
});
