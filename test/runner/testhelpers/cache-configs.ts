import * as fs from 'fs';
import * as path from 'path';
import { digestOf } from './layers';
import { CacheConfig, CacheRecord } from '../../../runner/cache/config/cache-config';
import { configFromJson } from '../../../runner/cache/config/cache-config-json';
import { sameRecords } from '../../../runner/cache/config/same-records';

const TIME = '2026-11-26T03:08:00.123456789Z';

/** A configuration that BuildKit has written, of an image with two stages, copies from the context and copies with `--link`. */
export function written(name: string): CacheConfig {
  return configFromJson(fs.readFileSync(path.join(__dirname, '../cache/config/fixtures', `${name}.json`), 'utf8'));
}

/** A step by its name, the steps that it may come from, input by input, and how many layers are below and in its result. */
export type StepOf = readonly [name: string, inputs?: readonly (readonly string[])[], layers?: number];

/** A configuration of steps in their order. The layers are those of one image. */
export function configOf(...steps: readonly StepOf[]): CacheConfig {
  const names = steps.map(([name]) => name);
  const highest = Math.max(0, ...steps.map(([, , layers = 0]) => layers));
  return {
    layers: Array.from({ length: highest }, (_, index) => ({ blob: digestOf(`layer ${index}`), parent: index - 1 })),
    records: steps.map(([name, inputs = [], layers]) => ({
      digest: digestOf(name),
      inputs: inputs.map((links) => links.map((from) => ({ record: names.indexOf(from), selector: '' }))),
      results: layers === undefined ? [] : [{ layer: layers - 1, createdAt: TIME }],
    })),
  };
}

/** Any configuration that BuildKit may write; the same seed gives the same one. */
export function randomConfig(seed: number): CacheConfig {
  const below = randomNumbers(seed);
  const layers = Array.from({ length: 12 }, (_, index) => ({ blob: digestOf(`layer ${below(8)}`), parent: index === 0 || below(4) === 0 ? -1 : below(index) }));
  const records: CacheRecord[] = [];
  while (records.length < 14) {
    const inputs = records.length < 3 ? [] : Array.from({ length: 1 + below(2) }, () => (
      [...new Set(Array.from({ length: 1 + below(2) }, () => below(records.length)))].map((record) => ({ record, selector: below(5) === 0 ? digestOf('/src') : '' }))));
    const results = inputs.length > 0 && below(4) > 0 ? [{ layer: below(layers.length), createdAt: TIME }] : [];
    records.push({ digest: digestOf(`step ${below(20)}`), inputs, results });
    if (new Set(sameRecords(records)).size < records.length) records.pop(); // BuildKit would have written one
  }
  return { layers, records };
}

/** Whole numbers below others. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed * 2_654_435_761 % 2_147_483_647 + 1;
  return (limit) => {
    state = state * 48_271 % 2_147_483_647;
    return Math.floor(state / 2_147_483_647 * limit);
  };
}

/** What a configuration says, whatever the order is that it says it in. */
export function meaningOf(config: CacheConfig): string[] {
  const known: string[] = [];
  const name = (index: number): string => {
    const { digest, inputs } = config.records[index];
    const from = inputs.map((links) => links.map(({ record, selector }) => `${selector} of ${known[record] ??= name(record)}`).sort().join(' or '));
    return known[index] ??= digestOf([digest, ...from].join(' with '));
  };
  return config.records.map(({ results }, index) => `${name(index)}: ${results.map((result) => chainOf(config, result.layer)).sort().join(' or ')}`).sort();
}

/** The blobs of a layer and of all below it. */
export function chainOf({ layers }: CacheConfig, index: number): string {
  const { blob, parent } = layers[index];
  return parent === -1 ? blob : `${chainOf({ layers, records: [] }, parent)} ${blob}`;
}
