import { RawJsonProgress } from '../../../runner/solve/rawjson-progress';
import { errorOf, importsOf, SolveProgress, stepsOf, stepsOfAll } from '../../../runner/solve/solve-progress';
import { fixture, progressOf, show, VertexEvent } from '../testhelpers/progress-of';

const IMPORT = 'importing cache manifest from host/app:cache-a';

function counted(progress: SolveProgress, isComplete = true): string {
  const steps = stepsOf(progress, isComplete);
  const cached = steps.filter(({ isCached }) => isCached).length;
  return `${cached} cached, ${steps.length - cached} run`;
}

function count(...vertexes: VertexEvent[]): string {
  return counted(progressOf(...vertexes));
}

function read(name: string): RawJsonProgress {
  const progress = new RawJsonProgress();
  show(progress, fixture(name));
  return progress;
}

/** A progress after events as they are. */
function after(...vertexes: object[]): RawJsonProgress {
  const progress = new RawJsonProgress();
  for (const vertex of vertexes) progress.show(JSON.stringify({ vertexes: [vertex] }));
  return progress;
}

describe('the steps', () => {
  test.each([
    ['a first build', 'first-build.rawjson', '0 cached, 6 run'],
    ['a change of the source', 'source-change.rawjson', '5 cached, 1 run'],
    ['a cache that could not be read', 'unreadable-cache.rawjson', '0 cached, 6 run'],
  ])('of %s are counted', (_, name, steps) => {
    expect(counted(read(name))).toBe(steps);
  });

  test('of the Dockerfile alone count', () => {
    expect(count(
      { name: '[internal] load build definition from Dockerfile' },
      { name: '[internal] load .dockerignore' },
      { name: '[internal] load metadata for docker.io/library/python:3.12' },
      { name: '[internal] load build context' },
      { name: '[internal] settings cache mount permissions' },
      { name: '[auth] library/python:pull token for registry-1.docker.io' },
      { name: 'docker-image://docker.io/docker/dockerfile:1' },
      { name: IMPORT },
      { name: '[stage-1 1/3] FROM docker.io/library/python:3.12@sha256:0' },
      { name: 'FROM docker.io/library/node@sha256:0' },
      { name: '[stage-1 2/3] RUN make', cached: true },
      { name: '[linux/arm64 stage-1 3/3] COPY a b' },
      { name: 'exporting to image' },
      { name: 'exporting cache to registry' },
      { name: 'resolving provenance for metadata file' },
    )).toBe('1 cached, 1 run');
  });

  test('of a Dockerfile with nothing but FROM are none, and of nothing too', () => {
    expect(count({ name: '[1/1] FROM scratch' })).toBe('0 cached, 0 run');
    expect(count()).toBe('0 cached, 0 run');
  });

  test('stay cached, though BuildKit names them again later', () => {
    expect(counted(after(
      { digest: 'a', name: '[1/2] RUN a', cached: true, completed: '2026-01-01T00:00:00Z' },
      { digest: 'a', name: '[1/2] RUN a' },
      { digest: 'b', name: '[2/2] RUN b' },
      { digest: 'b', name: '[2/2] RUN b', cached: true },
    ))).toBe('2 cached, 0 run');
  });

  test('of stages named like the work of BuildKit count', () => {
    expect(count({ name: '[auth 2/2] RUN a' }, { name: '[internal 1/2] COPY . .' }, { name: '[internal-tools 1/1] RUN b', cached: true })).toBe('1 cached, 2 run');
  });

  test('count whatever text is in them', () => {
    expect(count({ name: '[1/3] RUN echo "[a] FROM b"' }, { name: '[2/3] WORKDIR /[internal] x' }, { name: '[3/3] RUN psql -c "select a[1] FROM b"' })).toBe('0 cached, 3 run');
  });

  test('that download a file count once, though BuildKit does them in two', () => {
    const name = '[2/2] ADD https://example.com/a /a';
    expect(count({ digest: 'source', name }, { digest: 'copy', name })).toBe('0 cached, 1 run');
  });

  test('that are linked count once, and as run when either part of them ran', () => {
    expect(count(
      { digest: 'a', name: '[2/4] COPY --link a /', cached: true }, { digest: 'b', name: '[2/4] LINK COPY --link a /', cached: true },
      { digest: 'c', name: '[3/4] COPY --link b /' }, { digest: 'd', name: '[3/4] LINK COPY --link b /' },
      { digest: 'e', name: '[4/4] COPY --link c /', cached: true }, { digest: 'f', name: '[4/4] LINK COPY --link c /' },
      { digest: 'g', name: '[5/5] COPY --link d /' }, { digest: 'h', name: '[5/5] LINK COPY --link d /', cached: true },
    )).toBe('1 cached, 3 run');
  });

  test('that only wait for another image that has the same ones count as cached, since they are', () => {
    expect(count({ digest: 'a', name: '[2/3] RUN a' }, { digest: 'b', name: '[2/3] RUN a', cached: true })).toBe('1 cached, 0 run');
  });

  test('that never started were not needed in a build that succeeded, and are not counted in one that failed', () => {
    const progress = after({ digest: 'a', name: '[2/3] RUN a' }, { digest: 'b', name: '[3/3] RUN b', started: '2026-01-01T00:00:00Z' });
    expect(counted(progress, true)).toBe('1 cached, 1 run');
    expect(counted(progress, false)).toBe('0 cached, 1 run');
  });

  test('that were given up were not needed in a build that succeeded, unless they began again', () => {
    const started = '2026-01-01T00:00:00Z';
    const completed = '2026-01-01T00:00:01Z';
    const givenUp = { digest: 'a', name: '[2/3] COPY a /', started, completed, error: 'context canceled: context canceled' };
    const cached = { digest: 'b', name: '[3/3] RUN b', cached: true, started, completed };
    expect(counted(after({ ...givenUp, completed: undefined, error: undefined }, givenUp, cached))).toBe('2 cached, 0 run');
    expect(counted(after(givenUp, cached), false)).toBe('1 cached, 1 run');
    const again = { digest: 'a', name: '[2/3] COPY a /', started: '2026-01-01T00:00:02Z' };
    const ran = { ...again, completed: '2026-01-01T00:00:03Z' };
    expect(counted(after(givenUp, again, ran, cached))).toBe('1 cached, 1 run');
    expect(counted(after(givenUp, ran, cached))).toBe('1 cached, 1 run');
    expect(counted(after(ran, { ...givenUp, started: '2026-01-01T00:00:04Z' }, cached))).toBe('1 cached, 1 run');
    expect(counted(after(ran, again, { ...givenUp, ...again, error: undefined }, cached))).toBe('1 cached, 1 run');
  });

  test('are counted although docker printed something first, and in a progress that is cut', () => {
    const progress = new RawJsonProgress();
    show(progress, `WARNING: Error loading config file: permission denied\n${fixture('source-change.rawjson')}`);
    expect(counted(progress)).toBe('5 cached, 1 run');
    show(new RawJsonProgress(), fixture('source-change.rawjson').slice(0, 5000));
  });

  test('of a long build are counted in moments', () => {
    const progress = read('source-change.rawjson');
    const log = JSON.stringify({ logs: [{ vertex: 'a', stream: 1, data: Buffer.from('x'.repeat(150)).toString('base64') }] });
    const start = Date.now();
    for (let line = 0; line < 40_000; line++) progress.show(log);
    expect(counted(progress)).toBe('5 cached, 1 run');
    expect(Date.now() - start).toBeLessThan(10_000);
  });
});

describe('the caches that a build has read', () => {
  test.each([
    ['that is not there', 'first-build.rawjson', [['cache-app', /: not found$/]]],
    ['that is there', 'source-change.rawjson', [['cache-app', /^$/]]],
  ] as [string, string, [string, RegExp][]][])('are known, one %s', (_, name, expected) => {
    const imports = importsOf(read(name));
    expect(imports.map(({ from }) => from)).toEqual(expected.map(([from]) => from));
    imports.forEach(({ error }, index) => expect(error).toMatch(expected[index][1]));
  });

  test('of which one is denied, with its reason in one line', () => {
    const errors = importsOf(read('unreadable-cache.rawjson')).map(({ error }) => error);
    expect(errors.some((error) => /403 Forbidden/.test(error) && /denied: User is not authorized to perform: ecr:BatchGetImage/.test(error))).toBe(true);
    expect(errors.every((error) => !error.includes('\n'))).toBe(true);
  });

  test.each([
    ['host:5000/team/app:cache-a', 'cache-a'],
    ['s3:9166842160713180186', 's3'],
    ['host/app', 'app'],
  ])('are called by what tells them apart: %s', (place, from) => {
    expect(importsOf(progressOf({ name: `importing cache manifest from ${place}` }))).toEqual([{ from, error: '' }]);
  });
});

describe('why a build failed', () => {
  test('is the last word of buildx, and the step that it was about', () => {
    expect(errorOf(read('refused-push.rawjson'))).toMatchObject({ text: expect.stringMatching(/^ERROR: failed to build: failed to solve: failed to push .*denied/) });
  });

  test('without a last word is what the step says, in one line', () => {
    expect(errorOf(progressOf({ name: '[2/3] RUN a', error: 'no\n  such thing\n' }))).toEqual({ vertex: '[2/3] RUN a', text: 'no such thing' });
  });

  test('is neither what only follows from it nor a cache that is not there', () => {
    expect(errorOf(progressOf(
      { name: IMPORT, error: 'x: not found' },
      { name: '[internal] load metadata for docker.io/library/a:1', error: 'Canceled: context canceled' },
      { name: '[internal] load metadata for docker.io/library/b:1', error: 'unauthorized' },
    ))).toEqual({ vertex: '[internal] load metadata for docker.io/library/b:1', text: 'unauthorized' });
  });

  test('is nothing of a build that did not fail', () => {
    expect(errorOf(read('source-change.rawjson'))).toEqual({ vertex: '', text: '' });
  });
});

describe('the steps of an image that was built again', () => {
  const steps = (...names: string[]) => names.map((name) => ({ name: name.replace('*', ''), isCached: !name.includes('*') }));

  test('are those of the last time, and have run if they ran once', () => {
    expect(stepsOfAll([steps('*[2/3] RUN make', '*[3/3] COPY --link a .'), steps('[2/3] RUN make', '*[3/3] COPY a .')])).toEqual(steps('*[2/3] RUN make', '*[3/3] COPY a .'));
    expect(stepsOfAll([steps('[2/3] RUN make'), steps('[2/3] RUN make')])).toEqual(steps('[2/3] RUN make'));
  });

  test('are told apart by their stage', () => {
    expect(stepsOfAll([steps('*[build 2/3] RUN make', '[stage-1 2/3] RUN x'), steps('[build 2/3] RUN make', '[stage-1 2/3] RUN x')]))
      .toEqual(steps('*[build 2/3] RUN make', '[stage-1 2/3] RUN x'));
  });

  test('may have been fewer', () => {
    expect(stepsOfAll([steps('*[2/9] RUN make', '*[a 8/9] COPY a .'), steps('[ 2/10] RUN make', '[a  8/10] COPY a .', '[ 3/10] RUN x')]))
      .toEqual(steps('*[ 2/10] RUN make', '*[a  8/10] COPY a .', '[ 3/10] RUN x'));
  });

  test('may be none', () => {
    expect(stepsOfAll([])).toEqual([]);
    expect(stepsOfAll([steps('*[2/3] RUN make'), []])).toEqual([]);
  });
});
