import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { copyImage } from '../../../runner/assets/copy-image';
import { LayerStore } from '../../../runner/layers/layer-store';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { digestOf } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { temporaryWork } from '../testhelpers/work-directory';

const TYPE = 'application/vnd.oci.image.manifest.v1+json';

let from: MemoryRegistry;
let to: MemoryRegistry;
let blobs: Buffer[];

beforeEach(() => {
  [from, to] = [new MemoryRegistry(), new MemoryRegistry()];
  blobs = [10, 200, 3000].map((size) => randomBytes(size));
});

function image(layers = blobs.slice(1)) {
  const describe = (content: Buffer) => ({ mediaType: 'x', digest: from.keepBlob(content), size: content.length });
  return from.keep(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: TYPE, config: describe(blobs[0]), layers: layers.map(describe) })), TYPE, 'built');
}

const copy = async (manifest = image(), store?: LayerStore) => copyImage({ manifest, from, to, store, tag: 'published', work: temporaryWork() });

test('all of an image is brought to where nothing of it is', async () => {
  expect(await copy()).toEqual({ count: 3, bytes: 3210 });
  expect([...to.blobs.values()].map(({ length }) => length).sort()).toEqual([10, 200, 3000]);
  expect(to.manifests.get('published')!.body).toEqual(from.manifests.get('built')!.body);
});

test('what is there stays, and is not read', async () => {
  const there = to.keepBlob(blobs[2]);
  expect(await copy()).toEqual({ count: 2, bytes: 210 });
  expect(from.events).not.toContain(`blob ${there}`);
});

describe('a layer that the builder has on this machine', () => {
  const keep = (blob: Buffer, content: Buffer) => {
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, digestOf(blob).replace('sha256:', '')), content);
    return new LayerStore(directory, []);
  };

  test('is not asked for', async () => {
    expect(await copy(image(), keep(blobs[2], blobs[2]))).toEqual({ count: 3, bytes: 3210 });
    expect(to.blobs.get(digestOf(blobs[2]))).toEqual(blobs[2]);
    expect(from.events).not.toContain(`blob ${digestOf(blobs[2])}`);
    expect(from.events).toContain(`blob ${digestOf(blobs[1])}`);
  });

  test('is not published with other bytes', async () => {
    await expect(copy(image(), keep(blobs[2], blobs[1]))).rejects.toThrow(`what was read is not ${digestOf(blobs[2])}`);
    expect(to.manifests.size).toBe(0);
  });
});

test('a layer that an image has twice is brought once', async () => {
  expect(await copy(image([blobs[1], blobs[1]]))).toEqual({ count: 2, bytes: 210 });
});

test('the tag comes last', async () => {
  await copy();
  expect(to.events.at(-1)).toBe('tag published');
});

test('a tag that another publishing has set meanwhile is as good', async () => {
  to.isImmutable = true;
  to.keep(Buffer.from('{}'), TYPE, 'published');
  await copy();
  expect(to.manifests.get('published')!.body.toString()).toBe('{}');
});

test('a layer that is gone, or another one, leaves no tag', async () => {
  const manifest = image();
  const [digest] = [...from.blobs.keys()];
  from.blobs.delete(digest);
  await expect(copy(manifest)).rejects.toThrow(`the layer ${digest} of the image is gone from the repository of the cache`);
  from.blobs.set(digest, randomBytes(10));
  await expect(copy(manifest)).rejects.toThrow(`what was read is not ${digest}`);
  expect(to.manifests.size).toBe(0);
});
