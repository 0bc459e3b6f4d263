import * as path from 'path';
import { buildImage } from '../../../runner/image/build-image';
import { RecordStore } from '../../../runner/record/record-store';
import { Failure } from '../../../runner/report/failure';
import { BuildMachine } from '../testhelpers/build-machine';
import { BuildSetup, CACHE_REPOSITORY, contextFiles } from '../testhelpers/build-setup';
import { FakeBuilder } from '../testhelpers/fake-builder';
import { contentOf } from '../testhelpers/keep-image';
import { layerOf } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';

const CACHE = { kind: 'registry', repository: CACHE_REPOSITORY, mode: 'max', compression: 'zstd' } as const;
const RECORD = 'cache-a_record';

let setup: BuildSetup;
let builder: FakeBuilder;
/** That of the image and that of the cache. */
let registry: MemoryRegistry;
let cache: MemoryRegistry;

beforeEach(async () => {
  setup = new BuildSetup(new BuildMachine(), { cache: CACHE });
  setup.write('asset.1/app.py', 'app');
  registry = new MemoryRegistry();
  cache = new MemoryRegistry();
  builder = new FakeBuilder(registry);
  builder.base = [await layerOf({ name: 'app/', uid: 5 })];
});

async function run(tag = 'v1', lines: readonly string[] = ['COPY a /app/']) {
  const context = path.join(setup.input, 'asset.1');
  const dockerfileContent = ['FROM a', 'RUN make', ...lines].join('\n');
  const job = setup.job({ tag, linkCopies: true, dockerfileContent, contextFiles: contextFiles(context, { files: { 'app.py': 3 } }) });
  const logins = { client: (repository: string) => (repository === CACHE_REPOSITORY ? cache : registry) };
  return buildImage(job, { builder, cache: setup.context.cache, logins, additionalTags: [] });
}

test('an image gets its tag once its links are proven and what they have left out is put right, and what was found out is kept', async () => {
  const result = await run();
  expect(result).toMatchObject({ status: 'built', copies: 'linked: 1 (line 3)' });
  expect(result.failure).toBeUndefined();
  const { manifest } = contentOf(registry, registry.manifests.get('v1')!);
  expect(manifest.layers).toHaveLength(3);
  expect(result.digest).toBe(registry.manifests.get('v1')!.digest);
  const order = registry.events.map((event) => event.split(' ')[0]);
  expect(order.indexOf('tag')).toBe(order.length - 1);
  expect(registry.events.filter((event) => event.startsWith('tag'))).toEqual(['tag v1']);
  expect([...cache.manifests.keys()]).toContain(RECORD);
  expect(setup.warnings).toEqual([]);
});

test('the next build lists nothing, and writes what it was made from and nothing else', async () => {
  await run();
  builder.events.length = cache.events.length = 0;
  builder.sources.a = 'changed';
  builder.steps = [{ name: '[2/3] RUN make', isCached: true }, { name: '[3/3] COPY a /app/', isCached: false }];
  expect(await run('v2')).toMatchObject({ status: 'built', copies: 'linked: 1 (line 3)', cacheWasComplete: true });
  expect(builder.events).toEqual(['build linked']);
  expect(cache.events.filter((event) => /^(put|tag)/.test(event))).toEqual([`tag ${RECORD}`]);
  expect(registry.manifests.get('v2')!.digest).not.toBe(registry.manifests.get('v1')!.digest);
});

test('a cache that was written anew is known by the next build', async () => {
  await run();
  const [{ cache: first }] = await new RecordStore([{ registry: cache, tag: RECORD }], setup.log).read();
  builder.base = [await layerOf({ name: 'app/', uid: 6 })];
  builder.steps = [{ name: '[2/3] RUN make', isCached: false }];
  expect((await run('v2')).cacheWasComplete).toBeUndefined();
  const [{ cache: second }] = await new RecordStore([{ registry: cache, tag: RECORD }], setup.log).read();
  expect([first!.layers, second!.layers]).toEqual([[expect.any(String)], [builder.base[0].digest]]);
  expect(first!.layers).not.toEqual(second!.layers);
});

test('an image whose links cannot be proven is built as it is written, and gets its tag', async () => {
  builder.failures['read oci'] = new Failure('the disk is full');
  expect(await run()).toMatchObject({ status: 'built', copies: 'as written: the links could not be proven: the disk is full' });
  const { manifest } = contentOf(registry, registry.manifests.get('v1')!);
  expect(manifest.layers).toHaveLength(2);
  expect(builder.dockerfiles.at(-1)).not.toContain('--link');
});

test('no tag is set where both ways fail', async () => {
  builder.failures['read oci'] = new Failure('the disk is full');
  builder.failures['build as written'] = new Failure('denied');
  expect(await run()).toMatchObject({ status: 'failed', failure: 'denied' });
  expect([...registry.manifests.keys()].filter((key) => !key.startsWith('sha256:'))).toEqual([]);
  expect(cache.manifests.size).toBe(0);
});

test.each<[string, () => void]>([
  ['is no record', () => cache.keep(Buffer.from('null'), 'x', RECORD)],
  ['is denied', () => { cache.failures[`manifest ${RECORD}`] = new Failure('the registry denies access'); }],
])('a record that %s costs time and is warned of', async (_, breakIt) => {
  await run();
  breakIt();
  builder.events.length = 0;
  expect(await run('v2')).toMatchObject({ status: 'built', copies: 'linked: 1 (line 3)' });
  expect(builder.events).toEqual(['build linked', 'read oci', 'keep layers']);
  expect(setup.warnings).toEqual([expect.stringContaining(`the record of the last build, ${RECORD}, cannot be read`)]);
});

test('a record that cannot be written is warned of', async () => {
  cache.failures[`tag ${RECORD}`] = new Failure('the registry denies access');
  expect(await run()).toMatchObject({ status: 'built' });
  expect(setup.warnings).toEqual(['what this build found out could not be kept, so the next one may be slower: the registry denies access']);
});

test('a record has nothing of the image but names, owners and modes of what is near its copies', async () => {
  builder.base = [await layerOf({ name: 'etc/' }, { name: 'etc/secret', content: 'secret' }, { name: 'app/' }, { name: 'app/1', content: 'secret' })];
  await run();
  const [record] = await new RecordStore([{ registry: cache, tag: RECORD }], setup.log).read();
  const text = JSON.stringify([...record.below!.tree.entries()]);
  expect(text).toContain('/app/1');
  expect(text).not.toContain('secret');
});
