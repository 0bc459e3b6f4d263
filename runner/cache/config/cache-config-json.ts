import { CacheConfig, CacheLayer, CacheLink, CacheRecord, CacheResult } from './cache-config';
import { inputsFirst } from './inputs-first';

/** Reads a configuration. Fails when there is anything in it that this program does not know: what is not understood must not be written again. */
export function configFromJson(text: string): CacheConfig {
  const { layers = [], records = [] } = only(JSON.parse(text), ['layers', 'records']);
  const config = { layers: list(layers).map(layerOf), records: list(records).map(recordOf) };
  checkConfig(config);
  return config;
}

/** Fails when an index points nowhere, or in a circle. */
export function checkConfig({ layers, records }: CacheConfig): void {
  const within = (all: readonly unknown[]) => (index: number) => index >= 0 && index < all.length;
  const links = records.map(({ inputs }) => inputs.flatMap((input) => input.map((to) => to.record)));
  if (!layers.every(({ parent }) => parent === -1 || within(layers)(parent))) throw new Error('it has a layer on one that is not there');
  if (!records.every(({ results }) => results.every((made) => within(layers)(made.layer)))) throw new Error('it has a result of a layer that is not there');
  if (!links.every((all) => all.every(within(records)))) throw new Error('it has a link to a record that is not there');
  inputsFirst(layers.map(({ parent }) => (parent === -1 ? [] : [parent])));
  inputsFirst(links);
}

/** As BuildKit writes it: it leaves out what is empty. */
export function configToJson({ layers, records }: CacheConfig): string {
  return JSON.stringify({
    layers,
    records: records.map(({ digest, inputs, results }) => ({
      ...results.length > 0 && { layers: results },
      digest,
      ...inputs.length > 0 && { inputs: inputs.map((links) => links.map(({ record: link, selector }) => ({ ...selector !== '' && { selector }, link }))) },
    })),
  });
}

function layerOf(json: unknown): CacheLayer {
  const { blob, parent = 0 } = only(json, ['blob', 'parent']); // the first one, if it is left out
  return { blob: digestOf(blob), parent: indexOf(parent, -1) };
}

function recordOf(json: unknown): CacheRecord {
  const { digest, inputs = [], layers = [] } = only(json, ['digest', 'inputs', 'layers']);
  return { digest: digestOf(digest), inputs: list(inputs).map(inputOf), results: list(layers).map(resultOf) };
}

function inputOf(json: unknown): CacheLink[] {
  const links = list(json).map(linkOf);
  if (links.length === 0) throw new Error('it has an input that comes from nowhere');
  return links;
}

function linkOf(json: unknown): CacheLink {
  const { link, selector = '' } = only(json, ['link', 'selector']);
  if (typeof selector !== 'string') throw new Error('it has a selector that is none');
  return { record: indexOf(link), selector };
}

function resultOf(json: unknown): CacheResult {
  const { layer, createdAt } = only(json, ['layer', 'createdAt']);
  if (typeof createdAt !== 'string' || Number.isNaN(Date.parse(createdAt))) throw new Error('it has a result of no time');
  return { layer: indexOf(layer), createdAt };
}

function only(json: unknown, names: readonly string[]): { readonly [name: string]: unknown } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('it has something else where an object has to be');
  const strange = Object.keys(json).find((name) => !names.includes(name));
  if (strange !== undefined) throw new Error(`it has '${strange}', which this program does not know`);
  return json as { [name: string]: unknown };
}

function list(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new Error('it has something else where a list has to be');
  return json;
}

function digestOf(json: unknown): string {
  if (typeof json !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(json)) throw new Error('it has a digest that is none');
  return json;
}

function indexOf(json: unknown, lowest = 0): number {
  if (!Number.isSafeInteger(json) || (json as number) < lowest) throw new Error('it has an index that is none');
  return json as number;
}
