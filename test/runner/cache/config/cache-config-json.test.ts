import * as fs from 'fs';
import * as path from 'path';
import { configFromJson, configToJson } from '../../../../runner/cache/config/cache-config-json';
import { forked } from '../../../../runner/cache/config/forked';
import { randomConfig, written } from '../../testhelpers/cache-configs';

const fixtures = path.join(__dirname, 'fixtures');

test.each(fs.readdirSync(fixtures))('%s is written as BuildKit wrote it', (name) => {
  const text = fs.readFileSync(path.join(fixtures, name), 'utf8');
  const json = JSON.parse(text);
  const explicit = { ...json, layers: json.layers.map((layer: object) => ({ parent: 0, ...layer })) };
  expect(JSON.parse(configToJson(configFromJson(text)))).toEqual(explicit);
});

test('what is written can be read', () => {
  const random = Array.from({ length: 20 }, (_, seed) => randomConfig(seed));
  for (const config of [forked(written('first')), ...random]) {
    expect(configFromJson(configToJson(config))).toEqual(config);
  }
});

test('a layer without a parent in its text is on the first one', () => {
  const blobs = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`);
  const text = JSON.stringify({ layers: [{ blob: blobs[0], parent: -1 }, { blob: blobs[1] }] });
  expect(configFromJson(text).layers[1]).toEqual({ blob: blobs[1], parent: 0 });
});

test('an empty one is one', () => {
  expect(configFromJson('{}')).toEqual({ layers: [], records: [] });
});

const digest = `sha256:${'a'.repeat(64)}`;
const layer = { blob: digest, parent: -1 };
const result = { layer: 0, createdAt: '2026-11-26T03:08:00Z' };
const record = (values: object) => ({ layers: [layer], records: [{ digest }, { digest, ...values }] });

test.each<[unknown, string]>([
  [[], 'something else where an object has to be'],
  [null, 'something else where an object has to be'],
  ['text', 'something else where an object has to be'],
  [{ layers: {} }, 'something else where a list has to be'],
  [{ layers: null }, 'something else where a list has to be'],
  [{ records: [null] }, 'something else where an object has to be'],
  [{ version: 2 }, "'version', which this program does not know"],
  [{ layers: [{ ...layer, annotations: {} }] }, "'annotations', which this program does not know"],
  [{ layers: [{ parent: -1 }] }, 'a digest that is none'],
  [{ layers: [{ ...layer, blob: 'sha256:abc' }] }, 'a digest that is none'],
  [{ layers: [{ ...layer, parent: -2 }] }, 'an index that is none'],
  [{ layers: [{ ...layer, parent: '0' }] }, 'an index that is none'],
  [{ layers: [{ ...layer, parent: 0.5 }] }, 'an index that is none'],
  [{ layers: [{ ...layer, parent: 1 }] }, 'a layer on one that is not there'],
  [{ layers: [{ blob: digest }] }, 'something that depends on itself'],
  [{ layers: [{ blob: digest, parent: 1 }, { blob: digest, parent: 0 }] }, 'something that depends on itself'],
  [record({ digest: 'random:1' }), 'a digest that is none'],
  [record({ chains: [{ layers: [0], createdAt: result.createdAt }] }), "'chains', which this program does not know"],
  [record({ layers: [{ ...result, layer: 1 }] }), 'a result of a layer that is not there'],
  [record({ layers: [{ ...result, layer: -1 }] }), 'an index that is none'],
  [record({ layers: [{ layer: 0 }] }), 'a result of no time'],
  [record({ layers: [{ ...result, createdAt: 'today' }] }), 'a result of no time'],
  [record({ layers: [{ ...result, size: 1 }] }), "'size', which this program does not know"],
  [record({ inputs: [[]] }), 'an input that comes from nowhere'],
  [record({ inputs: [null] }), 'something else where a list has to be'],
  [record({ inputs: [[{ link: 2 }]] }), 'a link to a record that is not there'],
  [record({ inputs: [[{ link: -1 }]] }), 'an index that is none'],
  [record({ inputs: [[{}]] }), 'an index that is none'],
  [record({ inputs: [[{ link: 0, selector: 1 }]] }), 'a selector that is none'],
  [record({ inputs: [[{ link: 0, output: 1 }]] }), "'output', which this program does not know"],
  [record({ inputs: [[{ link: 1 }]] }), 'something that depends on itself'],
  [JSON.parse('{"__proto__":[]}'), "'__proto__', which this program does not know"],
])('%j is not understood', (json, reason) => {
  expect(() => configFromJson(JSON.stringify(json))).toThrow(`it has ${reason}`);
});

test('text that is no JSON is not understood', () => {
  expect(() => configFromJson('<html>')).toThrow(SyntaxError);
});

test('a long chain is no problem', () => {
  const records = Array.from({ length: 9_000 }, (_, index) => ({ digest, ...index > 0 && { inputs: [[{ link: index - 1 }]] } }));
  expect(forked(configFromJson(JSON.stringify({ records }))).records).toHaveLength(9_000);
});
