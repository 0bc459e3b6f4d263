import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { imageArchive, imageDirectory } from '../../../runner/layers/image-archive';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { archiveOf, digestOf, dir, file, Layer, layerOf, layoutOf, tarOf } from '../testhelpers/layers';

/** In chunks as a program prints them. */
function stream(bytes: Buffer, size = 4096): Readable {
  return Readable.from(Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size)));
}

let layers: Layer[];

beforeAll(async () => {
  layers = [await layerOf({ name: 'etc/' }, { name: 'etc/passwd', content: 'root:x:0:0' }), await layerOf({ name: 'app/', uid: 5 })];
});

test('the layers of an image are listed by their digests, and nothing else', async () => {
  const listing = await imageArchive(stream(await archiveOf(...layers)), ['/etc/passwd']);
  expect([...listing]).toEqual([
    [layers[0].digest, [dir('/etc'), file('/etc/passwd', { content: 'root:x:0:0' })]],
    [layers[1].digest, [dir('/app', { uid: 5 })]],
  ]);
});

test('an image without layers has none', async () => {
  expect(await imageArchive(stream(await archiveOf()))).toEqual(new Map());
});

test('however the archive comes, it is the same', async () => {
  const archive = await archiveOf(...layers);
  const whole = await imageArchive(stream(archive, archive.length));
  expect(await imageArchive(stream(archive, 7))).toEqual(whole);
  expect(await imageArchive(stream(archive, 512))).toEqual(whole);
});

test('a layer with other bytes than those of its digest fails', async () => {
  const [{ content }, { digest }] = layers;
  await expect(imageArchive(stream(await archiveOf({ content, digest, diffId: '' })))).rejects.toThrow(`what was read is not ${digest} but ${digestOf(content)}`);
});

test('a manifest with other bytes than those of its digest fails', async () => {
  await expect(imageArchive(stream(await tarOf({ name: `blobs/sha256/${'0'.repeat(64)}`, content: '{}' })))).rejects.toThrow('what was read is not');
});

test('a layer that is no archive fails', async () => {
  const content = Buffer.from('\x1f is how it begins', 'latin1');
  await expect(imageArchive(stream(await archiveOf({ content, digest: digestOf(content), diffId: '' })))).rejects.toThrow('incorrect header check');
});

test('what has an odd name is no layer', async () => {
  const { content } = layers[0];
  expect(await imageArchive(stream(await tarOf({ name: 'blobs/sha256/x', content }, { name: `blobs/sha512/${'0'.repeat(64)}`, content }, { name: `x/blobs/sha256/${'0'.repeat(64)}`, content }))))
    .toEqual(new Map());
});

test('an archive that ends anywhere but at its end fails, or has the layers that came before that', async () => {
  const archive = await archiveOf(...layers);
  const whole = await imageArchive(stream(archive));
  for (let end = 0; end < archive.length; end += 211) {
    const listing = await imageArchive(stream(archive.subarray(0, end))).catch((error: Error) => error);
    if (listing instanceof Error) expect(listing.message).toMatch(/Unexpected end of data|unexpected end of file|what was read is not|Writable stream closed prematurely|Premature close/);
    else for (const [digest, entries] of listing) expect(entries).toEqual(whole.get(digest));
  }
});

test('an archive that cannot be read to its end fails', async () => {
  const archive = await archiveOf(...layers);
  for (const end of [100, 700, 3000, archive.length]) {
    async function* broken() {
      yield archive.subarray(0, end);
      throw new Error('the builder is gone');
    }
    await expect(imageArchive(Readable.from(broken()))).rejects.toThrow('the builder is gone');
  }
});

test('text in place of an archive fails', async () => {
  await expect(imageArchive(stream(Buffer.from('ERROR: no builder\n'.repeat(100))))).rejects.toThrow('Invalid tar header');
});

describe('an image in a directory', () => {
  test('has its layers by their digests, without those that are left out', async () => {
    const directory = layoutOf(temporaryDirectory(), layers, [digestOf('known')]);
    expect([...(await imageDirectory(directory, ['/etc/passwd']))].sort()).toEqual([
      [layers[0].digest, [dir('/etc'), file('/etc/passwd', { content: 'root:x:0:0' })]],
      [layers[1].digest, [dir('/app', { uid: 5 })]],
    ].sort());
  });

  test('fails where a layer has other bytes than those of its digest', async () => {
    const directory = layoutOf(temporaryDirectory(), [layers[0]]);
    fs.writeFileSync(path.join(directory, 'blobs/sha256', layers[0].digest.slice(7)), layers[1].content);
    await expect(imageDirectory(directory)).rejects.toThrow(`what was read is not ${layers[0].digest} but ${layers[1].digest}`);
  });
});
