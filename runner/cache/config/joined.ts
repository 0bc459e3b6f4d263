import { APART, END, NAME } from './apart';
import { CacheConfig, CacheLink, CacheRecord } from './cache-config';
import { sameRecords } from './same-records';

/**
 * The configuration that BuildKit would have written if it had not read a forked one. One that has takes over both records of a step, or one of them, each
 * with a part of the results and of the ways to what comes after it.
 */
export function joined(forkedConfig: CacheConfig): CacheConfig {
  const config = withoutNames(forkedConfig);
  const isOurs = config.records.map(({ digest }) => [APART, END, NAME].includes(digest));
  if (!isOurs.includes(true)) return forkedConfig;
  const isApart = (links: readonly CacheLink[]) => links.every((link) => isOurs[link.record]);
  const records = config.records.map((record) => ({ ...record, inputs: record.inputs.filter((links) => !isApart(links)) }));
  const same = sameRecords(records);
  const kept = [...new Set(same)].filter((index) => !isOurs[index]);
  if (kept.some((index) => records[index].inputs.length === 0 && config.records[index].inputs.length > 0)) {
    throw new Error('it has a step that comes from nothing');
  }
  const place = new Map(kept.map((index, at) => [index, at]));
  const twins = new Map<number, CacheRecord[]>();
  records.forEach((record, index) => twins.set(same[index], [...twins.get(same[index]) ?? [], record]));
  const moved = (link: CacheLink): CacheLink => {
    const record = place.get(same[link.record]);
    if (record === undefined) throw new Error('it has an input that is both apart and not');
    return { ...link, record };
  };
  return { ...config, records: kept.map((index) => one(twins.get(index)!, moved)) };
}

function withoutNames({ layers, records }: CacheConfig): CacheConfig {
  const isName = records.map(({ digest }) => digest === NAME);
  const unnamed = (links: readonly CacheLink[]) => links.filter(({ record }) => !isName[record]);
  const config = { layers, records: records.map((record) => ({ ...record, inputs: record.inputs.map(unnamed) })) };
  if (config.records.some(({ inputs }) => inputs.some((links) => links.length === 0))) throw new Error('it has an input that comes from nothing');
  return config;
}

function one(twins: readonly CacheRecord[], moved: (link: CacheLink) => CacheLink): CacheRecord {
  const [{ digest, inputs }] = twins;
  return {
    digest,
    inputs: inputs.map((_, input) => unique(twins.flatMap((twin) => twin.inputs[input].map(moved)), ({ record, selector }) => `${record} ${selector}`)),
    results: unique(twins.flatMap(({ results }) => results), ({ layer }) => `${layer}`),
  };
}

function unique<T>(all: readonly T[], name: (one: T) => string): T[] {
  return [...new Map(all.map((item) => [name(item), item])).values()];
}
