import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { configFromJson } from '../../../../runner/cache/config/cache-config-json';
import { forked } from '../../../../runner/cache/config/forked';
import { StoredCache, storedCache } from '../../../../runner/cache/config/stored-cache';
import { layerCache } from '../../../../runner/cache/layer-caches';
import { Manifest } from '../../../../runner/registry/registry-client';
import { Failure } from '../../../../runner/report/failure';
import { meaningOf } from '../../testhelpers/cache-configs';
import { collectedLog } from '../../testhelpers/collected-log';
import { digestOf } from '../../testhelpers/layers';
import { MemoryRegistry } from '../../testhelpers/memory-registry';
import { someJob } from '../../testhelpers/some-job';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.buildkit.cacheconfig.v0';
const TAG = 'cache-a';
const WARNING = 'WARNING: the layer cache stays as BuildKit wrote it, so it takes longer to read if there are many steps: ';

const text = (name: string) => fs.readFileSync(path.join(__dirname, 'fixtures', `${name}.json`), 'utf8');
const LAYERS = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: `sha256:${'1'.repeat(64)}`, size: 7, annotations: { 'buildkit/createdat': 'x' } }];

let registry: MemoryRegistry;
let cache: StoredCache;
let lines: string[];

beforeEach(() => {
  registry = new MemoryRegistry();
  const { log, lines: written } = collectedLog();
  lines = written;
  cache = new StoredCache(registry, TAG, log);
});

/** What BuildKit does when it exports. */
function put(config: string, values: object = {}, type = OCI): Manifest {
  const content = Buffer.from(config);
  const described = { mediaType: CONFIG, digest: registry.keepBlob(content), size: content.length };
  const body = { schemaVersion: 2, mediaType: OCI, config: described, layers: LAYERS, ...values };
  return registry.keep(Buffer.from(JSON.stringify(body)), type, TAG);
}

const writes = (config: string, values?: object, type?: string) => async () => {
  put(config, values, type);
  return undefined;
};

/** What there is under the tag. */
function stored() {
  const manifest = JSON.parse(registry.manifests.get(TAG)!.body.toString());
  return { manifest, config: registry.blobs.get(manifest.config.digest)!.toString() };
}

test('what BuildKit has written is forked, under the same tag', async () => {
  expect(await cache.writtenBy(writes(text('first')), true)).toBeUndefined();
  const { manifest, config } = stored();
  expect(configFromJson(config)).toEqual(forked(configFromJson(text('first'))));
  expect(manifest).toEqual({
    schemaVersion: 2,
    mediaType: OCI,
    config: { mediaType: CONFIG, digest: digestOf(config), size: config.length },
    layers: LAYERS,
    annotations: { 'org.opencontainers.image.created': expect.any(String) },
  });
  expect(registry.manifests.get(TAG)!.type).toBe(OCI);
  expect(registry.events.at(-1)).toBe(`tag ${TAG}`); // when all of it is there
  expect(lines).toEqual([]);
});

test('the same cache written again is another manifest, so that it does not expire', async () => {
  const digests: string[] = [];
  for (const time of ['2026-11-20T10:00:00.000Z', '2026-11-27T10:00:00.000Z']) {
    jest.useFakeTimers({ now: new Date(time) });
    await cache.writtenBy(writes(text('first')), true);
    jest.useRealTimers();
    digests.push(registry.manifests.get(TAG)!.digest);
    expect(stored().manifest.annotations['org.opencontainers.image.created']).toBe(time);
  }
  expect(new Set(digests).size).toBe(2);
});

test('results that BuildKit has lost are taken over from what was there before', async () => {
  put(text('min-before'));
  await cache.writtenBy(writes(text('min-copy-change')), true);
  const { records } = configFromJson(stored().config);
  expect(records.filter(({ results }) => results.length > 0)).toHaveLength(8);
  expect(lines).toEqual([]);
});

test('nothing is taken over from a cache that could not be read', async () => {
  put(text('min-before'));
  await cache.writtenBy(writes(text('min-copy-change')), false);
  expect(meaningOf(configFromJson(stored().config))).toEqual(meaningOf(forked(configFromJson(text('min-copy-change')))));
});

test.each<[string, () => void]>([
  ['an image', () => put('{}', { config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}'), size: 2 } })],
  ['nothing that this program knows', () => put('<html>')],
  ['a cache whose configuration is gone', () => registry.blobs.delete(JSON.parse(put('{"layers":[]}').body.toString()).config.digest)],
  ['hidden by its registry', () => { registry.manifest = async () => { delete (registry as any).manifest; throw new Failure('HTTP 503'); }; }],
])('it does not matter when what was there before is %s', async (_, prepare) => {
  prepare();
  await cache.writtenBy(writes(text('first')), true);
  expect(configFromJson(stored().config)).toEqual(forked(configFromJson(text('first'))));
  expect(lines).toEqual([]);
});

test('a failed export is the failure, and nothing is written', async () => {
  put(text('first'));
  registry.events.length = 0;
  expect(await cache.writtenBy(async () => 'denied', true)).toBe('denied');
  expect(registry.events).toEqual([`manifest ${TAG}`]);
  expect(lines).toEqual([]);
});

describe('what cannot be forked stays as BuildKit wrote it, with one line in the log', () => {
  const large = JSON.stringify({ records: Array.from({ length: 9_000 }, (_, index) => ({ digest: digestOf(`${index}`) })) });
  const nearlyLarge = JSON.stringify({
    layers: [{ blob: digestOf('a'), parent: -1 }],
    records: Array.from({ length: 4_000 }, (_, index) => ({
      digest: digestOf(`${index}`), ...index > 0 && { inputs: [[{ link: index - 1 }]], layers: [{ layer: 0, createdAt: '2026-11-26T03:08:00Z' }] },
    })),
  });
  const config = (values: object) => ({ config: { mediaType: CONFIG, digest: digestOf(text('first')), size: 7, ...values } });

  test.each<[string, string, object, string, string]>([
    ['a configuration that is no JSON', '<html>', {}, OCI, 'Unexpected token'],
    ['a configuration with something new', '{"version":1}', {}, OCI, "it has 'version', which this program does not know"],
    ['a configuration of another type', text('first'), config({ mediaType: 'application/vnd.buildkit.cacheconfig.v1' }), OCI, 'its configuration is of the type "application/vnd.buildkit.cacheconfig.v1"'],
    ['a configuration without a digest', text('first'), config({ digest: 7 }), OCI, 'its manifest does not say what its configuration is'],
    ['a configuration without a size', text('first'), config({ size: '7' }), OCI, 'its manifest does not say what its configuration is'],
    ['no configuration', text('first'), { config: null }, OCI, 'its configuration is of the type undefined'],
    ['a configuration that says that it is too large', text('first'), config({ size: 2_000_000 }), OCI, 'its configuration is larger than BuildKit reads it'],
    ['a configuration that is too large', large.repeat(2), config({ digest: digestOf(large.repeat(2)) }), OCI, 'it is larger than 1048576 bytes'],
    ['a configuration that would get too large', nearlyLarge, {}, OCI, 'its configuration would be too large'],
    ['an index', text('first'), { mediaType: 'application/vnd.oci.image.index.v1+json' }, 'application/vnd.oci.image.index.v1+json', 'its manifest is not that of an OCI image'],
    ['a manifest of another version', text('first'), { schemaVersion: 3 }, OCI, 'its manifest is not that of an OCI image'],
    ['a manifest with something new', text('first'), { subject: {} }, OCI, "its manifest has 'subject', which this program does not know"],
    ['a manifest without layers', text('first'), { layers: {} }, OCI, 'its manifest has no layers'],
    ['a manifest with other annotations', text('first'), { annotations: [] }, OCI, 'its manifest has no layers'],
  ])('%s', async (_, content, values, type, reason) => {
    let written: Manifest | undefined;
    const write = async () => {
      written = put(content, values, type);
      return undefined;
    };
    expect(await cache.writtenBy(write, true)).toBeUndefined();
    expect(registry.manifests.get(TAG)).toEqual(written);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(WARNING + reason);
  });

  test.each<[string, string, Error]>([
    ['to give the configuration', `blob ${digestOf(text('first'))}`, new Failure('HTTP 500')],
    ['to take the new one', `put ${digestOf('x')}`, new Failure('HTTP 403')],
    ['to set the tag', `tag ${TAG}`, new Failure('HTTP 403')],
  ])('a registry that fails %s', async (_, event, error) => {
    if (event.startsWith('put')) registry.putBlob = async () => { throw error; };
    else registry.failures[event] = error;
    const before = await cache.writtenBy(writes(text('first')), true);
    expect(before).toBeUndefined();
    expect(stored().config).toBe(text('first'));
    expect(lines).toEqual([WARNING + error.message]);
  });

  test('a configuration with other content than its digest says', async () => {
    registry.blob = async () => Readable.from([Buffer.from('{}')]);
    await cache.writtenBy(writes(text('first')), true);
    expect(stored().config).toBe(text('first'));
    expect(lines).toEqual([expect.stringContaining(`${WARNING}what was read is not sha256:`)]);
  });

  test('an immutable tag', async () => {
    await cache.writtenBy(async () => {
      put(text('first'));
      registry.isImmutable = true;
      return undefined;
    }, true);
    expect(stored().config).toBe(text('first'));
    expect(lines).toEqual([`${WARNING}the tag '${TAG}' is immutable`]);
  });
});

describe('when BuildKit writes none, since there are no layers', () => {
  test('there is none', async () => {
    await cache.writtenBy(async () => undefined, true);
    expect(registry.events).toEqual([`manifest ${TAG}`, `manifest ${TAG}`]);
    expect(lines).toEqual([]);
  });

  test('the one that was there before stays', async () => {
    await cache.writtenBy(writes(text('first')), true);
    const before = registry.manifests.get(TAG);
    await cache.writtenBy(async () => undefined, true);
    expect(registry.manifests.get(TAG)).toBe(before);
    expect(lines).toEqual([]);
  });
});

test('a cache is stored where it is a manifest', () => {
  const of = (settings: Parameters<typeof layerCache>[0]) => {
    const repositories: string[] = [];
    const client = (repository: string) => {
      repositories.push(repository);
      return registry;
    };
    return { found: storedCache(someJob(), layerCache(settings, (value) => value as string), { client }), repositories };
  };
  expect(of({ kind: 'registry', mode: 'max', compression: 'zstd', repository: 'host/caches' })).toEqual({ found: expect.any(StoredCache), repositories: ['host/caches'] });
  expect(of({ kind: 's3', mode: 'max', bucket: 'b', region: 'r', prefix: '' })).toEqual({ found: undefined, repositories: [] });
  expect(of({ kind: 'none' })).toEqual({ found: undefined, repositories: [] });
});
