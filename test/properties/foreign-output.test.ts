import { Readable } from 'stream';
import { gzipSync } from 'zlib';
import * as fc from 'fast-check';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { KanikoLog } from '../../runner/builder/kaniko/kaniko-log';
import { checkConfig, configFromJson, configToJson } from '../../runner/cache/config/cache-config-json';
import { forked } from '../../runner/cache/config/forked';
import { imageArchive } from '../../runner/layers/image-archive';
import { layerEntries } from '../../runner/layers/layer-entries';
import { treeFromJson, treeToJson } from '../../runner/layers/tree-json';
import { LineSplitter } from '../../runner/process/line-splitter';
import { recordFromJson, recordToJson } from '../../runner/record/build-record';
import { Log } from '../../runner/report/log';
import { PlainProgress } from '../../runner/solve/plain-progress';
import { RawJsonProgress } from '../../runner/solve/rawjson-progress';
import { errorOf, importsOf, SolveProgress, stepsOf } from '../../runner/solve/solve-progress';

// What other programs, registries and caches may answer is anything. It is read, or it is refused; it never gets another meaning.

const RUNS = 2000;
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('ERROR: x', '--- cached docker build ---', '#1 CACHED', '#1 [1/2] RUN x', '\r\x1b[2K', 'sha256:0 1MB / 2MB'));
const json = fc.jsonValue();

/** JSON of the shape that is expected, with anything in the places of its values. */
function shaped(shape: { readonly [name: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<unknown> {
  return fc.record(shape, { requiredKeys: [] });
}

/** What a function makes of a value, or the error that it raises, which has to be one that says something. */
function answer<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).not.toBe('');
    expect(error).not.toBeInstanceOf(RangeError); // such as one of the stack
    return undefined;
  }
}

const vertex = shaped({
  digest: fc.oneof(fc.constantFrom('sha256:1', 'sha256:2'), json),
  name: fc.oneof(text, json),
  started: fc.oneof(text, json),
  completed: fc.oneof(text, json),
  cached: fc.oneof(fc.boolean(), json),
  error: fc.oneof(text, json),
});
const event = shaped({
  vertexes: fc.oneof(fc.array(fc.oneof(vertex, json)), json),
  statuses: fc.oneof(fc.array(fc.oneof(shaped({ id: text, vertex: text, completed: text, current: fc.oneof(fc.integer(), json) }), json)), json),
  logs: fc.oneof(fc.array(fc.oneof(shaped({ data: fc.oneof(text.map((line) => Buffer.from(line).toString('base64')), json) }), json)), json),
  warnings: fc.oneof(fc.array(fc.oneof(shaped({ short: fc.oneof(text, json) }), json)), json),
}).map((value) => JSON.stringify(value));

test.each<[string, () => SolveProgress, fc.Arbitrary<string>]>([
  ['BuildKit, as JSON', () => new RawJsonProgress(), fc.oneof(event, text)],
  ['BuildKit, as text', () => new PlainProgress(), text],
  ['kaniko', () => new KanikoLog('registry/cache'), text],
])('the output of %s is shown line by line, each of which can be told from those of the runner', (_, create, line) => {
  fc.assert(fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
    const shown: string[] = [];
    const log = new Log((written) => shown.push(written));
    const progress = create();
    lines.flatMap((given) => progress.show(given)).forEach((given) => log.output(given));
    expect(shown.filter((written) => !written.startsWith('#') || /[\r\n]/.test(written))).toEqual([]);
    for (const { name } of stepsOf(progress, true)) expect(typeof name).toBe('string');
    for (const { from, error } of importsOf(progress)) expect(`${from}${error}`).not.toMatch(/\n/);
    expect(errorOf(progress).text).not.toMatch(/\n/);
  }), { numRuns: RUNS });
});

test('lines are the same however they come', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(20)), (bytes, sizes) => {
    const split = (chunks: readonly Uint8Array[]) => {
      const lines: string[] = [];
      const splitter = new LineSplitter((line) => lines.push(line));
      chunks.forEach((chunk) => splitter.push(Buffer.from(chunk)));
      splitter.end();
      return lines;
    };
    const chunks: Uint8Array[] = [];
    let start = 0;
    for (const size of sizes) chunks.push(bytes.slice(start, start += size));
    expect(split([...chunks, bytes.slice(start)])).toEqual(split([bytes]));
  }), { numRuns: RUNS });
});

test('a Dockerfile may be anything', () => {
  const word = fc.constantFrom('FROM', 'RUN', 'COPY', 'ADD', 'ARG', '--from=', '--mount=type=', '\\', '\n', '<<EOF', 'EOF', '"', '[', ']', '$A', '${A:-', '}', '# escape=`', ' ', 'AS a', 'a', '🙂');
  fc.assert(fc.property(fc.oneof(text, fc.array(word, { maxLength: 30 }).map((words) => words.join(''))), (content) => {
    const dockerfile = Dockerfile.parse(content);
    expect(dockerfile.isKnown).toBe(dockerfile.whyUnknown === undefined);
    for (const { instructions } of dockerfile.stages) for (const { line } of instructions) expect(line).toBeGreaterThan(0);
  }), { numRuns: RUNS });
});

test('the configuration of a layer cache is read as it is, or not at all', () => {
  const digest = fc.oneof(fc.constantFrom(...['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`)), text);
  const index = fc.oneof(fc.nat(4), fc.integer(), json);
  const config = shaped({
    layers: fc.array(shaped({ blob: digest, parent: fc.oneof(fc.constant(-1), index) }), { maxLength: 4 }),
    records: fc.array(shaped({
      digest,
      inputs: fc.array(fc.array(shaped({ link: index, selector: text }), { maxLength: 2 }), { maxLength: 2 }),
      layers: fc.array(shaped({ layer: index, createdAt: fc.oneof(fc.constant('2026-01-01T00:00:00Z'), text) }), { maxLength: 2 }),
    }), { maxLength: 5 }),
  });
  let read = 0;
  fc.assert(fc.property(fc.oneof(config, json), (value) => {
    const found = answer(() => configFromJson(JSON.stringify(value)));
    if (!found) return;
    read++;
    expect(configFromJson(configToJson(found))).toEqual(found);
    const again = answer(() => forked(found));
    if (again) checkConfig(again);
  }), { numRuns: 3 * RUNS });
  expect(read).toBeGreaterThan(10);
});

test('a record is read as it is, or not at all', () => {
  const tree = fc.oneof(json, fc.constantFrom(0, 1, 'link'), shaped({ m: fc.nat(), u: fc.nat(), g: fc.nat(), c: fc.dictionary(text, fc.constantFrom(0, 1)) }));
  const known = shaped({ layers: fc.array(text), paths: fc.array(text), tree, names: shaped({ users: fc.constant({}), groups: fc.constant({}) }) });
  const record = fc.record({
    version: fc.constantFrom(1, 2),
    layers: fc.dictionary(text, tree),
    destinations: fc.dictionary(text, json),
    below: fc.option(known),
    base: fc.option(fc.oneof(known, json)),
    cache: fc.option(json),
    refusal: fc.option(json),
  }, { requiredKeys: ['version', 'layers', 'destinations'] });
  fc.assert(fc.property(fc.oneof(record, json), (value) => {
    const found = answer(() => recordFromJson(JSON.stringify(value)));
    if (found) expect(recordToJson(recordFromJson(recordToJson(found)))).toBe(recordToJson(found));
  }), { numRuns: RUNS });
  fc.assert(fc.property(fc.oneof(tree, json), (value) => {
    const found = answer(() => treeFromJson(value));
    if (found) expect(treeToJson(treeFromJson(treeToJson(found)))).toEqual(treeToJson(found));
  }), { numRuns: RUNS });
});

test('what is no layer and no archive is refused', async () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.uint8Array({ maxLength: 2000 }).map((content) => gzipSync(content)));
  await fc.assert(fc.asyncProperty(bytes, fc.boolean(), async (content, isGzip) => {
    const stream = () => Readable.from([Buffer.from(content)]);
    for (const read of [async () => layerEntries(stream(), isGzip), async () => imageArchive(stream())]) {
      const outcome = await read().catch((error: unknown) => error);
      if (!Array.isArray(outcome) && !(outcome instanceof Map)) expect((outcome as Error).message).toMatch(/./); // an error of zlib is of another realm
    }
  }), { numRuns: 500 });
});
