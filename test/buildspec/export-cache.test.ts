import * as path from 'path';
import { BuildMachine, fixture, leavesDigest, plan } from './build-machine';

const CACHE = {
  CACHE_LOCATION: 'type=registry,ref=host/app:',
  CACHE_TAG: 'cache-a',
  CACHE_EXPORT: 'mode=max,image-manifest=true,oci-mediatypes=true,compression=gzip',
};

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine(CACHE);
  machine.remember({ 'plan.json': plan(), 'builder': 'my-builder', 'tag': 'v1', 'result': 'built' });
  machine.tell('docker', { 'buildx build *': {} });
});

test('the cache is written by a solve of its own that exports nothing else', async () => {
  expect(await machine.run('export-cache.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.argumentsOf('docker')).toEqual([[
    'buildx', 'build', '--builder', 'my-builder',
    '--platform', 'linux/amd64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    '--cache-from', 'type=registry,ref=host/app:cache-a',
    path.join(machine.sourceDirectory, 'asset.1'),
    '--output', 'type=cacheonly', '--cache-to', `type=registry,ref=host/app:cache-a,${CACHE.CACHE_EXPORT}`,
    '--provenance=false', '--sbom=false', '--progress', 'rawjson',
  ]]);
  expect(machine.recall('cache.failed')).toBeUndefined();
});

test('it has all arguments of the build that a step depends on, so that it finds each step done', async () => {
  machine.remember({ 'plan.json': plan({ target: 'final', buildArgs: { A: 'a b\n$(touch x)', B: '' }, dockerfile: 'docker/Dockerfile.prod' }) });
  machine.tell('docker', { 'buildx build *': { run: leavesDigest('sha256:0') } });
  const environment = { CACHE_SCOPE: 'feature/a', CACHE_FALLBACK_SCOPES: 'main release' };
  expect((await machine.run('build.sh', environment)).code).toBe(0);
  expect((await machine.run('export-cache.sh', environment)).code).toBe(0);
  const [build, cache] = machine.argumentsOf('docker').map((args) => args.slice(0, args.indexOf('--output')));
  expect(cache).toEqual(build.filter((argument) => !['--provenance=false', '--sbom=false'].includes(argument)));
  expect(cache).toContain('A=a b\n$(touch x)');
  expect(cache.filter((argument) => argument === '--cache-from')).toHaveLength(3);
});

test('it is written to its own scope only, which a name that no tag can hold has as well', async () => {
  await machine.run('export-cache.sh', { CACHE_SCOPE: 'feature/ä b', CACHE_FALLBACK_SCOPES: 'main' });
  const [args] = machine.argumentsOf('docker');
  expect(args.filter((argument) => argument === '--cache-to')).toHaveLength(1);
  expect(args[args.indexOf('--cache-to') + 1]).toMatch(/^type=registry,ref=host\/app:cache-a_feature----b-[0-9a-f]{10},mode=max,/);
});

test('it is written to a bucket as it is to a registry', async () => {
  await machine.run('export-cache.sh', { CACHE_LOCATION: 'type=s3,region=r,bucket=b,prefix=p/,name=', CACHE_EXPORT: 'mode=min,compression=zstd' });
  const [args] = machine.argumentsOf('docker');
  expect(args[args.indexOf('--cache-to') + 1]).toBe('type=s3,region=r,bucket=b,prefix=p/,name=cache-a,mode=min,compression=zstd');
});

describe('a cache that cannot be written', () => {
  test('is no failure here even if the build is to fail of it, since the report comes first', async () => {
    machine.tell('docker', { 'buildx build *': { stderr: fixture('refused-cache.rawjson'), code: 1 } });
    expect((await machine.run('export-cache.sh', { CACHE_REQUIRED: 'true' })).code).toBe(0);
  });

  test('in a quarter of an hour is given up, and no failure of the build', async () => {
    machine.stub('timeout', 'exit 124');
    const { code, stderr } = await machine.run('export-cache.sh');
    expect(code).toBe(0);
    expect(stderr).toContain('WARNING: the layer cache was not written');
    expect(machine.argumentsOf('timeout')[0].slice(0, 5)).toEqual(['--kill-after=10', '900', 'docker', 'buildx', 'build']);
  });

  test('is no failure of the build', async () => {
    machine.tell('docker', { 'buildx build *': { stderr: fixture('refused-cache.rawjson'), code: 1 } });
    expect((await machine.run('export-cache.sh')).code).toBe(0);
  });

  test('is said, with the reason', async () => {
    machine.tell('docker', { 'buildx build *': { stderr: fixture('refused-cache.rawjson'), code: 1 } });
    const { stdout, stderr } = await machine.run('export-cache.sh');
    expect(stdout).toBe('');
    expect(stderr).toContain('WARNING: the layer cache was not written, so the next build may be slower');
    expect(stderr).toContain('ERROR: failed to build: failed to solve: error writing layer blob: denied: User is not authorized to perform: ecr:BatchGetImage');
  });

  test('is reported, with the reason', async () => {
    machine.tell('docker', { 'buildx build *': { stderr: fixture('refused-cache.rawjson'), code: 1 } });
    await machine.run('export-cache.sh');
    expect(machine.recall('cache.failed'))
      .toBe('ERROR: failed to build: failed to solve: error writing layer blob: denied: User is not authorized to perform: ecr:BatchGetImage');
  });

  test.each([
    ['without a word', '', 1],
    ['because something ended it', '{"vertexes":[{"digest":"sha256:0","name":"exporting cache to registry"}]}\n', 137],
    ['with a word of its own', 'unknown flag: --progress\n', 125],
    ['in the middle of a line', '{"vertexes":[{"dig', 1],
  ])('%s is no failure of the build either, and never silent', async (_, stderr, code) => {
    machine.tell('docker', { 'buildx build *': { stderr, code } });
    const outcome = await machine.run('export-cache.sh');
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain('WARNING: the layer cache was not written');
    expect(machine.recall('cache.failed')).toMatch(/./);
  });

  test('is no failure though its progress cannot be shown', async () => {
    machine.breakJq('progress.jq', 5);
    machine.tell('docker', { 'buildx build *': { stderr: fixture('refused-cache.rawjson'), code: 1 } });
    const { code, stderr } = await machine.run('export-cache.sh');
    expect(code).toBe(0);
    expect(stderr).toContain('WARNING: the layer cache was not written');
  });

  test('changes neither the result nor the digest', async () => {
    machine.remember({ digest: 'sha256:1' });
    machine.tell('docker', { 'buildx build *': { code: 1 } });
    await machine.run('export-cache.sh');
    expect([machine.recall('result'), machine.recall('digest')]).toEqual(['built', 'sha256:1']);
  });
});

test.each<{ [name: string]: string }>([{ CACHE_EXPORT: '' }, { CACHE_EXPORT: '', CACHE_INLINE: 'true', CACHE_FROM: 'latest' }])('without a place for the cache nothing is solved (%j)', async (environment) => {
  expect(await machine.run('export-cache.sh', environment)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(machine.recall('phases')).toBeUndefined();
});

test('when the image is there already nothing is solved', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('export-cache.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
});

test('an image that another build was first with has left its layers to the cache', async () => {
  machine.remember({ result: 'built by another build at the same time' });
  await machine.run('export-cache.sh');
  expect(machine.argumentsOf('docker')).toHaveLength(1);
});

test('the phase is noted', async () => {
  machine.tell('docker', { 'buildx build *': { stderr: 'ERROR: x\n', code: 1 } });
  await machine.run('export-cache.sh');
  expect(machine.recall('phases')).toMatch(/^cache export \d+\n$/);
});
