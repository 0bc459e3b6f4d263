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

test.each(['{"manifests":[]}', '{"config":{},"layers":[]}', '{"config":{"digest":"sha256:0"}}', '[]', '5', '{"config":{"digest":5},"layers":[]}'])('what is no image fails: %s', async (text) => {
  const { digest } = registry.keep(Buffer.from(text), OCI);
  await expect(PushedImage.find(registry, digest)).rejects.toThrow(new Failure('the registry has something else than an image for what was pushed'));
});

test.each(['null', 'no', ''])('what is not even JSON of an object fails: %p', async (text) => {
  const { digest } = registry.keep(Buffer.from(text), OCI);
  await expect(PushedImage.find(registry, digest)).rejects.toThrow();
});

describe('what the registry has not as it was pushed fails', () => {
  test('such as a layer', async () => {
    const image = await find();
    registry.blobs.set(layer.digest, (await layerOf({ name: 'app/' })).content);
    await expect(image.entries(0)).rejects.toThrow(`what was read is not ${layer.digest}`);
    registry.blobs.delete(layer.digest);
    await expect(image.entries(0)).rejects.toThrow(`the registry does not have ${layer.digest}, which was just pushed`);
  });

  test('such as a configuration', async () => {
    const image = await find();
    const { digest } = image.content.config;
    registry.blobs.set(digest, Buffer.from('{"rootfs":{"diff_ids":[]}}'));
    await expect(image.config()).rejects.toThrow(`what was read is not ${digest}`);
  });

  test('such as one that is larger than any', async () => {
    const blob = Buffer.alloc(17 * 1024 * 1024, ' ');
    const body = Buffer.from(JSON.stringify({ config: { digest: registry.keepBlob(blob) }, layers: [] }));
    await expect((await PushedImage.find(registry, registry.keep(body, OCI).digest)).config()).rejects.toThrow('it is larger than 16777216 bytes');
  });
});

test('a layer may be plain', async () => {
  const content = await tarOf({ name: 'app/' });
  const digest = registry.keepBlob(content);
  const body = Buffer.from(JSON.stringify({ config: { digest: 'sha256:0' }, layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: content.length }] }));
  expect(await (await PushedImage.find(registry, registry.keep(body, OCI).digest)).entries(0)).toEqual([dir('/app')]);
});
