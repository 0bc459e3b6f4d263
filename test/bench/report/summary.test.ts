import { Measurement } from '../../../bench/measuring/measurement';
import { ResultRow } from '../../../bench/report/results';
import { median, summarize } from '../../../bench/report/summary';

const ours: ResultRow = { name: 'ours', title: 'this library', ours: true };
const none: ResultRow = { name: 'none', title: 'no cache', ours: false, forgets: true };

function build(strategy: string, round: number, seconds: number, more: Partial<Measurement> = {}): Measurement {
  return { strategy, dockerfile: 'A', change: 'cold', round, seconds, down: 1, up: 2, cached: 3, run: 4, phases: '', ...more };
}

function of(...measurements: Measurement[]) {
  return { measurements, baseline: 'none' };
}

test('the median is the middle, or between the two in the middle', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test('a ratio compares builds of one round, so a slow round changes no ratio', () => {
  const slow = of(build('none', 1, 10), build('ours', 1, 5), build('none', 2, 100), build('ours', 2, 50), build('none', 3, 20), build('ours', 3, 10));
  expect(summarize(slow, ours, 'A', 'cold')).toEqual({ seconds: 10, ratio: 0.5, down: 1, up: 2, cached: 3, run: 4 });
});

test('a ratio is to whatever was built without a cache in its round, since each such build does the same', () => {
  const builds = of(build('none', 1, 10), build('ours', 1, 1, { change: 'source 1' }));
  expect(summarize(builds, ours, 'A', 'source 1')).toMatchObject({ ratio: 0.1 });
});

test('the first build of a way without a memory stands for those that were not measured, and the cell says so', () => {
  const builds = of(build('none', 1, 10), build('none', 1, 2, { change: 'no change' }), build('ours', 1, 5));
  expect(summarize(builds, none, 'A', 'dependency')).toMatchObject({ seconds: 10, isFirst: true });
  expect(summarize(builds, none, 'A', 'no change')).toMatchObject({ seconds: 2 });
  expect(summarize(builds, none, 'A', 'no change')?.isFirst).toBeUndefined();
  expect(summarize(builds, ours, 'A', 'dependency')).toBeUndefined();
});

test('other Dockerfiles, changes and rows are left out', () => {
  const builds = of(build('ours', 1, 1), build('ours', 1, 7, { dockerfile: 'B' }), build('ours', 1, 8, { change: 'source 1' }), build('theirs', 1, 9));
  expect(summarize(builds, ours, 'A', 'cold')?.seconds).toBe(1);
});

test('several kinds of change make one figure', () => {
  const builds = of(build('ours', 1, 1, { change: 'source 1' }), build('ours', 1, 2, { change: 'source 2' }));
  expect(summarize(builds, ours, 'A', 'source 1', 'source 2')?.seconds).toBe(1.5);
});

test('without the row that has no cache there is no ratio, and without builds no figure', () => {
  expect(summarize(of(build('ours', 1, 1)), ours, 'A', 'cold')?.ratio).toBeUndefined();
  expect(summarize(of(), ours, 'A', 'cold')).toBeUndefined();
});
