import { layerEntries } from '../../../runner/layers/layer-entries';
import { PushedImage } from '../../../runner/layers/pushed-image';
import { Failure } from '../../../runner/report/failure';
import { keepImage, made } from '../testhelpers/keep-image';
import { dir, Layer, layerOf, tarOf } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { quickPauses } from '../testhelpers/quick-pauses';

const OCI = 'application/vnd.oci.image.manifest.v1+json';

let registry: MemoryRegistry;
let layer: Layer;

beforeEach(async () => {
  registry = new MemoryRegistry();
  layer = await layerOf({ name: 'app/', uid: 5 });
});

const find = async () => PushedImage.find(registry, keepImage(registry, { layers: [layer], history: [made('COPY a /app # buildkit')], workdir: '/w' }).digest);

test('an image is found by its digest, with its configuration and what is in its layers', async () => {
  const image = await find();
  expect(image.content.layers).toMatchObject([{ digest: layer.digest }]);
  expect(await image.config()).toMatchObject({ config: { WorkingDir: '/w' }, history: [{ created_by: 'COPY a /app # buildkit' }], rootfs: { diff_ids: [layer.diffId] } });
  expect(await image.entries(0)).toEqual([dir('/app', { uid: 5 })]);
  expect(await layerEntries(await image.layer(0), true)).toEqual([dir('/app', { uid: 5 })]);
});

test('the configuration is read once', async () => {
  const image = await find();
  registry.events.length = 0;
  await Promise.all([image.config(), image.config()]);
  await image.config();
  expect(registry.events).toHaveLength(1);
});

test('an image is waited for', async () => {
  quickPauses(250, 500);
  const { digest } = keepImage(registry, { layers: [layer] });
  const image = registry.manifests.get(digest)!;
  registry.manifests.delete(digest);
  const found = PushedImage.find(registry, digest);
  setTimeout(() => registry.manifests.set(digest, image), 8);
  expect((await found).manifest).toBe(image);
});

const SOME = { mediaType: 'a', digest: `sha256:${'0'.repeat(64)}`, size: 1 };

test.each([
  '{"manifests":[]}', '{"config":{},"layers":[]}', '[]', '5', 'null', 'no', '',
  ...[
    { config: SOME }, { config: SOME, layers: [null] }, { config: null, layers: [] }, { config: SOME, layers: [{ ...SOME, digest: 'sha256:../../x' }] },
    { config: { ...SOME, size: -1 }, layers: [] }, { config: SOME, layers: [{ ...SOME, size: 1e99 }] },
    { config: SOME, layers: [{ ...SOME, mediaType: 5 }] }, { config: SOME, layers: { length: 1 } },
  ].map((json) => JSON.stringify(json)),
])('what is no image fails: %s', async (text) => {
  const { digest } = registry.keep(Buffer.from(text), OCI);
  await expect(PushedImage.find(registry, digest)).rejects.toThrow(new Failure('the registry has something else than an image for what was pushed'));
});


describe('what the registry has not as it was pushed fails', () => {
  test('such as a layer', async () => {
    const image = await find();
    registry.blobs.set(layer.digest, (await layerOf({ name: 'app/' })).content);
    await expect(image.entries(0)).rejects.toThrow(`what was read is not ${layer.digest}`);
    registry.blobs.delete(layer.digest);
    await expect(image.entries(0)).rejects.toThrow(`the registry does not have ${layer.digest}, which was just pushed`);
  });

  test('such as a layer that goes on after its end', async () => {
    const image = await find();
    const { digest, size } = image.content.layers[0];
    registry.blobs.set(digest, Buffer.concat([registry.blobs.get(digest)!, Buffer.alloc(10)]));
    await expect(image.entries(0)).rejects.toThrow(`it is larger than ${size} bytes`);
  });

  test('such as a configuration', async () => {
    const image = await find();
    const { digest } = image.content.config;
    registry.blobs.set(digest, Buffer.from('{"rootfs":{"diff_ids":[]}}'));
    await expect(image.config()).rejects.toThrow(`what was read is not ${digest}`);
  });

  test('such as one that is larger than any', async () => {
    const blob = Buffer.alloc(17 * 1024 * 1024, ' ');
    const body = Buffer.from(JSON.stringify({ config: { mediaType: 'application/json', digest: registry.keepBlob(blob), size: blob.length }, layers: [] }));
    await expect((await PushedImage.find(registry, registry.keep(body, OCI).digest)).config()).rejects.toThrow('it is larger than 16777216 bytes');
  });
});

test('a layer may be plain', async () => {
  const content = await tarOf({ name: 'app/' });
  const digest = registry.keepBlob(content);
  const body = Buffer.from(JSON.stringify({ config: { mediaType: '', digest, size: 0 }, layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: content.length }] }));
  expect(await (await PushedImage.find(registry, registry.keep(body, OCI).digest)).entries(0)).toEqual([dir('/app')]);
});
