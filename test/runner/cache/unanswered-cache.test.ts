import { Readable } from 'stream';
import { layerCache } from '../../../runner/cache/layer-caches';
import { unansweredCache } from '../../../runner/cache/unanswered-cache';
import { cachedImage } from '../../../runner/image/image-job';
import * as client from '../../../runner/registry/https-client';
import { Failure, Unreachable } from '../../../runner/report/failure';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { someJob } from '../testhelpers/some-job';

const CACHE = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd', fallbackScopes: ['main'] }, String);
const TYPE = 'application/vnd.oci.image.manifest.v1+json';

let registry: MemoryRegistry;

beforeEach(() => {
  registry = new MemoryRegistry();
});

async function ask(cache = CACHE): Promise<string | undefined> {
  return unansweredCache(someJob(), cache, { client: () => registry });
}

function silence(): never {
  throw new Unreachable('the registry host cannot be reached: it did not answer for 30 seconds');
}

/** Puts a cache where any tag finds it. */
function put(size = 2): void {
  const digest = registry.keepBlob(Buffer.from('{}'));
  const manifest = { digest: 'sha256:1', type: TYPE, body: Buffer.from(JSON.stringify({ config: { digest, size }, layers: [] })) };
  jest.spyOn(registry, 'manifest').mockResolvedValue(manifest);
}

test('a cache that is there, or not there, is left to BuildKit', async () => {
  expect(await ask()).toBeUndefined();
  put();
  expect(await ask()).toBeUndefined();
});

test('a registry that does not answer is said, even if it does so for one of the scopes only', async () => {
  jest.spyOn(registry, 'manifest').mockResolvedValueOnce(undefined).mockImplementation(async () => silence());
  expect(await ask()).toBe('the registry host cannot be reached: it did not answer for 30 seconds');
});

test.each<[string, () => Promise<Readable>]>([
  ['at all', async () => silence()],
  ['to the end', async () => Readable.from((function* () {
    yield Buffer.from('{');
    silence();
  })())],
])('a registry that does not give the description of the cache %s is said', async (_, blob) => {
  put();
  jest.spyOn(registry, 'blob').mockImplementation(blob);
  expect(await ask()).toMatch('cannot be reached');
});

test.each<[string, () => void]>([
  ['denied', () => jest.spyOn(registry, 'manifest').mockRejectedValue(new Failure('the registry denies access'))],
  ['no JSON', () => jest.spyOn(registry, 'manifest').mockResolvedValue({ digest: 'sha256:1', type: 'text/html', body: Buffer.from('<html>') })],
  ['without a description', () => jest.spyOn(registry, 'blob').mockResolvedValue(undefined)],
  ['corrupt', () => jest.spyOn(registry, 'blob').mockResolvedValue(Readable.from([Buffer.from('other')]))],
])('a cache that is %s is left to BuildKit, which says so', async (_, break_) => {
  put();
  break_();
  expect(await ask()).toBeUndefined();
});

test('what BuildKit does not read is not read either', async () => {
  put(2_000_000);
  const blob = jest.spyOn(registry, 'blob');
  expect(await ask()).toBeUndefined();
  expect(blob).not.toHaveBeenCalled();
});

describe('of a cache in a bucket', () => {
  const bucket = (region: string) => layerCache({ kind: 's3', mode: 'max', bucket: 'b', region, prefix: 'p/', fallbackScopes: ['main'] }, String);
  const request = jest.spyOn(client, 'request');

  afterAll(() => request.mockRestore());

  test.each([['eu-west-1', 'amazonaws.com'], ['cn-north-1', 'amazonaws.com.cn']])('the objects are asked, without a login, in %s', async (region, domain) => {
    request.mockResolvedValue({ status: 403, headers: {}, body: Buffer.alloc(0) });
    expect(await ask(bucket(region))).toBeUndefined();
    const urls = bucket(region).sources(cachedImage(someJob())).map((source) => `https://s3.${region}.${domain}/b/p/manifests/${source.split('name=')[1]}`);
    expect(urls).toHaveLength(2);
    expect(request.mock.calls.map(([what]) => what)).toEqual(urls.map((url) => ({ method: 'HEAD', url })));
  });

  test('one that does not answer is said', async () => {
    request.mockRejectedValue(new Unreachable('it did not answer for 30 seconds'));
    expect(await ask(bucket('eu-west-1'))).toBe('the bucket of the layer cache cannot be reached: it did not answer for 30 seconds');
  });

  test('one that cannot be asked is left to BuildKit, which knows better where it is', async () => {
    request.mockRejectedValue(new Failure('getaddrinfo ENOTFOUND'));
    expect(await ask(bucket('us-iso-east-1'))).toBeUndefined();
  });
});

test('of a cache in the image, the tags are asked', async () => {
  const manifest = jest.spyOn(registry, 'manifest');
  await ask(layerCache({ kind: 'inline', tags: ['latest', 'main'], stages: [] }, String));
  expect(manifest.mock.calls).toEqual([['latest'], ['main']]);
});
