import { CacheConfig, CacheLayer, CacheRecord, CacheResult } from './cache-config';
import { inputsFirst } from './inputs-first';
import { joined } from './joined';
import { sameRecords } from './same-records';

/**
 * A configuration with the results that only the one before it has. BuildKit loses some when it writes what it has read: 0.13 in each mode, 0.25 with
 * `mode=min`. Taken over are those of records that both have, and of layers that the new one has below others. So nothing is kept for longer than BuildKit keeps it:
 * records of steps that are no more may stay there for long, as other ways to what is the same.
 */
export function completed(config: CacheConfig, before: CacheConfig): CacheConfig {
  const [now, then] = [joined(config), joined(before)];
  const shift = now.records.length;
  const same = sameRecords([...now.records, ...then.records.map((record) => shifted(record, shift))]);
  const places = placesOf(now.layers, then.layers);
  const known = new Map<number, CacheResult[]>();
  then.records.forEach(({ results }, index) => {
    const moved = results.map(({ layer, createdAt }) => ({ layer: places[layer], createdAt }));
    const found = moved.filter((result): result is CacheResult => result.layer !== undefined);
    if (found.length > 0) known.set(same[shift + index], found);
  });
  const resultsOf = ({ results }: CacheRecord, index: number) => (results.length > 0 ? results : known.get(same[index]) ?? []);
  return { ...now, records: now.records.map((record, index) => ({ ...record, results: resultsOf(record, index) })) };
}

function shifted(record: CacheRecord, shift: number): CacheRecord {
  return { ...record, inputs: record.inputs.map((links) => links.map((link) => ({ ...link, record: link.record + shift }))) };
}

/** Where layers are among others, with all that is below them: undefined for those that are not there. */
function placesOf(layers: readonly CacheLayer[], others: readonly CacheLayer[]): (number | undefined)[] {
  const names = new Map<string, number>();
  const nameAll = (all: readonly CacheLayer[]) => {
    const named: number[] = [];
    for (const index of inputsFirst(all.map(({ parent }) => (parent === -1 ? [] : [parent])))) {
      const { blob, parent } = all[index];
      const text = `${blob} on ${parent === -1 ? 'nothing' : named[parent]}`;
      named[index] = names.get(text) ?? names.size;
      names.set(text, named[index]);
    }
    return named;
  };
  const places = new Map(nameAll(layers).map((name, index) => [name, index]));
  return nameAll(others).map((name) => places.get(name));
}
