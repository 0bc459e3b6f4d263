import { gunzipSync } from 'zlib';
import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { HistoryEntry } from '../../../runner/layers/image-content';
import { layerEntries, Ownership } from '../../../runner/layers/layer-entries';
import { PushedImage } from '../../../runner/layers/pushed-image';
import { copiedLayers } from '../../../runner/links/copied-layers';
import { correctImage } from '../../../runner/links/correct-image';
import { trailingCopies } from '../../../runner/links/trailing-copies';
import { contentOf, keepImage, made, none } from '../testhelpers/keep-image';
import { digestOf, dir, file, Layer, layerOf } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { temporaryWork } from '../testhelpers/work-directory';

let registry: MemoryRegistry;
let layers: Layer[];

beforeEach(async () => {
  registry = new MemoryRegistry();
  layers = [await layerOf({ name: 'etc/' }), await layerOf({ name: 'app/' }, { name: 'app/run' }), await layerOf({ name: 'app/' }, { name: 'app/2' })];
});

const HISTORY = [made('RUN make # buildkit'), made('COPY a /app # buildkit'), none('USER x'), made('COPY b /app # buildkit'), none('CMD ["x"]')];
const LINES = ['COPY a /app', 'USER x', 'COPY b /app', 'CMD ["x"]'];

interface Corrected {
  readonly lines?: readonly string[];
  readonly history?: readonly HistoryEntry[];
  readonly passed?: { readonly [path: string]: Ownership };
  /** For each copy. */
  readonly modes?: readonly { readonly [path: string]: number }[];
}

async function correct({ lines = LINES, history = HISTORY, passed = {}, modes = [{}, {}] }: Corrected) {
  const before = keepImage(registry, { layers, history, workdir: '/w' });
  const image = await PushedImage.find(registry, before.digest);
  const config = await image.config();
  const { copies } = trailingCopies(Dockerfile.parse(['FROM a', ...lines].join('\n')));
  const split = copiedLayers(image.content, config, copies)!;
  registry.events.length = 0;
  const corrections = { passed: new Map(Object.entries(passed)), modes: modes.map((each) => new Map(Object.entries(each))) };
  const after = await correctImage(image, config, split, corrections, registry, temporaryWork());
  return { before, after, ...contentOf(registry, after), old: contentOf(registry, before) };
}

/** Whether all parts of an image agree. */
function expectSound({ manifest, config }: {
  manifest: { layers: { digest: string; size: number }[] };
  config: { history: HistoryEntry[]; rootfs: { diff_ids: string[] } };
}): void {
  const blobs = manifest.layers.map(({ digest }) => registry.blobs.get(digest)!);
  expect(blobs.map(digestOf)).toEqual(manifest.layers.map(({ digest }) => digest));
  expect(blobs.map(({ length }) => length)).toEqual(manifest.layers.map(({ size }) => size));
  expect(blobs.map((blob) => digestOf(gunzipSync(blob)))).toEqual(config.rootfs.diff_ids);
  expect(config.history.filter(({ empty_layer }) => !empty_layer)).toHaveLength(manifest.layers.length);
}

test('an image that is right is left as it is, and nothing is uploaded', async () => {
  const { before, after } = await correct({});
  expect(after).toBe(before);
  expect(registry.events).toEqual([]);
});

test('directories that copies have passed get a layer on top', async () => {
  const corrected = await correct({ passed: { '/app': { mode: 0o2770, uid: 5, gid: 6 } } });
  const { manifest, config, old, after } = corrected;
  expectSound(corrected);
  expect(manifest.layers.slice(0, 3)).toEqual(old.manifest.layers);
  expect(await layerEntries(await (await PushedImage.find(registry, registry.keep(after.body, after.type).digest)).layer(3), true)).toEqual([dir('/app', { mode: 0o2770, uid: 5, gid: 6 })]);
  expect(config.history).toEqual([
    ...old.config.history, { created: '2026-11-20T10:00:00Z', created_by: 'directories as the layers below have them # cached-docker-build', comment: 'linked copies' },
  ]);
});

test('all that is not corrected stays, and the manifest is that of its digest', async () => {
  const { manifest, config, old, after } = await correct({ passed: { '/app': { mode: 0o700, uid: 0, gid: 0 } } });
  expect(after.digest).toBe(digestOf(after.body));
  expect(after.type).toBe('application/vnd.oci.image.manifest.v1+json');
  const { config: _, layers: __, ...others } = manifest;
  expect(others).toEqual({ schemaVersion: 2, mediaType: after.type, annotations: { some: 'thing' } });
  expect(config).toEqual({ ...old.config, history: config.history, rootfs: { type: 'layers', diff_ids: config.rootfs.diff_ids } });
  expect(manifest.config.mediaType).toBe(old.manifest.config.mediaType);
});

test('files get the modes of --chmod in their own layer, and only layers with such files are uploaded', async () => {
  const corrected = await correct({ modes: [{ '/app/run': 0o755 }, {}] });
  const { manifest, old, after } = corrected;
  expectSound(corrected);
  const isSame = manifest.layers.map(({ digest }: { digest: string }, index: number) => digest === old.manifest.layers[index].digest);
  expect(isSame).toEqual([true, false, true]);
  expect(await layerEntries(await (await PushedImage.find(registry, registry.keep(after.body, after.type).digest)).layer(1), true)).toEqual([dir('/app'), file('/app/run', { mode: 0o755 })]);
  expect(registry.events.filter((event) => event.startsWith('put'))).toHaveLength(2); // with the configuration
});

test('modes of a copy that made no layer are those of nothing', async () => {
  layers = layers.slice(0, 2);
  const history = [...HISTORY.slice(0, 3), none('COPY b /app # buildkit'), none('CMD ["x"]')];
  const { before, after } = await correct({ history, modes: [{}, { '/x': 5 }] });
  expect(after).toBe(before);
});

test('WORKDIRs are put where they were, and the last one is in force', async () => {
  const lines = ['COPY a /app', 'WORKDIR /one', 'USER x', 'WORKDIR /two', 'COPY b /app', 'WORKDIR /app/', 'CMD ["x"]'];
  const corrected = await correct({ lines });
  expectSound(corrected);
  expect(corrected.config.config).toEqual({ Env: ['A=b'], WorkingDir: '/app/', Cmd: ['x'] });
  expect(corrected.config.history.map(({ created_by, empty_layer }: HistoryEntry) => [created_by, empty_layer])).toEqual([
    ['RUN make # buildkit', undefined], ['COPY a /app # buildkit', undefined], ['WORKDIR /one', true], ['WORKDIR /two', true], ['USER x', true],
    ['COPY b /app # buildkit', undefined], ['WORKDIR /app/', true], ['CMD ["x"]', true],
  ]);
  expect(corrected.manifest.layers).toEqual(corrected.old.manifest.layers);
});

test('a WORKDIR behind an earlier copy only is in force, too', async () => {
  const { config } = await correct({ lines: ['COPY a /app', 'WORKDIR /one', 'USER x', 'COPY b /app', 'CMD ["x"]'] });
  expect(config.config.WorkingDir).toBe('/one');
});

test('all corrections go together', async () => {
  const lines = ['COPY --chmod=700 a /app', 'WORKDIR /one', 'USER x', 'COPY --chmod=600 b /app', 'CMD ["x"]'];
  const corrected = await correct({ lines, passed: { '/app': { mode: 0o711, uid: 1, gid: 1 } }, modes: [{ '/app/run': 0o700 }, { '/app/2': 0o600 }] });
  expectSound(corrected);
  expect(corrected.manifest.layers).toHaveLength(4);
  expect(corrected.manifest.layers[0]).toEqual(corrected.old.manifest.layers[0]);
});

test('the same corrections make the same image', async () => {
  const what: Corrected = { passed: { '/app': { mode: 0o711, uid: 1, gid: 1 } }, modes: [{ '/app/run': 0o700 }, {}] };
  expect((await correct(what)).after).toEqual((await correct(what)).after);
});

test('a layer with other bytes than those of its digest is corrected in nothing', async () => {
  const broken = await layerOf({ name: 'app/' }, { name: 'app/run', mode: 0o777 });
  layers[1] = { ...layers[1], content: broken.content };
  await expect(correct({ modes: [{ '/app/run': 0o755 }, {}] })).rejects.toThrow(`what was read is not ${layers[1].digest}`);
  expect(registry.events.filter((event) => event.startsWith('put'))).toEqual([]);
});
