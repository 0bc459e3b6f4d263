import { createHash } from 'crypto';
import { BuildMachine, BUILDSPEC, fixture, REPOSITORY } from './build-machine';

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine({ CACHE_TAG: 'cache-a' });
});

/** Runs commands with the functions of the cache, with the options that every script sets. */
async function withCache(commands: string, environment: { [name: string]: string } = {}) {
  return machine.bash(`BASH_ARGV0='${BUILDSPEC}/caller.sh'; set -euo pipefail; source '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/cache.sh'\n${commands}`, environment);
}

async function output(commands: string, environment: { [name: string]: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await withCache(commands, environment);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

/** The name of a part of the cache. */
async function nameOf(part: string, environment: { [name: string]: string } = {}): Promise<string> {
  return output('cache_name "$PART"', { PART: part, ...environment });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

const LONGEST_TAG = `cache-${'x'.repeat(85)}`;

describe('the name of a cache', () => {
  test('without a part is its tag', async () => {
    expect(await nameOf('')).toBe('cache-a');
    expect(await output('cache_name')).toBe('cache-a');
  });

  test.each([
    ['main', 'main'],
    ['feature/login', 'feature-login'],
    ['v1.2', 'v1.2'],
    ['a_b', 'a-b'],
    ['ä', '--'],
    ['refs/heads/a-very-long-name-of-a-branch', 'refs-heads-a-very-long-n'],
    ['$(touch x)`touch x`"\'\\', '--touch-x--touch-x----'],
    ['-x', '-x'],
    ['%s*\n', '-s--'],
  ])('of %j says it as far as a tag can, and its hash', async (part, readable) => {
    expect(await nameOf(part)).toBe(`cache-a_${readable}-${hashOf(part)}`);
  });

  test('is another for each part, also where only that is another which a tag cannot hold, or what is too long', async () => {
    const parts = ['a/b', 'a-b', 'a_b', 'a b', 'A/b', `${'x'.repeat(30)}1`, `${'x'.repeat(30)}2`];
    expect(new Set(await Promise.all(parts.map((part) => nameOf(part)))).size).toBe(parts.length);
  });

  test.each(['main', 'x'.repeat(300), '😀'.repeat(40)])('is one that a registry takes: %s', async (part) => {
    expect(await nameOf(part, { CACHE_TAG: LONGEST_TAG })).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
  });

  test('is the same in each locale', async () => {
    expect(await nameOf('é', { LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' })).toBe(`cache-a_---${hashOf('é')}`);
  });
});

describe('what is read', () => {
  const REGISTRY = { CACHE_LOCATION: 'type=registry,ref=host/app:' };

  test('is nothing without a cache', async () => {
    expect(await output('cache_sources')).toBe('');
  });

  test('is the cache of the image', async () => {
    expect(await output('cache_sources', REGISTRY)).toBe('type=registry,ref=host/app:cache-a\n');
  });

  test('is the cache of the scope, and of no other', async () => {
    expect(await output('cache_sources', { ...REGISTRY, CACHE_SCOPE: 'main' })).toBe(`type=registry,ref=host/app:cache-a_main-${hashOf('main')}\n`);
  });

  test('is the cache of the scope first, and then those of the fallbacks in their order', async () => {
    machine.write('a-file', '');
    expect(await output('cache_sources', { ...REGISTRY, CACHE_SCOPE: 'feature', CACHE_FALLBACK_SCOPES: 'main a*' })).toBe([
      `type=registry,ref=host/app:cache-a_feature-${hashOf('feature')}`,
      `type=registry,ref=host/app:cache-a_main-${hashOf('main')}`,
      `type=registry,ref=host/app:cache-a_a--${hashOf('a*')}`,
      '',
    ].join('\n'));
  });

  test('may be the cache without a scope, with fallbacks', async () => {
    expect(await output('cache_sources', { ...REGISTRY, CACHE_FALLBACK_SCOPES: 'main' }))
      .toBe(`type=registry,ref=host/app:cache-a\ntype=registry,ref=host/app:cache-a_main-${hashOf('main')}\n`);
  });

  test('may be in a bucket', async () => {
    expect(await output('cache_sources', { CACHE_LOCATION: 'type=s3,region=r,bucket=b,prefix=p/,name=' })).toBe('type=s3,region=r,bucket=b,prefix=p/,name=cache-a\n');
  });

  test('are images by their tags', async () => {
    expect(await output('cache_sources', { CACHE_FROM: 'latest main' })).toBe(`${REPOSITORY}:latest\n${REPOSITORY}:main\n`);
  });

  test('are the stages beside each tag', async () => {
    expect(await output('cache_sources', { CACHE_FROM: 'latest main', CACHE_STAGES: 'deps compiler' })).toBe([
      `${REPOSITORY}:latest`,
      `${REPOSITORY}:cache-a_latest-deps-${hashOf('latest/deps')}`,
      `${REPOSITORY}:cache-a_latest-compiler-${hashOf('latest/compiler')}`,
      `${REPOSITORY}:main`,
      `${REPOSITORY}:cache-a_main-deps-${hashOf('main/deps')}`,
      `${REPOSITORY}:cache-a_main-compiler-${hashOf('main/compiler')}`,
      '',
    ].join('\n'));
  });
});

test('what is written is the cache of the scope, with how it is written', async () => {
  const environment = { CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_EXPORT: 'mode=max,compression=zstd', CACHE_FALLBACK_SCOPES: 'main' };
  expect(await output('cache_target', environment)).toBe('type=registry,ref=host/app:cache-a,mode=max,compression=zstd');
  expect(await output('cache_target', { ...environment, CACHE_SCOPE: 'feature' }))
    .toBe(`type=registry,ref=host/app:cache-a_feature-${hashOf('feature')},mode=max,compression=zstd`);
});

describe('stages', () => {
  const STAGES = { CACHE_FROM: 'latest main', CACHE_STAGES: 'deps compiler' };

  test('are read from their own images alone', async () => {
    expect(await output('cache_sources compiler', STAGES)).toBe([
      `${REPOSITORY}:cache-a_latest-compiler-${hashOf('latest/compiler')}`,
      `${REPOSITORY}:cache-a_main-compiler-${hashOf('main/compiler')}`,
      '',
    ].join('\n'));
  });

  test('are found one after the other, and what they print counts under numbers of their own', async () => {
    const find = 'find() { printf \'#5 [%s 1/1] RUN x\\n{"vertexes":[{"digest":"sha256:1"}]}\\n\' "$1"; [[ "$1" != deps ]]; }; find_stages find cat';
    expect(await output(find, STAGES)).toBe(['deps', 'compiler'].map((stage) => `#5 [${stage} 1/1] RUN x\n{"vertexes":[{"digest":"sha256:1"}]}\n`).join(''));
    expect(machine.recall('build.progress')).toBe([
      '#0005 [deps 1/1] RUN x\n{"vertexes":[{"digest":"0-sha256:1"}]}\n',
      '#0105 [compiler 1/1] RUN x\n{"vertexes":[{"digest":"1-sha256:1"}]}\n',
    ].join(''));
  });

  test('are none to be found by default', async () => {
    expect(await output('find_stages false cat')).toBe('');
    expect(machine.recall('build.progress')).toBe('');
  });

  test('are not asked for any further when a mirror is silent, nor is the image', async () => {
    const find = "find() { printf 'asked for %s\\n' \"$1\"; remember mirrors.silent 'docker.io=mirror.example.com it did not answer'; }";
    expect(await output(`${find}; find_stages find cat || printf 'none'`, STAGES)).toBe('asked for deps\nnone');
  });

  test('are kept beside the first tag only', async () => {
    expect(await output('keep() { printf "%s %s\\n" "$1" "$2"; }; keep_stages keep', STAGES)).toBe([
      `deps ${REPOSITORY}:cache-a_latest-deps-${hashOf('latest/deps')}`,
      `compiler ${REPOSITORY}:cache-a_latest-compiler-${hashOf('latest/compiler')}`,
      '',
    ].join('\n'));
  });

  test('are written where the next build reads them', async () => {
    const written = (await output('keep() { printf "%s\\n" "$2"; }; keep_stages keep', STAGES)).trim().split('\n');
    const read = (await output('cache_sources', STAGES)).split('\n');
    expect(read).toEqual(expect.arrayContaining(written));
  });

  test('are kept each, though one of them fails, which is said', async () => {
    const { code, stdout, stderr } = await withCache('keep() { printf "%s " "$1"; [[ "$1" != deps ]]; }; keep_stages keep; printf end', STAGES);
    expect([code, stdout]).toEqual([0, 'deps compiler end']);
    expect(stderr).toBe('WARNING: the layer cache was not written, so the next build may be slower: the stage deps could not be pushed\n');
    expect(machine.recall('cache.failed')).toBe('the stage deps could not be pushed');
  });
});

describe('a solve after the build', () => {
  beforeEach(() => {
    machine.remember({ builder: 'my builder' });
  });

  test('uses the builder of the build, makes no attestations and is silent when it succeeds', async () => {
    machine.tell('docker', { '*': { stdout: 'a', stderr: 'b' } });
    expect(await withCache('solve_once_more --output "a b" dir')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(machine.argumentsOf('docker')).toEqual([
      ['buildx', 'build', '--builder', 'my builder', '--output', 'a b', 'dir', '--provenance=false', '--sbom=false', '--progress', 'rawjson'],
    ]);
  });

  test('that fails shows what it did, and the caller goes on', async () => {
    machine.tell('docker', { '*': { stderr: fixture('refused-cache.rawjson'), code: 1 } });
    const { code, stdout, stderr } = await withCache('solve_once_more dir || printf failed');
    expect([code, stdout]).toEqual([0, 'failed']);
    expect(stderr).toContain('ERROR: failed to build: failed to solve: error writing layer blob: denied');
    expect(stderr).not.toContain('{"vertexes"');
  });

  test('that hangs is given up after a quarter of an hour', async () => {
    machine.stub('timeout', 'exit 124');
    expect((await withCache('solve_once_more dir || printf failed')).stdout).toBe('failed');
    expect(machine.argumentsOf('timeout')[0].slice(0, 5)).toEqual(['--kill-after=10', '900', 'docker', 'buildx', 'build']);
  });
});
