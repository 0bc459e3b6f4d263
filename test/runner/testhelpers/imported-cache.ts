import { chainOf, randomNumbers } from './cache-configs';
import { CacheConfig } from '../../../runner/cache/config/cache-config';

interface Item {
  readonly digest: string;
  readonly parents: Map<Item, readonly [input: number, selector: string]>[];
  /** By what is asked for. */
  readonly children: Map<string, Set<Item>>;
  /** Those that are found by it, in the end. */
  readonly links: Map<string, Item[]>;
  readonly results: Set<string>;
}

/** A cache as BuildKit has it after reading its configuration, so far as matters here: `CacheChains.Add`, `addItemToStorage` and `LoadWithParents` of 0.25 and later. */
export class ImportedCache {
  private readonly items: Item[] = [];
  private readonly stored = new Set<Item>();

  /** @param seed of the order in which BuildKit comes upon the ends, which is any */
  constructor(config: CacheConfig, seed: number) {
    const added: Item[] = [];
    config.records.forEach((_, index) => this.add(config, index, added));
    const ends = this.items.filter(({ children }) => children.size === 0);
    const below = randomNumbers(seed);
    while (ends.length > 0) this.store(ends.splice(below(ends.length), 1)[0], new Map());
  }

  /** The records that are found for a step. */
  public find({ records }: CacheConfig, index: number, known: Set<Item>[] = []): Set<Item> {
    const { digest, inputs } = records[index];
    const isRoot = (item: Item) => item.parents.length === 0 && item.digest === digest && this.stored.has(item);
    if (inputs.length === 0) return new Set(this.items.filter(isRoot));
    const [first, ...others] = inputs.map((links, input) => new Set(links.flatMap(({ record, selector }) => (
      [...known[record] ??= this.find({ layers: [], records }, record, known)].flatMap((item) => item.links.get(`${input} ${selector} ${digest}`) ?? [])))));
    return new Set([...first].filter((item) => others.every((other) => other.has(item))));
  }

  /** The results that are loaded with that of a record. */
  public load(item: Item): number {
    const [wanted] = item.results;
    const all = new Set<Item>();
    const walk = (one: Item) => {
      if (all.has(one)) return;
      all.add(one);
      one.parents.forEach((parents) => [...parents.keys()].forEach(walk));
    };
    walk(item);
    return [...all].flatMap(({ results }) => [...results]).filter((result) => `${wanted} `.startsWith(`${result} `)).length;
  }

  private add(config: CacheConfig, index: number, added: Item[]): Item {
    if (added[index]) return added[index];
    const { digest, inputs, results } = config.records[index];
    const links = inputs.map((all) => all.map(({ record, selector }) => ({ from: this.add(config, record, added), selector })));
    const candidates = links.map((all, input) => new Set(all.flatMap(({ from, selector }) => [...from.children.get(`${input} ${selector} ${digest}`) ?? []])));
    const same = inputs.length === 0
      ? this.items.find((item) => item.digest === digest && item.parents.length === 0)
      : [...candidates[0]].find((item) => candidates.every((others) => others.has(item)));
    const item: Item = same ?? { digest, parents: [], children: new Map(), links: new Map(), results: new Set() };
    if (!same) this.items.push(item);
    results.forEach(({ layer }) => item.results.add(chainOf(config, layer)));
    links.forEach((all, input) => all.forEach(({ from, selector }) => {
      const asked = `${input} ${selector} ${digest}`;
      from.children.set(asked, (from.children.get(asked) ?? new Set()).add(item));
      (item.parents[input] ??= new Map()).set(from, [input, selector]);
    }));
    return added[index] = item;
  }

  /** What was stored from another end is given out once only. */
  private store(item: Item, visited: Map<Item, Item | undefined>): Item | undefined {
    if (visited.has(item)) return visited.get(item);
    visited.set(item, undefined);
    if (this.stored.has(item)) return item;
    for (const parents of item.parents) {
      for (const [parent, [input, selector]] of parents) {
        const asked = `${input} ${selector} ${item.digest}`;
        const from = this.store(parent, visited);
        if (from) from.links.set(asked, [...from.links.get(asked) ?? [], item]);
      }
    }
    this.stored.add(item);
    visited.set(item, item);
    return item;
  }
}
