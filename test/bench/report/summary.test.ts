import { Measurement } from '../../../bench/measuring/measurement';
import { median, summarize } from '../../../bench/report/summary';

function build(strategy: string, round: number, seconds: number, more: Partial<Measurement> = {}): Measurement {
  return { strategy, dockerfile: 'A', change: 'cold', round, seconds, down: 1, up: 2, cached: 3, run: 4, phases: '', ...more };
}

test('the median is the middle, or between the two in the middle', () => {
  expect(median([9, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test('a ratio compares builds of one round, so a slow round changes no ratio', () => {
  const slow = [build('none', 1, 10), build('ours', 1, 5), build('none', 2, 100), build('ours', 2, 50), build('none', 3, 20), build('ours', 3, 10)];
  expect(summarize(slow, 'ours', 'none', 'A', 'cold')).toEqual({ seconds: 10, ratio: 0.5, down: 1, up: 2, cached: 3, run: 4 });
});

test('other Dockerfiles, changes and rows are left out', () => {
  const builds = [build('ours', 1, 1), build('ours', 1, 7, { dockerfile: 'B' }), build('ours', 1, 8, { change: 'source 1' }), build('theirs', 1, 9)];
  expect(summarize(builds, 'ours', 'none', 'A', 'cold')?.seconds).toBe(1);
});

test('several kinds of change make one figure', () => {
  const builds = [build('ours', 1, 1, { change: 'source 1' }), build('ours', 1, 2, { change: 'source 2' }), build('ours', 1, 6, { change: 'source 3' })];
  expect(summarize(builds, 'ours', 'none', 'A', 'source 1', 'source 2', 'source 3')?.seconds).toBe(2);
});

test('without the row that has no cache there is no ratio, and without builds no figure', () => {
  expect(summarize([build('ours', 1, 1)], 'ours', 'none', 'A', 'cold')?.ratio).toBeUndefined();
  expect(summarize([], 'ours', 'none', 'A', 'cold')).toBeUndefined();
});
