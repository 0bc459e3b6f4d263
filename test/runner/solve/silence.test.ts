import { SilenceWatch } from '../../../runner/solve/silence';
import { SolveProgress, Vertex } from '../../../runner/solve/solve-progress';

const PATIENCE = 200;

let watch: SilenceWatch;

afterEach(() => {
  watch.stop();
  loadsBetweenSteps = true;
});

function vertex(values: Partial<Vertex>): Vertex {
  return { name: '[2/3] RUN make', isStarted: true, isDone: false, isCached: false, error: '', transfers: new Set(), ...values };
}

let loadsBetweenSteps = true;

function start(...vertexes: Vertex[]): void {
  const progress: SolveProgress = { vertexes, lastError: '', loadsBetweenSteps, events: 0, show: (line) => [line] };
  watch = new SilenceWatch(progress, PATIENCE);
}

const pause = async (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a build that waits for another machine is given up when nothing comes', () => {
  test.each([
    '[internal] load metadata for docker.io/library/python:3.12',
    '[linux/arm64 internal] load metadata for docker.io/library/python:3.12',
    'resolve image config for docker-image://docker.io/docker/dockerfile:1',
    'importing cache manifest from host/app:cache-a',
    '[auth] library/python:pull token for registry-1.docker.io',
  ])('for an answer: %s', async (name) => {
    start(vertex({ name: '[internal] load .dockerignore', isDone: true }), vertex({ name }));
    await pause(PATIENCE * 3);
    expect(watch.signal.aborted).toBe(true);
    expect(watch.signal.reason).toBe(`nothing came for 0 seconds during '${name}'`);
    expect(watch.culprit).toBe(name);
  });

  test('for a layer, whatever the step is', async () => {
    start(vertex({ name: 'exporting to image', transfers: new Set(['pushing layers']) }));
    await pause(PATIENCE * 3);
    expect(watch.culprit).toBe('exporting to image');
  });

  test.each(['[3/3] COPY --from=builder /made /opt/', '[stage-1 3/3] LINK ADD a.tar /'])('for a layer that a copy needs, after ten times as long: %s', async (name) => {
    start(vertex({ name }));
    await pause(PATIENCE * 5);
    expect(watch.signal.aborted).toBe(false);
    await pause(PATIENCE * 8);
    expect(watch.culprit).toBe(name);
  });

  test('for a cached layer that the next step needs, of which BuildKit says nothing', async () => {
    start(vertex({ isDone: true, isCached: true }), vertex({ name: '[3/3] COPY . .', isStarted: false }));
    await pause(PATIENCE * 3);
    expect(watch.signal.reason).toBe('nothing came for 0 seconds while the next step was waiting for layers');
  });
});

describe('a build goes on', () => {
  test.each<[string, Partial<Vertex>]>([
    ['while a step is silent', {}],
    ['while a step is silent that looks like a question', { name: '[2/3] RUN echo [internal] load metadata for x' }],
    ['when it has its answer', { name: '[internal] load metadata for a', isDone: true }],
    ['when it has not asked yet', { name: '[internal] load metadata for a', isStarted: false }],
    ['when a layer of a step that is done never came', { isDone: true, transfers: new Set(['sha256:1']) }],
  ])('%s', async (_, values) => {
    start(vertex({}), vertex(values));
    await pause(PATIENCE * 3);
    expect(watch.signal.aborted).toBe(false);
    expect(watch.culprit).toBe('');
  });

  test('when its builder works without a word between steps', async () => {
    loadsBetweenSteps = false;
    start(vertex({ isDone: true }));
    await pause(PATIENCE * 3);
    expect(watch.signal.aborted).toBe(false);
  });

  test('as long as something comes', async () => {
    start(vertex({ name: '[internal] load metadata for a' }));
    for (let time = 0; time < 8; time++) {
      await pause(PATIENCE / 4);
      watch.heard();
    }
    expect(watch.signal.aborted).toBe(false);
  });

  test('when nobody watches any more', async () => {
    start(vertex({ name: '[internal] load metadata for a' }));
    watch.stop();
    await pause(PATIENCE * 3);
    expect(watch.signal.aborted).toBe(false);
  });
});
