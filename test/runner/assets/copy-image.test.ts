import { randomBytes } from 'crypto';
import { copyImage } from '../../../runner/assets/copy-image';
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

const copy = async (manifest = image()) => copyImage({ manifest, from, to, tag: 'published', work: temporaryWork() });

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
