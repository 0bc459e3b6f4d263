import * as fs from 'fs';
import * as path from 'path';
import { BuiltImage } from '../../../runner/builder/builder';
import { LayerCache, NOTHING } from '../../../runner/cache/layer-cache';
import { layerCache } from '../../../runner/cache/layer-caches';
import { keepLayers } from '../../../runner/image/keep-layers';
import { PushedImage } from '../../../runner/layers/pushed-image';
import { BuildRecord, EMPTY_RECORD } from '../../../runner/record/build-record';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { FakeBuilder } from '../testhelpers/fake-builder';
import { keepImage, made } from '../testhelpers/keep-image';
import { Layer, layerOf } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { someJob } from '../testhelpers/some-job';

const CACHE = layerCache({ kind: 'registry', repository: 'host/cache', mode: 'max', compression: 'zstd' }, String);

let registry: MemoryRegistry;
let builder: FakeBuilder;
let layers: Layer[];

beforeEach(async () => {
  registry = new MemoryRegistry();
  builder = new FakeBuilder(registry);
  layers = [await layerOf({ name: 'etc/' }), await layerOf({ name: 'app/' })];
});

interface Options {
  readonly built?: Partial<BuiltImage>;
  readonly cache?: LayerCache;
  readonly known?: BuildRecord;
  readonly isLookedInto?: boolean;
  readonly unreadCache?: string;
}

async function keep({ built = {}, cache = CACHE, known, isLookedInto = true, unreadCache }: Options) {
  const folder = temporaryDirectory();
  const dockerfile = path.join(folder, 'Dockerfile');
  fs.writeFileSync(dockerfile, 'FROM a\nRUN make\nCOPY a /app/');
  const { digest } = keepImage(registry, { layers, history: [made('RUN make # buildkit'), made('COPY a /app/ # buildkit')] });
  const image = isLookedInto ? await PushedImage.find(registry, digest) : undefined;
  const steps = [{ name: '[2/3] RUN make', isCached: true }, { name: '[3/3] COPY a /app/', isCached: false }];
  const imports = [{ from: 'cache-a', error: '' }];
  const job = someJob({}, { dockerfile, context: folder, unreadCache });
  return keepLayers({ image: { job, built: { pushed: digest, steps, imports, ...built }, image, copies: '', record: EMPTY_RECORD }, builder, cache, known });
}

function written(...all: readonly Layer[]): BuildRecord {
  return { ...EMPTY_RECORD, cache: { writtenAt: new Date(Date.now() - 5000).toISOString(), layers: all.map(({ digest }) => digest) } };
}

test('a cache that is complete is not written, and stays what it was', async () => {
  const known = written(layers[0]);
  expect(await keep({ known })).toEqual({ wasComplete: true, record: known.cache });
  expect(builder.events).toEqual([]);
});

test('a cache that is not is written, for the layers that are worth keeping', async () => {
  const started = Date.now();
  for (const known of [EMPTY_RECORD, written(), written(...layers)]) {
    const { record, ...kept } = await keep({ known });
    expect(kept).toEqual({});
    expect(record!.layers).toEqual([layers[0].digest]);
    expect(Date.parse(record!.writtenAt)).toBeGreaterThanOrEqual(started);
  }
  expect(builder.events).toEqual(['keep layers', 'keep layers', 'keep layers']);
});

test('a cache is written where a step ran that is worth keeping', async () => {
  await keep({ known: written(layers[0]), built: { steps: [{ name: '[2/3] RUN make', isCached: false }] } });
  expect(builder.events).toEqual(['keep layers']);
});

test('a cache that nobody answered for is not written, and stays what it was', async () => {
  const known = written(layers[1]);
  expect(await keep({ known, unreadCache: 'silence' })).toEqual({ failure: 'silence', record: known.cache });
  expect(builder.events).toEqual([]);
});

test('stages are kept, whoever did not answer for the last ones', async () => {
  await keep({ cache: layerCache({ kind: 'inline', tags: ['latest'], stages: ['deps'] }, String), unreadCache: 'silence' });
  expect(builder.events).toEqual(['keep layers']);
});

test('a cache that cannot be written stays what it was', async () => {
  const known = written(layers[1]);
  jest.spyOn(builder, 'keepLayers').mockResolvedValue('denied');
  expect(await keep({ known })).toEqual({ failure: 'denied', record: known.cache });
  expect(await keep({ known: EMPTY_RECORD })).toEqual({ failure: 'denied', record: undefined });
});

test.each<[string, Options]>([
  ['nothing is known', {}],
  ['the image was not looked into', { known: EMPTY_RECORD, isLookedInto: false }],
  ['the cache has no place for records', { known: EMPTY_RECORD, cache: NOTHING }],
])('a cache is written each time where %s', async (_, options) => {
  expect(await keep(options)).toEqual({ failure: undefined });
  expect(builder.events).toEqual(['keep layers']);
});
