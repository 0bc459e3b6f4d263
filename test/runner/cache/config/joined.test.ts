import { APART, END, NAME } from '../../../../runner/cache/config/apart';
import { CacheConfig, CacheRecord } from '../../../../runner/cache/config/cache-config';
import { forked } from '../../../../runner/cache/config/forked';
import { joined } from '../../../../runner/cache/config/joined';
import { configOf, meaningOf, randomConfig, randomNumbers, written } from '../../testhelpers/cache-configs';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const CHAIN = configOf(['base'], ['make', [['base']], 1], ['test', [['make']], 2]);

/** The same records in another order, and with them all links. */
function shuffled({ layers, records }: CacheConfig, seed: number): CacheConfig {
  const below = randomNumbers(seed);
  const rest = records.map((_, index) => index);
  const order: number[] = [];
  while (rest.length > 0) order.push(...rest.splice(below(rest.length), 1));
  const moved = ({ inputs, ...record }: CacheRecord) => (
    { ...record, inputs: inputs.map((links) => links.map((link) => ({ ...link, record: order.indexOf(link.record) }))) });
  return { layers, records: order.map((index) => moved(records[index])) };
}

function without({ layers, records }: CacheConfig, digest: string): CacheConfig {
  return { layers, records: records.filter((record) => record.digest !== digest) };
}

test('what was never forked stays as it is', () => {
  const config = written('first');
  expect(joined(config)).toBe(config);
});

test.each(['dependency-change', 'copy-change', 'min-copy-change', 'old-copy-change'])(
  'nothing of what forking has added is left of what BuildKit wrote after it had read it: %s', (name) => {
    const config = written(name);
    expect(config.records.filter(({ digest }) => digest === APART)).toHaveLength(1);
    const { layers, records } = joined(config);
    expect(layers).toBe(config.layers);
    expect(records.filter(({ digest }) => [APART, END, NAME].includes(digest))).toEqual([]);
    // as many steps as there are in a cache that was never forked, and two more ways to what is the same
    expect(records.length).toBeLessThanOrEqual(written('first').records.length + 1);
    expect(joined({ layers, records })).toEqual({ layers, records });
    const results = (all: readonly CacheRecord[]) => new Set(all.flatMap((record) => record.results.map(({ layer }) => `${record.digest} ${layer}`)));
    expect(results(records)).toEqual(results(config.records));
  });

test.each(SEEDS)('the order of records does not matter: %i', (seed) => {
  const config = randomConfig(seed);
  // BuildKit leaves out the end, and sorts the records
  expect(meaningOf(joined(shuffled(without(forked(config), END), seed)))).toEqual(meaningOf(config));
});

test('the result and the ways may be at either of the two', () => {
  const { layers, records } = forked(CHAIN);
  const [base, make, test, apart, makeResult, testResult, name] = records;
  // the next step comes from the record that has the result
  const changed = { layers, records: [base, make, { ...test, inputs: [[{ record: 4, selector: '' }]] }, apart, makeResult, testResult, name] };
  expect(meaningOf(joined(changed))).toEqual(meaningOf(CHAIN));
});

test('a step that was taken over as a result only is a step', () => {
  const { layers, records: [base, , , , makeResult] } = forked(CHAIN);
  const apart = { digest: APART, inputs: [], results: [] };
  const config = { layers, records: [base, apart, { ...makeResult, inputs: [[{ record: 0, selector: '' }], [{ record: 1, selector: '' }]] }] };
  expect(joined(config)).toEqual({ layers, records: CHAIN.records.slice(0, 2) });
});

test('what cannot be joined is refused', () => {
  const apart = { digest: APART, inputs: [], results: [] };
  const { layers, records: [base, make] } = CHAIN;
  expect(() => joined({ layers, records: [apart, { ...make, inputs: [[{ record: 0, selector: '' }]] }] })).toThrow('it has a step that comes from nothing');
  const both = [{ record: 0, selector: '' }, { record: 1, selector: '' }];
  expect(() => joined({ layers, records: [base, apart, { ...make, inputs: [both] }] })).toThrow('it has an input that is both apart and not');
  const name = { digest: NAME, inputs: [], results: [] };
  const named = { ...make, inputs: [[{ record: 1, selector: 'name' }], [{ record: 0, selector: '' }]] };
  expect(() => joined({ layers, records: [base, name, named] })).toThrow('it has an input that comes from nothing');
});
