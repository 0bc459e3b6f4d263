import { CacheConfig } from '../../../../runner/cache/config/cache-config';
import { completed } from '../../../../runner/cache/config/completed';
import { forked } from '../../../../runner/cache/config/forked';
import { joined } from '../../../../runner/cache/config/joined';
import { configOf, meaningOf, StepOf, written } from '../../testhelpers/cache-configs';

const BASE: StepOf = ['base'];
const MAKE: StepOf = ['make', [['base']], 1];
const TEST: StepOf = ['test', [['make']], 2];

function without([name, inputs]: StepOf): StepOf {
  return [name, inputs];
}

function results({ records }: CacheConfig): number {
  return records.filter((record) => record.results.length > 0).length;
}

test('a result that only the cache before has is taken over', () => {
  const whole = configOf(BASE, MAKE, TEST);
  expect(completed(configOf(BASE, without(MAKE), TEST), whole)).toEqual(whole);
  expect(completed(configOf(BASE, without(MAKE), TEST), forked(whole))).toEqual(whole);
});

test('a result of its own stays', () => {
  const [one, other] = [configOf(BASE, MAKE, TEST), configOf(BASE, ['make', [['base']], 2], TEST)];
  expect(completed(one, other)).toEqual(one);
});

test('nothing comes of a step that is no more, or that was made of something else', () => {
  const now = configOf(BASE, ['make', [['base']]], TEST);
  expect(completed(now, configOf(BASE, ['make it', [['base']], 1]))).toEqual(now);
  expect(completed(now, configOf(['other base'], ['make', [['other base']], 1]))).toEqual(now);
});

test('a layer that the new cache does not have any more is not taken over, so that nothing is kept for longer than BuildKit keeps it', () => {
  const before = configOf(BASE, MAKE, ['test', [['make']], 3]);
  const now = configOf(BASE, without(MAKE), without(TEST), ['copy', [['test']], 2]);
  expect(completed(now, before)).toEqual(configOf(BASE, MAKE, without(TEST), ['copy', [['test']], 2]));
  const { layers, records } = configOf(BASE, without(MAKE), TEST);
  const others = { layers: layers.map(({ parent }, index) => ({ parent, blob: `sha256:${`${index}`.repeat(64)}` })), records };
  expect(completed(others, before)).toEqual(others);
});

test.each([['min-copy-change', 'min-before'], ['old-copy-change', 'old-before']])('BuildKit loses results, which are there again: %s', (name, beforeName) => {
  const [now, before] = [written(name), written(beforeName)];
  const done = completed(now, before);
  expect(results(done)).toBeGreaterThan(results(joined(now)));
  expect(done.layers).toBe(now.layers);
  expect(done.records).toHaveLength(joined(now).records.length);
  expect(meaningOf(completed(done, before))).toEqual(meaningOf(done));
});

test.each(['first', 'dependency-change', 'copy-change'])('where it loses none, there is nothing to complete: %s', (name) => {
  expect(completed(written(name), written('first'))).toEqual(joined(written(name)));
});
