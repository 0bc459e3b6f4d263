import { END, NAME } from '../../../../runner/cache/config/apart';
import { CacheConfig, CacheRecord } from '../../../../runner/cache/config/cache-config';
import { checkConfig } from '../../../../runner/cache/config/cache-config-json';
import { forked } from '../../../../runner/cache/config/forked';
import { joined } from '../../../../runner/cache/config/joined';
import { chainOf, configOf, meaningOf, randomConfig, written } from '../../testhelpers/cache-configs';
import { ImportedCache } from '../../testhelpers/imported-cache';

const SEEDS = Array.from({ length: 80 }, (_, seed) => seed);
const REAL = ['first', 'dependency-change', 'copy-change', 'min-copy-change', 'old-copy-change'];
const ALL: readonly (readonly [string, () => CacheConfig])[] = [
  ...REAL.map((name) => [name, () => joined(written(name))] as const),
  ...SEEDS.map((seed) => [`random ${seed}`, () => randomConfig(seed)] as const),
];

/** The steps whose results BuildKit does not find as the configuration says, whatever the order is that it comes upon the ends in. */
function lost(config: CacheConfig, read: CacheConfig): string[] {
  return Array.from({ length: 8 }, (_, seed) => new ImportedCache(read, seed)).flatMap((cache) => config.records.flatMap(({ results }, index) => {
    const found = [...cache.find(config, index)].flatMap((item) => [...item.results]);
    return results.every(({ layer }) => found.includes(chainOf(config, layer))) ? [] : [`${index}`];
  }));
}

test('each step with a result becomes two, and one record ends all of them', () => {
  const config = configOf(['base'], ['make', [['base']], 1], ['test', [['make']], 2], ['copy', [['test'], ['base']]]);
  const { layers, records } = forked(config);
  expect(layers).toBe(config.layers);
  const name = records.findIndex(({ digest }) => digest === NAME);
  const others = (links: CacheRecord['inputs'][number]) => links.map(({ record }) => record).filter((record) => record !== name);
  const indices = ({ inputs, results }: CacheRecord) => [inputs.map(others), results.map(({ layer }) => layer)];
  expect(records.map(indices)).toEqual([
    [[], []], [[[0]], []], [[[1]], []], [[[2], [0]], []], // the ways
    [[], []], // what the results come from as well
    [[[0], [4]], [0]], [[[1], [4]], [1]], // the results
    [[], []], // what the names come from
    [[[3, 5, 6]], []], // the end
  ]);
  expect(records.filter(({ digest }) => digest === END)).toHaveLength(1);
});

test('no record has a name that is also in another cache', () => {
  const names = (config: CacheConfig) => {
    const { records } = forked(config);
    const steps = records.filter(({ digest, inputs }) => digest !== END && inputs.length > 0);
    const found = steps.map(({ inputs: [first] }) => first.filter(({ record }) => records[record].digest === NAME));
    expect(found.every((links) => links.length === 1)).toBe(true);
    return found.map(([{ selector }]) => selector);
  };
  const one = names(configOf(['base'], ['make', [['base']], 1], ['test', [['make']], 2]));
  const other = names(configOf(['base'], ['make', [['base']], 1], ['check', [['make']], 2]));
  expect(new Set([...one, ...other]).size).toBe(one.length + other.length);
});

test.each([
  ['empty', configOf()],
  ['a root with a result, which has no input beside which another one could be', configOf(['base', [], 1])],
  ['a chain without results', configOf(['base'], ['make', [['base']]])],
])('a cache stays as it is when it is %s', (_, config) => {
  expect(forked(config)).toEqual(config);
});

test.each(ALL)('%s: joined again, it is what it was', (_, config) => {
  const plain = config();
  const once = forked(plain);
  checkConfig(once);
  expect(meaningOf(joined(once))).toEqual(meaningOf(plain));
  expect(forked(once)).toEqual(once);
});

test.each(ALL)('%s: BuildKit finds each result by all ways, and loads no other one with it', (_, config) => {
  const plain = config();
  const read = forked(plain);
  expect(lost(plain, read)).toEqual([]);
  const cache = new ImportedCache(read, 0);
  plain.records.forEach(({ inputs }, index) => {
    for (const item of cache.find(plain, index)) if (item.results.size > 0 && inputs.length > 0) expect(cache.load(item)).toBe(item.results.size);
  });
});

test('BuildKit loads those of all steps below with a result of a cache that is not forked', () => {
  const chain = configOf(['0'], ...Array.from({ length: 30 }, (_, index) => [`${index + 1}`, [[`${index}`]], index + 1] as const));
  const count = (config: CacheConfig) => {
    const cache = new ImportedCache(config, 0);
    return [...cache.find(chain, 30)].filter(({ results }) => results.size > 0).map((item) => cache.load(item));
  };
  expect(count(chain)).toEqual([30]);
  expect(count(forked(chain))).toEqual([1]);
});

test('BuildKit would lose steps of a cache with many ends', () => {
  const plain = joined(written('first'));
  const { layers, records } = forked(plain);
  expect(lost(plain, { layers, records: records.filter(({ digest }) => digest !== END) })).not.toEqual([]);
});
