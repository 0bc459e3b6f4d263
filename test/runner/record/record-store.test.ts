import { brotliCompressSync, brotliDecompressSync } from 'zlib';
import { NOTHING } from '../../../runner/cache/layer-cache';
import { layerCache } from '../../../runner/cache/layer-caches';
import { FileTree } from '../../../runner/layers/file-tree';
import { BuildRecord, EMPTY_RECORD, recordToJson } from '../../../runner/record/build-record';
import { RecordStore, recordStore } from '../../../runner/record/record-store';
import { Failure } from '../../../runner/report/failure';
import { collectedLog } from '../testhelpers/collected-log';
import { file } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { someJob } from '../testhelpers/some-job';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const TYPE = 'application/vnd.cdk-cached-docker-build.record.v1+br';
const RECORD: BuildRecord = { ...EMPTY_RECORD, cache: { writtenAt: '2026-11-20T10:00:00.000Z', layers: ['sha256:1'] } };
const OTHER: BuildRecord = { ...EMPTY_RECORD, cache: { writtenAt: '2026-11-21T10:00:00.000Z', layers: ['sha256:2'] } };

let registry: MemoryRegistry;
let lines: string[];

beforeEach(() => {
  registry = new MemoryRegistry();
});

function store(...tags: string[]): RecordStore {
  const { log, lines: written } = collectedLog();
  lines = written;
  return new RecordStore((tags.length > 0 ? tags : ['cache-a_record']).map((tag) => ({ registry, tag })), log);
}

/** Puts something in the place of a record. */
function put(manifest: unknown, tag = 'cache-a_record'): void {
  registry.keep(Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest)), OCI, tag);
}

function putText(text: string, values: object = {}): string {
  const blob = brotliCompressSync(text);
  const digest = registry.keepBlob(blob);
  put({ layers: [{ mediaType: TYPE, digest, size: blob.length, ...values }] });
  return digest;
}

const WARNING = 'WARNING: the record of the last build, cache-a_record, cannot be read, so this build may be slower: ';

test('a record that was written is read by the next build', async () => {
  await store().write(RECORD);
  expect(lines).toEqual([]);
  expect(await store().read()).toEqual([RECORD]);
  expect(lines).toEqual([]);
});

test('a record is an image manifest, which every registry takes, and says what it is', async () => {
  await store().write(RECORD);
  const { type, body } = registry.manifests.get('cache-a_record')!;
  const manifest = JSON.parse(body.toString());
  expect(type).toBe(OCI);
  expect(manifest).toMatchObject({
    schemaVersion: 2, mediaType: OCI, config: { mediaType: 'application/vnd.cdk-cached-docker-build.record.config.v1+json', size: 2 }, layers: [{ mediaType: TYPE }],
  });
  for (const { digest, size } of [manifest.config, ...manifest.layers]) expect(registry.blobs.get(digest)).toHaveLength(size);
  expect(brotliDecompressSync(registry.blobs.get(manifest.layers[0].digest)!).toString()).toBe(recordToJson(RECORD));
  expect(registry.events.at(-1)).toBe('tag cache-a_record'); // when all of it is there
});

test('records of other scopes are read as well, behind the own one, which alone is written', async () => {
  await store('cache-a_main_record').write(OTHER);
  const both = store('cache-a_branch_record', 'cache-a_main_record');
  expect(await both.read()).toEqual([EMPTY_RECORD, OTHER]);
  await both.write(OTHER);
  expect(await both.read()).toEqual([OTHER, OTHER]);
  await both.write(RECORD);
  expect(await both.read()).toEqual([RECORD, OTHER]);
  expect(lines).toEqual([]);
});

test('a record that says the same again is not written', async () => {
  await store().write(RECORD);
  const next = store();
  const [read] = await next.read();
  registry.events.length = 0;
  await next.write(read);
  expect(registry.events).toEqual([]);
});

describe('what another build changes alone', () => {
  const FIRST: BuildRecord = { ...RECORD, lastBuild: { layers: ['sha256:1'] } };
  const SECOND: BuildRecord = { ...RECORD, lastBuild: { layers: ['sha256:2'] } };

  test('is written with the manifest and nothing else', async () => {
    await store().write(FIRST);
    const next = store();
    expect(await next.read()).toEqual([FIRST]);
    registry.events.length = 0;
    await next.write(SECOND);
    expect(registry.events).toEqual(['tag cache-a_record']);
    expect(await store().read()).toEqual([SECOND]);
    expect(lines).toEqual([]);
  });

  test('is not written when it is the same', async () => {
    await store().write(FIRST);
    const next = store();
    await next.read();
    registry.events.length = 0;
    await next.write(FIRST);
    expect(registry.events).toEqual([]);
  });

  test('may be unreadable, and nothing else is lost with it', async () => {
    await store().write(FIRST);
    const manifest = JSON.parse(registry.manifests.get('cache-a_record')!.body.toString());
    put({ ...manifest, annotations: { 'vnd.cdk-cached-docker-build.last-build': 'broken' } });
    expect(await store().read()).toEqual([RECORD]);
    expect(lines).toEqual([expect.stringMatching(/^WARNING: the record of the last build, cache-a_record, does not say what it was made from, so the report may not say why steps ran: /)]);
  });

  test('may be too large, and all else is kept', async () => {
    let random = 1;
    const layers = Array.from({ length: 200_000 }, () => (random = (random * 48271) % 2147483647).toString(36));
    await store().write({ ...RECORD, lastBuild: { layers } });
    expect(lines).toEqual(['WARNING: the report of the next build may not say why steps ran: the image has too many files']);
    expect(await store().read()).toEqual([RECORD]);
  });
});

test('there may be none yet, of which nothing is said', async () => {
  expect(await store('a', 'b').read()).toEqual([EMPTY_RECORD, EMPTY_RECORD]);
  expect(lines).toEqual([]);
});

describe('what cannot be read is warned of, and is as if there were none', () => {
  test.each<[string, unknown, string]>([
    ['an image', { layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: 'sha256:0', size: 1 }] }, 'it is something else'],
    ['an index', { manifests: [] }, 'it is something else'],
    ['a list', [], 'it is something else'],
    ['no manifest', 'null', 'Cannot destructure'],
    ['no JSON', '<html>', 'Unexpected token'],
    ['layers that are none', { layers: 5 }, 'layers?.find is not a function'],
    ['layers of nothing', { layers: [null] }, 'Cannot destructure'],
    ['a layer without a digest', { layers: [{ mediaType: TYPE, size: 1 }] }, 'it is something else'],
    ['a layer with an odd digest', { layers: [{ mediaType: TYPE, digest: 5, size: 1 }] }, 'it is something else'],
    ['a layer without a size', { layers: [{ mediaType: TYPE, digest: 'sha256:0' }] }, 'it is something else'],
    ['a layer of a gigabyte', { layers: [{ mediaType: TYPE, digest: 'sha256:0', size: 2 ** 30 }] }, 'it is something else'],
    ['a layer of another size', { layers: [{ mediaType: TYPE, digest: 'sha256:0', size: {} }] }, 'it is something else'],
    ['a layer that is gone', { layers: [{ mediaType: TYPE, digest: 'sha256:0', size: 1 }] }, 'its content is gone'],
  ])('such as %s', async (_, manifest, reason) => {
    put(manifest);
    expect(await store().read()).toEqual([EMPTY_RECORD]);
    expect(lines).toEqual([expect.stringContaining(WARNING)]);
    expect(lines[0]).toContain(reason);
  });

  test('such as other bytes than those of its digest', async () => {
    const digest = putText(recordToJson(RECORD));
    registry.blobs.set(digest, brotliCompressSync(recordToJson(OTHER)));
    expect(await store().read()).toEqual([EMPTY_RECORD]);
    expect(lines).toEqual([expect.stringContaining(`${WARNING}what was read is not ${digest}`)]);
  });

  test('such as bytes that are not compressed, or not all there', async () => {
    for (const bytes of [Buffer.from('{"version":1}'), brotliCompressSync(recordToJson(RECORD)).subarray(0, -5), Buffer.alloc(0)]) {
      put({ layers: [{ mediaType: TYPE, digest: registry.keepBlob(bytes), size: bytes.length }] });
      expect(await store().read()).toEqual([EMPTY_RECORD]);
      expect(lines).toEqual([expect.stringContaining(WARNING)]);
    }
  });

  test('such as one of a later version', async () => {
    putText('{"version":2,"trees":[]}');
    expect(await store().read()).toEqual([EMPTY_RECORD]);
    expect(lines).toEqual([`${WARNING}it is of version 2, and this program of version 1`]);
  });

  test('such as one that is much larger than it says', async () => {
    const blob = Buffer.alloc(9 * 1024 * 1024);
    put({ layers: [{ mediaType: TYPE, digest: registry.keepBlob(blob), size: 5 }] });
    expect(await store().read()).toEqual([EMPTY_RECORD]);
    expect(lines).toEqual([`${WARNING}it is larger than 8388608 bytes`]);
  });

  test('such as one that unfolds to what no record is', async () => {
    putText(' '.repeat(33 * 1024 * 1024));
    expect(await store().read()).toEqual([EMPTY_RECORD]);
    expect(lines).toEqual([expect.stringContaining(WARNING)]);
  });

  test('such as one that the registry denies', async () => {
    registry.failures['manifest cache-a_record'] = new Failure('the registry denies access');
    expect(await store().read()).toEqual([EMPTY_RECORD]);
    expect(lines).toEqual([`${WARNING}the registry denies access`]);
  });

  test('beside others that can', async () => {
    put('null', 'broken_record');
    await store('main_record').write(RECORD);
    expect(await store('broken_record', 'main_record').read()).toEqual([EMPTY_RECORD, RECORD]);
    expect(lines).toEqual([expect.stringContaining('broken_record, cannot be read')]);
  });

  test('and is written anew', async () => {
    put('null');
    const broken = store();
    await broken.read();
    await broken.write(RECORD);
    expect(await store().read()).toEqual([RECORD]);
  });
});

describe('what cannot be written is warned of', () => {
  const NOT_KEPT = 'WARNING: what this build found out could not be kept, so the next one may be slower: ';

  test('such as a tag that cannot be set again', async () => {
    registry.isImmutable = true;
    await store().write(RECORD);
    await store().write(OTHER);
    expect(lines).toEqual([`${NOT_KEPT}the tag cache-a_record is immutable`]);
  });

  test('such as where the registry takes nothing', async () => {
    registry.failures['tag cache-a_record'] = new Failure('the registry denies access');
    await store().write(RECORD);
    expect(lines).toEqual([`${NOT_KEPT}the registry denies access`]);
  });

  test('such as a tree that is too deep to be one', async () => {
    const tree = new FileTree();
    tree.apply([file(`/${'a/'.repeat(5000)}b`)]);
    await store().write({ ...EMPTY_RECORD, layers: { 'sha256:1': tree } });
    expect(lines).toEqual([`${NOT_KEPT}Maximum call stack size exceeded`]);
    expect(registry.manifests.size).toBe(0);
  });

  test('such as one that could not be read again', async () => {
    const tree = new FileTree();
    tree.apply(Array.from({ length: 150_000 }, (_, index) => file(`/${'x'.repeat(230)}${index}`)));
    await store().write({ ...EMPTY_RECORD, layers: { 'sha256:1': tree } });
    expect(lines).toEqual([`${NOT_KEPT}there are too many files below the copies`]);
    expect(registry.events).toEqual([]);
  });
});

test('the files of a large image are kept in a moment', async () => {
  const tree = new FileTree();
  tree.apply(Array.from({ length: 100_000 }, (_, index) => file(`/usr/lib/${index % 1000}/${index}.js`)));
  const started = Date.now();
  await store().write({ ...EMPTY_RECORD, layers: { 'sha256:1': tree } });
  expect([...(await store().read())[0].layers['sha256:1'].entries()]).toHaveLength(101_002);
  expect(Date.now() - started).toBeLessThan(5000);
  expect(lines).toEqual([]);
});

describe('the place of records', () => {
  const clients: string[] = [];
  const logins = {
    client: (repository: string) => {
      clients.push(repository);
      return registry;
    },
  };
  const valueOf = (value: unknown) => String(value);

  beforeEach(() => { clients.length = 0; });

  test('is beside the layer cache', () => {
    const cache = layerCache({ kind: 'registry', repository: 'host/cache', mode: 'max', compression: 'zstd' }, valueOf);
    expect(recordStore(someJob(), cache, logins)).toBeInstanceOf(RecordStore);
    expect(clients).toEqual(['host/cache']);
  });

  test('is the repository of the image where the cache is in a bucket', () => {
    const cache = layerCache({ kind: 's3', region: 'eu-central-1', bucket: 'b', prefix: 'p/', mode: 'max' }, valueOf);
    const job = someJob({ stagingTag: 'cache-x' });
    expect(recordStore(job, cache, logins)).toBeInstanceOf(RecordStore);
    expect(clients).toEqual([job.repository]);
  });

  test('is nowhere where no tag can be set again, or the cache has none', () => {
    const cache = layerCache({ kind: 's3', region: 'eu-central-1', bucket: 'b', prefix: 'p/', mode: 'max' }, valueOf);
    expect(recordStore(someJob({ stagingTag: undefined }), cache, logins)).toBeUndefined();
    expect(recordStore(someJob(), NOTHING, logins)).toBeUndefined();
    expect(clients).toEqual([]);
  });
});
