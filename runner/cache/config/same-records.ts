import { CacheRecord } from './cache-config';
import { inputsFirst } from './inputs-first';

/**
 * For each record, the first one that is the same to BuildKit: of the same digest, and with a link in each input that both have. It is the rule of
 * `CacheChains.Add` in `cache/remotecache/v1/chains.go`.
 */
export function sameRecords(records: readonly CacheRecord[]): number[] {
  const first = records.map((_, index) => index);
  const find = (index: number): number => {
    while (first[index] !== index) index = first[index];
    return index;
  };
  const order = inputsFirst(records.map(({ inputs }) => inputs.flatMap((links) => links.map(({ record }) => record))));
  // What comes from records that turn out to be the same may be the same, too.
  for (let isDone = false; !isDone;) {
    isDone = true;
    const found = new Map<string, Set<number>>();
    for (const index of order) {
      const ways = waysTo(records[index], find);
      for (const other of inAll(ways.map((names) => new Set(names.flatMap((name) => [...found.get(name) ?? []].map(find)))))) {
        const [low, high] = [find(index), find(other)].sort((a, b) => a - b);
        if (low === high) continue;
        first[high] = low;
        isDone = false;
      }
      for (const name of ways.flat()) found.set(name, (found.get(name) ?? new Set()).add(index));
    }
  }
  return first.map(find);
}

/** How BuildKit gets to a record, for each of its inputs. */
function waysTo({ digest, inputs }: CacheRecord, find: (index: number) => number): string[][] {
  if (inputs.length === 0) return [[digest]];
  return inputs.map((links, input) => links.map(({ record, selector }) => JSON.stringify([digest, inputs.length, input, find(record), selector])));
}

function inAll([first, ...others]: readonly ReadonlySet<number>[]): number[] {
  return [...first].filter((one) => others.every((other) => other.has(one)));
}
