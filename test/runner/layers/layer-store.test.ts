import * as fs from 'fs';
import * as path from 'path';
import { LayerStore } from '../../../runner/layers/layer-store';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { digestOf, dir, file, Layer, layerOf } from '../testhelpers/layers';

let directory: string;
let layers: Layer[];
let store: LayerStore;

beforeAll(async () => {
  layers = [await layerOf({ name: 'etc/' }, { name: 'etc/passwd', content: 'root:x:0:0' }), await layerOf({ name: 'app/', uid: 5 })];
});

beforeEach(() => {
  directory = temporaryDirectory();
  layers.forEach(({ content }) => keep(content));
  store = new LayerStore(directory, ['/etc/passwd']);
});

/** Gives its digest. */
function keep(content: Buffer | string): string {
  const digest = digestOf(content);
  fs.writeFileSync(fileOf(digest), content);
  return digest;
}

function fileOf(digest: string): string {
  return path.join(directory, digest.replace('sha256:', ''));
}

function keepManifest(...digests: unknown[]): string {
  return keep(JSON.stringify({ layers: digests.map((digest) => ({ digest })) }));
}

const none = new Set<string>();

test('the layers of an image are listed by their digests', async () => {
  const manifest = keepManifest(layers[0].digest, layers[1].digest, layers[0].digest);
  expect([...(await store.image(manifest, none))!]).toEqual([
    [layers[0].digest, [dir('/etc'), file('/etc/passwd', { content: 'root:x:0:0' })]],
    [layers[1].digest, [dir('/app', { uid: 5 })]],
  ]);
});

test('layers that are known are not even read', async () => {
  fs.rmSync(fileOf(layers[0].digest));
  const manifest = keepManifest(...layers.map(({ digest }) => digest));
  expect([...(await store.image(manifest, new Set([layers[0].digest])))!.keys()]).toEqual([layers[1].digest]);
});

test('a layer that several images have is read once', async () => {
  await store.image(keepManifest(layers[0].digest), none);
  fs.rmSync(fileOf(layers[0].digest));
  expect([...(await store.image(keepManifest(layers[0].digest, layers[1].digest), none))!.keys()]).toEqual(layers.map(({ digest }) => digest));
});

test('a blob is read as it is kept, and what is no digest is none', async () => {
  const [{ digest, content }] = layers;
  expect(Buffer.concat(await store.blob(digest)!.toArray())).toEqual(content);
  expect(store.blob(digestOf('missing'))).toBeUndefined();
  fs.writeFileSync(path.join(directory, '..', 'x'), '');
  expect(store.blob('sha256:../x')).toBeUndefined();
});

describe('there is no list', () => {
  test('where the builder keeps its files elsewhere', async () => {
    expect(await new LayerStore(path.join(directory, 'elsewhere'), []).image(`sha256:${'0'.repeat(64)}`, none)).toBeUndefined();
  });

  test('where a layer is not there, until it is', async () => {
    const late = await layerOf({ name: 'late/' });
    const manifest = keepManifest(late.digest);
    expect(await store.image(manifest, none)).toBeUndefined();
    keep(late.content);
    expect([...(await store.image(manifest, none))!.keys()]).toEqual([late.digest]);
  });

  test('where a file has other bytes than its name says', async () => {
    const manifest = keepManifest(layers[0].digest);
    fs.writeFileSync(fileOf(layers[0].digest), layers[1].content);
    expect(await store.image(manifest, none)).toBeUndefined();
  });

  test.each<[string, () => string]>([
    ['of what is no JSON', () => keep('<html>')],
    ['of what has no layers', () => keep('{}')],
    ['of what is too large', () => keep(JSON.stringify({ layers: [{ digest: layers[0].digest }], more: 'x'.repeat(4 * 1024 * 1024) }))],
    ['of what has layers that are none', () => keepManifest(keep('{"rootfs":{}}'))],
    ['of layers without a digest', () => keepManifest(undefined)],
    ['of a path', () => '../../etc/passwd'],
  ])('%s', async (_, manifest) => {
    expect(await store.image(manifest(), none)).toBeUndefined();
  });

  test('of layers whose digest is a path', async () => {
    fs.mkdirSync(path.join(directory, 'sub'));
    const outside = new LayerStore(path.join(directory, 'sub'), []);
    fs.writeFileSync(path.join(directory, 'sub', digestOf('{"layers":[{"digest":"../x"}]}').replace('sha256:', '')), '{"layers":[{"digest":"../x"}]}');
    fs.writeFileSync(path.join(directory, 'x'), layers[0].content);
    expect(await outside.image(digestOf('{"layers":[{"digest":"../x"}]}'), none)).toBeUndefined();
  });
});
