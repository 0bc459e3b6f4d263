import { RawJsonProgress } from '../../../runner/solve/rawjson-progress';
import { WorkDone } from '../../../runner/solve/work-done';
import { fixture, show } from '../testhelpers/progress-of';

const [LAYER, OTHER] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`);

function solve(...events: object[]): RawJsonProgress {
  const progress = new RawJsonProgress();
  events.forEach((event) => progress.show(JSON.stringify(event)));
  return progress;
}

/** A vertex that was worked on from a second to another one. */
function worked(name: string, from: number, to: number) {
  const time = (second: number) => new Date(second * 1000).toISOString();
  return { vertexes: [{ digest: name, name, started: time(from), completed: time(to) }] };
}

function moved(vertex: string, id: string, current: unknown) {
  return { statuses: [{ vertex, id, current }] };
}

function done(...solves: RawJsonProgress[]): WorkDone {
  const work = new WorkDone();
  solves.forEach((progress) => work.add(progress));
  return work;
}

const STEP = { name: '[2/3] RUN make', isCached: false };

test('a step took as long as all its times, each once however often it is told', () => {
  const progress = solve(worked(STEP.name, 1, 3), worked(STEP.name, 1, 3), worked(STEP.name, 10, 11));
  expect(done(progress).of(STEP)).toMatchObject({ milliseconds: 3000, pulledBytes: 0 });
  expect(done(progress, solve(worked(STEP.name, 20, 20.5))).of(STEP)).toMatchObject({ milliseconds: 3500, pulledBytes: 0 });
});

test('what solves at the same time have in common counts once', () => {
  const one = { vertexes: [{ digest: 'a', name: STEP.name, started: '2026-03-01T08:00:00.1Z', completed: '2026-03-01T08:00:02.100000007Z' }] };
  const asOtherTellsIt = { vertexes: [{ digest: 'a', name: STEP.name, started: '2026-03-01T08:00:00.113000123Z', completed: '2026-03-01T08:00:02.11300013Z' }] };
  const again = { vertexes: [{ digest: 'a', name: STEP.name, started: '2026-03-01T08:00:03Z', completed: '2026-03-01T08:00:05Z' }] };
  expect(done(solve(one), solve(asOtherTellsIt)).of(STEP)!.milliseconds).toBeCloseTo(2000, 3);
  expect(done(solve(one), solve(asOtherTellsIt), solve(again)).of(STEP)!.milliseconds).toBeCloseTo(4000, 3);
});

test('when a step was worked on counts from the first thing that was done for the image', () => {
  const work = done(solve(worked(STEP.name, 14, 15)), solve(worked('[internal] load build context', 10, 11), worked(STEP.name, 12, 13.5)));
  expect(work.of(STEP)!.spans).toEqual([{ start: 2000, milliseconds: 1500 }, { start: 4000, milliseconds: 1000 }]);
});

test('a linked copy took what both its parts took', () => {
  const copy = '[3/3] COPY --link a /a';
  expect(done(solve(worked(copy, 1, 2), worked(copy.replace('] ', '] LINK '), 2, 4))).of({ name: copy, isCached: false })).toMatchObject({ milliseconds: 3000 });
});

test('a step is the same where the Dockerfile of another solve has more of them', () => {
  expect(done(solve(worked('[stage-1  2/10] RUN make', 1, 2))).of({ name: '[stage-1 2/9] RUN make', isCached: true })).toMatchObject({ milliseconds: 1000 });
});

test('a layer counts once, for the step that was first, with the most that was told of it', () => {
  const progress = solve(worked(STEP.name, 1, 2), worked('[1/3] FROM a', 1, 2), moved(STEP.name, LAYER, 10), moved(STEP.name, LAYER, 100), moved('[1/3] FROM a', OTHER, 5));
  const again = solve(worked('[3/3] RUN test', 1, 2), moved('[3/3] RUN test', LAYER, 100));
  const work = done(progress, again);
  expect(work.of(STEP)!.pulledBytes).toBe(100);
  expect(work.of({ name: '[3/3] RUN test', isCached: true })!.pulledBytes).toBe(0);
  expect([...work.pulled!]).toEqual([[LAYER, 100], [OTHER, 5]]);
});

test('what is no layer is not counted, nor what is no number', () => {
  const progress = solve(
    worked(STEP.name, 1, 2), moved(STEP.name, 'transferring context:', 10), moved(STEP.name, `extracting ${LAYER}`, 10), moved(STEP.name, LAYER, 'many'), moved('unknown', LAYER, 10),
  );
  expect([...done(progress).pulled!]).toEqual([]);
});

test('of a builder that does not tell it, nothing is known', () => {
  const work = done();
  expect(work.of(STEP)).toBeUndefined();
  expect(work.pulled).toBeUndefined();
});

test('times that make no sense are none', () => {
  expect(done(solve({ vertexes: [{ digest: 'a', name: STEP.name, started: 'once', completed: 'later' }] })).of(STEP)).toEqual({ milliseconds: 0, spans: [], pulledBytes: 0 });
});

test('a real build has the times that its log says', () => {
  const progress = new RawJsonProgress();
  show(progress, fixture('first-build.rawjson'));
  const install = [...progress.vertexes].find(({ name }) => name.includes('installing'))!;
  expect(Math.round(done(progress).of({ name: install.name, isCached: false })!.milliseconds / 100)).toBe(16);
});
