import { layerCache } from '../../../runner/cache/layer-caches';
import { solveArguments } from '../../../runner/solve/solve-arguments';
import { REPOSITORY, someJob } from '../testhelpers/some-job';

const REGISTRY = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd', fallbackScopes: ['main'] }, String);
const INLINE = layerCache({ kind: 'inline', tags: ['latest', 'main'], stages: ['deps'] }, String);

/** The value of each option of a name. */
function valuesOf(name: string, args: string[]): string[] {
  return args.filter((_, index) => args[index - 1] === name);
}

test('by default a solve has a platform, a Dockerfile and a context, and nothing else', () => {
  expect(solveArguments(someJob(), {})).toEqual(['--platform', 'linux/amd64', '--file', '/build/Dockerfile', '/input/asset.1']);
});

test('a target is that of the image, unless a stage is kept as an image of its own', () => {
  expect(valuesOf('--target', solveArguments(someJob({ target: 'prod' }), {}))).toEqual(['prod']);
  expect(valuesOf('--target', solveArguments(someJob({ target: 'prod' }), { stage: 'deps' }))).toEqual(['deps']);
});

test('build arguments are given as they are, in their order', () => {
  const buildArgs = { B: 'a b', A: '', C: '$(touch x) "\' \n=' };
  expect(valuesOf('--build-arg', solveArguments(someJob({ buildArgs }), {}))).toEqual(['B=a b', 'A=', 'C=$(touch x) "\' \n=']);
});

test('further contexts are folders of the input, or images', () => {
  const buildContexts = { shared: { path: 'asset.2' }, base: { image: 'docker.io/library/python:3.12' } };
  expect(valuesOf('--build-context', solveArguments(someJob({ buildContexts }), {}))).toEqual(['shared=/input/asset.2', 'base=docker-image://docker.io/library/python:3.12']);
});

test('steps have the network of the machine only where they need it', () => {
  expect(valuesOf('--network', solveArguments(someJob(), { hasHostNetwork: true }))).toEqual(['host']);
  expect(solveArguments(someJob(), { hasHostNetwork: false })).not.toContain('--network');
});

test('a network of the image counts before that of the builder', () => {
  const job = { ...someJob(), options: { network: 'none', cacheFrom: [], cacheTo: [] } };
  for (const hasHostNetwork of [true, false]) expect(valuesOf('--network', solveArguments(job, { hasHostNetwork }))).toEqual(['none']);
});

test('a period makes steps run again and base images be looked up again, the first period too', () => {
  for (const refreshPeriod of [0, 1234]) {
    const args = solveArguments(someJob({ refreshPeriod }), {});
    expect(args).toContain('--pull');
    expect(valuesOf('--add-host', args)).toEqual([`refresh-${refreshPeriod}.invalid:127.0.0.1`]);
  }
});

describe('a layer cache', () => {
  test('is read from each of its sources, in their order', () => {
    const sources = REGISTRY.sources({ repository: REPOSITORY, cacheName: 'cache-a', sharedCacheName: 'cache-shared', hasMutableTags: true });
    expect(sources).toHaveLength(2);
    expect(valuesOf('--cache-from', solveArguments(someJob(), { cache: REGISTRY }))).toEqual(sources);
  });

  test('is read before those of the image, which are left out with it', () => {
    const job = { ...someJob(), options: { cacheFrom: ['type=registry,ref=own'], cacheTo: ['type=registry,ref=own'] } };
    expect(valuesOf('--cache-from', solveArguments(job, { cache: REGISTRY }))).toEqual([...valuesOf('--cache-from', solveArguments(someJob(), { cache: REGISTRY })), 'type=registry,ref=own']);
    expect(solveArguments(job, {})).toEqual(solveArguments(someJob(), {}));
  });

  test('of a stage is its own images only', () => {
    const image = { repository: REPOSITORY, cacheName: 'cache-a', sharedCacheName: 'cache-shared', hasMutableTags: true };
    expect(valuesOf('--cache-from', solveArguments(someJob(), { cache: INLINE }))).toEqual(INLINE.sources(image));
    expect(valuesOf('--cache-from', solveArguments(someJob(), { cache: INLINE, stage: 'deps' }))).toEqual(INLINE.stageImages(image, 'deps'));
  });
});

test('the context is the last argument', () => {
  expect(solveArguments(someJob({ target: 'a', buildArgs: { A: 'b' }, refreshPeriod: 1 }), { cache: REGISTRY, hasHostNetwork: true }).at(-1)).toBe('/input/asset.1');
});
