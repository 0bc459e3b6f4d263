import { createHash } from 'crypto';
import { APART, END, NAME } from './apart';
import { CacheConfig, CacheLink, CacheRecord } from './cache-config';
import { joined } from './joined';

/**
 * The same cache, with each step in two records: one without a result, which is the way to all that comes after it, and one with the result, which leads nowhere.
 *
 * When BuildKit loads a result, it loads those of all records that lead to it as well (`LoadWithParents` in `cache/remotecache/v1/cachestorage.go`), and
 * asks for each layer of each of them whether it and all below it are there: with n steps, some n³/6 questions. In an engine with containerd's image store each
 * is a call of another process, so 50 steps take 15 seconds longer. Here no record with a result leads to another one, and BuildKit loads the one that it needs.
 *
 * BuildKit finds both records, since it asks for what comes from the inputs that a step has, and not whether there are more of them. The ways come first: what is
 * added later with fewer inputs would be taken for what is there (`CacheChains.Add`).
 */
export function forked(config: CacheConfig): CacheConfig {
  const { layers, records } = joined(config);
  const ways = records.map((record) => (isFork(record) ? { ...record, results: [] } : record));
  const apart: CacheRecord = { digest: APART, inputs: [], results: [] };
  const results = records.filter(isFork).map((record) => ({ ...record, inputs: [...record.inputs, [to(records.length)]] }));
  return { layers, records: withEnd(results.length > 0 ? withNames([...ways, apart, ...results]) : ways) };
}

/**
 * With a name for each record that no record of another cache has. Since 0.25, BuildKit names a record after what leads to it, so a step that two caches know may have the same name in
 * both. Of such a step the solver keeps the one of the cache that answers first (`combinedCacheManager.Query`): what only the other cache has behind it would run again, by chance.
 */
function withNames(records: readonly CacheRecord[]): CacheRecord[] {
  const cache = createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 16);
  const named = records.map(({ inputs, ...record }, index) => (
    { ...record, inputs: inputs.map((links, input) => (input === 0 ? [...links, { record: records.length, selector: `${cache}-${index}` }] : links)) }));
  return [...named, { digest: NAME, inputs: [], results: [] }];
}

/**
 * With one record behind all others. BuildKit takes in a cache from each of its ends in turn, and since 0.25 loses a link where it comes for the second time to a record that
 * it knows from another end (`addItemToStorage`): steps would run again, by chance.
 */
function withEnd(records: readonly CacheRecord[]): CacheRecord[] {
  const inner = new Set(records.flatMap(({ inputs }) => inputs.flatMap((links) => links.map(({ record }) => record))));
  const ends = records.flatMap((_, index) => (inner.has(index) ? [] : [to(index)]));
  return ends.length > 1 ? [...records, { digest: END, inputs: [ends], results: [] }] : [...records];
}

/** A root has no input beside which another one could stand. */
function isFork({ inputs, results }: CacheRecord): boolean {
  return inputs.length > 0 && results.length > 0;
}

function to(record: number): CacheLink {
  return { record, selector: '' };
}
