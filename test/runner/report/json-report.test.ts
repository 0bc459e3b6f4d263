import { layerCache } from '../../../runner/cache/layer-caches';
import { ImageResult } from '../../../runner/image/image-result';
import { jsonReport } from '../../../runner/report/json-report';
import { report, ReportContent } from '../../../runner/report/report';
import { RawJsonProgress } from '../../../runner/solve/rawjson-progress';
import { WorkDone } from '../../../runner/solve/work-done';
import { REPOSITORY, someJob } from '../testhelpers/some-job';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const LAYER = `sha256:${'2'.repeat(64)}`;
const REGISTRY = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd' }, String);

/** What BuildKit tells of steps that took these seconds, and of one layer for the second one. */
function work(...seconds: number[]): WorkDone {
  const progress = new RawJsonProgress();
  for (const [index, taken] of seconds.entries()) {
    const [started, completed] = [0, taken * 1000].map((time) => new Date(time).toISOString());
    progress.show(JSON.stringify({ vertexes: [{ digest: `${index}`, name: STEPS[index].name, started, completed }] }));
  }
  progress.show(JSON.stringify({ statuses: [{ vertex: '1', id: LAYER, current: 1_500_000 }] }));
  const done = new WorkDone();
  done.add(progress);
  return done;
}

const STEPS = [{ name: '[1/3] WORKDIR /app', isCached: true }, { name: '[2/3] COPY a /', isCached: true }, { name: '[3/3] RUN make', isCached: false }];

function built(values: Partial<ImageResult> = {}): ImageResult {
  return {
    job: someJob(),
    status: 'built',
    digest: DIGEST,
    steps: STEPS,
    done: work(0.1, 0.2, 12.34),
    imports: [{ from: 'cache-a', error: '' }],
    lines: new Map([['[1/3] WORKDIR /app', 5], ['[2/3] COPY a /', 6], ['[3/3] RUN make', 7]]),
    copies: 'linked: 1 (line 8)',
    phases: { build: 61_234.5 },
    firstRun: { step: 'RUN make', line: 7, reasons: [{ kind: 'files', text: '`a` changed' }] },
    ...values,
  };
}

function content(values: Partial<ReportContent> = {}): ReportContent {
  return { startedAt: new Date('2026-03-01T08:00:00Z'), results: [built()], builder: 'a container', cache: REGISTRY, phases: { login: 1234 }, total: 65_000, ...values };
}

function json(values: Partial<ReportContent> = {}) {
  return JSON.parse(JSON.stringify(jsonReport(content(values))));
}

test('the report for programs has all that is known', () => {
  expect(json()).toEqual({
    version: 1,
    startedAt: '2026-03-01T08:00:00.000Z',
    seconds: 65,
    phases: { login: 1.234 },
    builder: 'a container',
    pulledBytes: 1_500_000,
    images: [{
      name: 'App',
      repository: REPOSITORY,
      tag: 'v1',
      digest: DIGEST,
      result: 'built',
      phases: { build: 61.235 },
      pulledBytes: 1_500_000,
      steps: [
        { name: '[1/3] WORKDIR /app', line: 5, state: 'cached', seconds: 0.1, times: [{ start: 0, seconds: 0.1 }], pulledBytes: 0 },
        { name: '[2/3] COPY a /', line: 6, state: 'downloaded', seconds: 0.2, times: [{ start: 0, seconds: 0.2 }], pulledBytes: 1_500_000 },
        { name: '[3/3] RUN make', line: 7, state: 'run', seconds: 12.34, times: [{ start: 0, seconds: 12.34 }], pulledBytes: 0 },
      ],
      firstRun: { step: 'RUN make', line: 7, reasons: [{ kind: 'files', text: '`a` changed' }] },
      copies: 'linked: 1 (line 8)',
      cache: { read: [{ from: 'cache-a' }], written: true, writtenTo: `${REPOSITORY}:cache-a` },
    }],
  });
});

test('a layer is what its step is, and that of the base image is told apart', () => {
  const startedAt = new Date('2026-03-01T08:00:01Z');
  const layerMakers = [
    { step: 'ADD file:1 in /', isOfBaseImage: true },
    { step: 'COPY a /', line: 6, isOfBaseImage: false },
    { step: 'RUN make', line: 7, isOfBaseImage: false },
    { step: 'owners', isOfBaseImage: false },
  ];
  const layers = layerMakers.map((_, index) => ({ mediaType: 'layer', digest: `sha256:${index}`, size: index }));
  expect(json({ results: [built({ startedAt, layers, layerMakers })] }).images[0]).toMatchObject({
    startedAt: '2026-03-01T08:00:01.000Z',
    layers: [
      { digest: 'sha256:0', bytes: 0, step: 'ADD file:1 in /', state: 'base image' },
      { digest: 'sha256:1', bytes: 1, step: 'COPY a /', line: 6, state: 'downloaded' },
      { digest: 'sha256:2', bytes: 2, step: 'RUN make', line: 7, state: 'run' },
      { digest: 'sha256:3', bytes: 3, step: 'owners', state: 'run' },
    ],
  });
  expect(json({ results: [built({ layers })] }).images[0].layers[1]).toEqual({ digest: 'sha256:1', bytes: 1 });
});

test('what nobody knows is left out', () => {
  const unknown = { done: new WorkDone(), imports: undefined, lines: undefined, copies: undefined, firstRun: undefined };
  const [image] = json({ results: [built(unknown)] }).images;
  expect(image.steps).toEqual(STEPS.map(({ name, isCached }) => ({ name, state: isCached ? 'cached' : 'run' })));
  expect(Object.keys(image)).toEqual(['name', 'repository', 'tag', 'digest', 'result', 'phases', 'steps', 'cache']);
});

test('an image that was there has neither steps nor a cache', () => {
  const [image] = json({ results: [{ job: someJob(), status: 'already there', digest: DIGEST, phases: {} }] }).images;
  expect(image).toEqual({ name: 'App', repository: REPOSITORY, tag: 'v1', digest: DIGEST, result: 'already there', phases: {} });
});

test.each<[Partial<ImageResult>, object]>([
  [{ cacheWasComplete: true }, { written: false }],
  [{ cacheFailure: 'denied' }, { written: false, failure: 'denied' }],
  [{ unreadCache: 'no answer', imports: [] }, { unread: 'no answer', read: [] }],
  [{ imports: [{ from: 'cache-a', error: 'x: not found' }] }, { read: [{ from: 'cache-a', error: 'x: not found' }] }],
])('the cache is what it was: %j', (values, cache) => {
  expect(json({ results: [built(values)] }).images[0].cache).toMatchObject(cache);
});

test('nothing is said to be written where the image failed', () => {
  const [image] = json({ results: [built({ status: 'failed', digest: undefined, failure: 'exit code: 1' })] }).images;
  expect(image).toMatchObject({ result: 'failed', failure: 'exit code: 1' });
  expect(image.cache).not.toHaveProperty('written');
});

test('what several images have pulled together counts once', () => {
  expect(json({ results: [built(), built()] }).pulledBytes).toBe(1_500_000);
});

describe('the report for a person', () => {
  const lines = (results: ImageResult[]) => report(content({ results }));

  test('names the steps that ran, with their times, why the first one ran, and what was pulled', () => {
    expect(lines([built()])).toEqual(expect.arrayContaining([
      'steps         2 cached, 1 run',
      '              12.3 s  RUN make (line 7)',
      'first run     RUN make (line 7): `a` changed',
      'pulled        1.5 MB',
    ]));
  });

  test('names the ten longest, in their order', () => {
    const steps = Array.from({ length: 12 }, (_, index) => ({ name: `[${index + 1}/12] RUN ${index}`, isCached: false }));
    const progress = new RawJsonProgress();
    for (const [index, { name }] of steps.entries()) {
      const [started, completed] = [0, 20_000 - index * 1000].map((time) => new Date(time).toISOString());
      progress.show(JSON.stringify({ vertexes: [{ digest: name, name, started, completed }] }));
    }
    const done = new WorkDone();
    done.add(progress);
    const named = lines([built({ steps, done })]).filter((line) => line.startsWith('   '));
    expect(named).toHaveLength(11);
    expect(named[0].trim()).toBe('20.0 s  RUN 0');
    expect(named[10].trim()).toBe('and 2 more');
  });

  test('of several images has the reasons in a table of their own', () => {
    const text = lines([built(), built({ job: someJob({ name: 'Other' }), firstRun: undefined })]).join('\n');
    expect(text).toContain('pulled        1.5 MB\n');
    expect(text).toContain('\nimage  first run\nApp    RUN make (line 7): `a` changed\n');
  });
});
