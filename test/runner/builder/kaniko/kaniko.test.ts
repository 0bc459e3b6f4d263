import * as fs from 'fs';
import * as path from 'path';
import { kaniko } from '../../../../runner/builder/kaniko/kaniko';
import { RegistryClient } from '../../../../runner/registry/registry-client';
import { Failure } from '../../../../runner/report/failure';
import { BuildMachine } from '../../testhelpers/build-machine';
import { BuildSetup, CACHE_REPOSITORY, REPOSITORY, SetupOptions } from '../../testhelpers/build-setup';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const CACHED = { cache: { kind: 'registry', repository: CACHE_REPOSITORY, mode: 'max', compression: 'zstd' } } as const;
const MIRRORS = { mirrors: { mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }, { upstream: 'public.ecr.aws', endpoint: 'mirror.example.com/public' }] } };
const VERSION = { version: { stdout: 'Kaniko version :  v1.28.3\n' } };
const leaves = (digest: string) => `last=; for each in "$@"; do if [ "$last" = --digest-file ]; then printf '%s' '${digest}' >"$each"; fi; last=$each; done`;
const BUILT = { '--context *': { stderr: fixture('first-build'), run: leaves(DIGEST) } };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine('executor', 'docker-credential-ecr-login');
  machine.tell('executor', { ...VERSION, ...BUILT });
  machine.tell('docker-credential-ecr-login', { get: { stdout: '{"Username":"AWS","Secret":"secret"}' } });
  jest.spyOn(RegistryClient.prototype, 'manifest').mockResolvedValue(undefined);
});

function fixture(name: string): string {
  return fs.readFileSync(path.join(__dirname, 'fixtures', `kaniko-${name}.txt`), 'utf8');
}

async function start(options?: SetupOptions) {
  const setup = new BuildSetup(machine, options);
  setup.write('asset.1/app.py', '');
  return { setup, running: await kaniko(setup.context).start([]) };
}

async function build(options?: SetupOptions, values = {}) {
  const { setup, running } = await start(options);
  const job = setup.job(values);
  const built = await running.build(job);
  return { setup, running, job, built, cacheFailure: await running.keepLayers(job) };
}

/** The calls of each build. */
const calls = () => machine.calls('executor').filter(({ args: [command] }) => command !== 'version');
const builds = () => calls().map(({ args }) => args);

/** The values of an argument that may be given several times. */
const given = (name: string, args = builds()[0]) => args.filter((_, index) => args[index - 1] === name);

/** What BuildKit knows without being told. */
const platform = (name: string, os: string, arch: string, variant = '') => ['BUILD', 'TARGET']
  .flatMap((of) => [`PLATFORM=${name}`, `OS=${os}`, `ARCH=${arch}`, `VARIANT=${variant}`].flatMap((value) => ['--build-arg', of + value]));

const FORCE = fs.existsSync('/kaniko/executor') ? ['--force'] : [];

test('the least of a build', async () => {
  const { setup, job, built, running, cacheFailure } = await build();
  expect(builds()).toEqual([[
    '--context', path.join(setup.input, 'asset.1'), '--dockerfile', job.dockerfile, '--custom-platform', 'linux/amd64',
    '--destination', `${REPOSITORY}:cache-staging`, '--digest-file', job.work.path('kaniko.digest'),
    '--preserve-context', '--pre-cleanup', '--cleanup', '--ignore-path', setup.input, '--ignore-path', setup.work.root,
    '--ignore-var-run=false', '--credential-helpers=', '--compressed-caching=false', '--log-format', 'color', ...FORCE, ...platform('linux/amd64', 'linux', 'amd64'),
  ]]);
  expect(built).toMatchObject({ pushed: DIGEST, isTaken: false, imports: [] });
  expect(built.steps).toHaveLength(6);
  expect(built.unreadCache).toBeUndefined();
  expect(cacheFailure).toBeUndefined();
  expect([running.description, running.isSequential, running.keeper]).toEqual(['kaniko v1.28.3, unprivileged', true, undefined]);
  expect(setup.lines.slice(0, 2)).toEqual(['builder: kaniko v1.28.3, unprivileged', expect.stringMatching(/^\$ executor --context /)]);
  expect(machine.calls('docker-credential-ecr-login')).toEqual([]);
});

test('the most of a build', async () => {
  await build(CACHED, { target: 'final', platform: 'linux/arm64/v8', buildArgs: { A: 'a b\n$(touch x)', B: '' } });
  expect(builds()[0].slice(-27)).toEqual([
    ...platform('linux/arm64/v8', 'linux', 'arm64', 'v8'), '--target', 'final', '--build-arg', 'A=a b\n$(touch x)', '--build-arg', 'B=',
    '--cache=true', '--cache-copy-layers', '--cache-repo', CACHE_REPOSITORY, '--cache-ttl', '87600h',
  ].slice(-27));
  expect(given('--custom-platform')).toEqual(['linux/arm64/v8']);
});

test('with a refresh period, no layer is young enough', async () => {
  await build(CACHED, { refreshPeriod: 7 });
  expect(given('--cache-ttl')).toEqual(['0s']);
});

test('what was ignored once is not ignored again', async () => {
  const { job } = await build({}, { dockerfile: 'docker/Dockerfile.prod', dockerfileContent: 'FROM scratch\nCOPY . /\n' });
  const [dockerfile] = given('--dockerfile');
  expect(dockerfile).toBe(job.dockerfile);
  expect(fs.readFileSync(dockerfile, 'utf8')).toBe('FROM scratch\nCOPY . /\n');
  expect(fs.readFileSync(`${dockerfile}.dockerignore`, 'utf8')).toBe('');
});

describe('a source', () => {
  test('has its own Dockerfile', async () => {
    const { setup, running } = await start();
    const dockerfile = setup.write('source/api/docker/Dockerfile', 'FROM scratch\n');
    await running.build(setup.job({ context: 'source/api', dockerfile: 'docker/Dockerfile', dockerfileContent: undefined }));
    expect(given('--dockerfile')).toEqual([dockerfile]);
    expect(given('--context')).toEqual([path.join(setup.input, 'source/api')]);
  });

  test('that is a link is left where it leads to', async () => {
    const { setup, running } = await start();
    const elsewhere = machine.path('elsewhere');
    fs.mkdirSync(elsewhere);
    fs.writeFileSync(path.join(elsewhere, 'Dockerfile'), 'FROM scratch\n');
    fs.symlinkSync(elsewhere, path.join(setup.input, 'image-source'));
    await running.build(setup.job({ context: 'image-source', dockerfileContent: undefined }));
    expect(given('--context')).toEqual([elsewhere]);
    expect(given('--ignore-path')).toEqual([setup.input, setup.work.root, elsewhere]);
  });

  test('without its Dockerfile fails the build', async () => {
    const { setup, running } = await start();
    fs.mkdirSync(path.join(setup.input, 'source/api'), { recursive: true });
    await expect(running.build(setup.job({ context: 'source/api', dockerfileContent: undefined }))).rejects.toThrow('the source has no source/api/Dockerfile');
    expect(builds()).toEqual([]);
  });
});

describe('a Dockerfile of a source', () => {
  const buildSource = async (content: string) => {
    const { setup, running } = await start();
    setup.write('source/Dockerfile', content);
    return { setup, built: running.build(setup.job({ context: 'source', dockerfileContent: undefined })) };
  };

  test.each([
    ['FROM scratch\r\nRUN --mount=type=secret,id=token cat /run/secrets/token\nCMD x', 'RUN --mount=type=secret in line 2'],
    ['FROM scratch\nCOPY --parents a/b /x', 'COPY --parents'],
    ['# syntax=example/frontend\nFROM scratch\n', 'another frontend'],
  ])('that asks for what kaniko cannot do fails the build before it starts: %j', async (content, what) => {
    await expect((await buildSource(content)).built).rejects.toThrow(new RegExp(`${what}.*use DockerBuilder\\.buildkit\\(\\) for this image$`));
    expect(builds()).toEqual([]);
  });

  test('that means something else to kaniko is warned of and built', async () => {
    const { setup, built } = await buildSource('FROM scratch\nCOPY --link a /a\n');
    expect((await built).pushed).toBe(DIGEST);
    expect(setup.warnings[0]).toMatch(/--link/);
  });

  test('that is as any other is built without a word', async () => {
    const { setup, built } = await buildSource('FROM scratch\nCOPY . /x\n# RUN --mount=type=secret x\n');
    expect((await built).pushed).toBe(DIGEST);
    expect(setup.warnings.filter((warning) => !warning.startsWith('Running pip'))).toEqual([]); // which is in the log of the fixture
  });
});

test('what kaniko has to do as BuildKit does, and where the logins are, it is told in the environment', async () => {
  const { setup } = await build();
  const [{ environment }] = calls();
  expect(environment).toMatchObject({ FF_KANIKO_COPY_AS_ROOT: 'true', FF_KANIKO_RESOLVE_CACHE_KEY: 'true', FF_KANIKO_SKIP_CACHED_STAGES: 'true' });
  expect(environment.DOCKER_CONFIG).toBe(setup.work.path('docker'));
  expect(environment.PATH).toBe(`${machine.bin}:/kaniko`);
});

test('a build image without kaniko fails the build', async () => {
  machine.remove('executor');
  await expect(start()).rejects.toThrow(/^there is no kaniko \(.*ENOENT\): the build image has to be ghcr\.io\/osscontainertools\/kaniko:<version>-alpine, or one made from it$/);
});

describe('the cache', () => {
  test('is asked for with the password of its registry', async () => {
    const question = jest.spyOn(RegistryClient.prototype, 'manifest');
    await start(CACHED);
    expect(machine.argumentsOf('docker-credential-ecr-login')).toEqual([['get']]);
    expect(question.mock.contexts[0]).toMatchObject({
      repository: { host: CACHE_REPOSITORY.split('/')[0], path: 'team/cache' }, authorization: `Basic ${Buffer.from('AWS:secret').toString('base64')}`,
    });
  });

  test('that can be read is in the steps', async () => {
    machine.tell('executor', { ...VERSION, '--context *': { stderr: fixture('source-change'), run: leaves(DIGEST) } });
    const { built } = await build(CACHED);
    expect(built.steps.filter(({ isCached }) => isCached)).toHaveLength(5);
    expect(built).toMatchObject({ imports: [{ from: 'kaniko', error: '' }] });
    expect(built.unreadCache).toBeUndefined();
  });

  test('that is denied, neither read nor written, says why', async () => {
    jest.spyOn(RegistryClient.prototype, 'manifest').mockRejectedValue(new Failure('the registry denies access to it (HTTP 403)'));
    machine.tell('executor', { ...VERSION, '--context *': { stderr: fixture('refused-cache'), run: leaves(DIGEST) } });
    const { built, cacheFailure } = await build(CACHED);
    expect(built.unreadCache).toBe('the registry denies access to it (HTTP 403)');
    expect(cacheFailure).toMatch(new RegExp(`^failed to push to destination ${CACHE_REPOSITORY}:.*403`));
  });

  test('that has no password says why, and the image is built', async () => {
    machine.tell('docker-credential-ecr-login', { get: { stderr: 'credentials not found\n', code: 1 } });
    const { built } = await build(CACHED);
    expect(built).toMatchObject({ pushed: DIGEST, unreadCache: expect.stringMatching(/^there is no password for 123456789012\.dkr\.ecr\.eu-central-1\.amazonaws\.com: .*credentials not found/) });
  });

  /** Fails the first time. */
  const failsOnce = (error: string) => machine.tell('executor', {
    ...VERSION, '--context *': { run: `if [ ! -e "$fakes/failed" ]; then touch "$fakes/failed"; echo '${error}' >&2; exit 1; fi; ${leaves(DIGEST)}` },
  });

  test.each([
    'error building image: error building stage: failed to execute command: extracting fs from image: GET https://host/v2/team/cache/blobs/sha256:1: BLOB_UNKNOWN: gone',
    'panic: Assertion violated [executor.compositekey.key-match]: another key',
  ])('that fails the build is left out of a second try, which writes it anew: %s', async (error) => {
    failsOnce(error);
    const { setup, built } = await build(CACHED);
    expect(builds().map((args) => given('--cache-ttl', args))).toEqual([['87600h'], ['0s']]);
    expect(built).toMatchObject({ pushed: DIGEST, unreadCache: error });
    expect(setup.warnings).toEqual([`the build failed, and is tried once more without the layer cache: ${error}`]);
  });

  test.each<[string, SetupOptions, string]>([
    ['by a step', CACHED, 'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 3'],
    ['without a cache', {}, 'error building image: extracting fs from image: GET https://host/v2/team/base/blobs/sha256:1: BLOB_UNKNOWN: gone'],
  ])('has nothing to do with a build that failed %s, which is not tried again', async (_, options, error) => {
    failsOnce(error);
    await expect(build(options)).rejects.toThrow(`the image could not be built or pushed: ${error}`);
    expect(builds()).toHaveLength(1);
  });

  test('that could not be written in the first try only is written', async () => {
    failsOnce('\x1b[33mWARN\x1b[0m[0000] Error uploading layer to cache: no\nerror building image: extracting fs from image: BLOB_UNKNOWN');
    expect((await build(CACHED)).cacheFailure).toBeUndefined();
  });
});

describe('mirrors', () => {
  test('are asked instead of their registries, and nobody else is', async () => {
    await build(MIRRORS);
    expect(given('--registry-map')).toEqual(['index.docker.io=mirror.example.com/hub', 'public.ecr.aws=mirror.example.com/public']);
    expect(builds()[0]).toContain('--skip-default-registry-fallback');
  });

  test('are left out where there are none', async () => {
    await build();
    expect(builds()[0].filter((argument) => /registry-(map|fallback)/.test(argument))).toEqual([]);
  });

  test('that fail are left out of a second try, cache and all stays, and it is said', async () => {
    machine.tell('executor', { ...VERSION, '*--registry-map*': { stderr: fixture('failing-mirror'), code: 1 }, '--context *': { run: leaves(DIGEST) } });
    const { setup, built } = await build({ ...MIRRORS, ...CACHED });
    expect(builds().map((args) => [given('--registry-map', args).length, ...given('--cache-ttl', args)])).toEqual([[2, '87600h'], [0, '87600h']]);
    expect(built.unreadCache).toBeUndefined();
    const reason = 'error building image: image not found on any configured mapped registries for busybox:stable; Failed to retrieve image busybox:stable from remapped registry';
    expect(setup.warnings).toEqual([
      expect.stringContaining(`the build failed, and is tried once more without mirrors: ${reason}`),
      expect.stringContaining(`the mirror mirror.example.com/hub of docker.io failed, base images come from docker.io itself: ${reason}`),
      expect.stringContaining(`the mirror mirror.example.com/public of public.ecr.aws failed, base images come from public.ecr.aws itself: ${reason}`),
    ]);
  });

  test('that never answer are left out, too, and the cache stays', async () => {
    let now = 0;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    const asks = ['Retrieving image busybox:stable from mapped registry mirror.example.com', 'all credential helpers disabled'];
    machine.tell('executor', {
      ...VERSION,
      '*--registry-map*': { run: `${asks.map((line) => `printf '\\033[36mINFO\\033[0m[0000] ${line} \\n'`).join('; ')}; touch "$fakes/asks"; exec sleep 60` },
      '--context *': { run: leaves(DIGEST) },
    });
    const timer = setInterval(() => { if (fs.existsSync(machine.path('asks'))) now += 1000; }, 10);
    const { setup, built } = await build({ ...MIRRORS, ...CACHED });
    clearInterval(timer);
    expect(builds().map((args) => [given('--registry-map', args).length, ...given('--cache-ttl', args)])).toEqual([[2, '87600h'], [0, '87600h']]);
    expect(built.pushed).toBe(DIGEST);
    expect(setup.warnings[0]).toBe("the build failed, and is tried once more without mirrors: nothing came for 90 seconds during '[internal] load metadata for busybox:stable'");
  });

  test('that fail end the build, if they must', async () => {
    machine.tell('executor', { ...VERSION, '--context *': { stderr: fixture('failing-mirror'), code: 1 } });
    await expect(build({ mirrors: { ...MIRRORS.mirrors, mirrorsRequired: true } })).rejects.toThrow('image not found on any configured mapped registries for busybox:stable');
    expect(builds()).toHaveLength(1);
  });
});

describe('what was pushed', () => {
  test.each(['', 'no digest', 'sha256:1'])('is known by its tag when the digest is %j', async (digest) => {
    machine.tell('executor', { ...VERSION, '--context *': { run: leaves(digest) } });
    expect((await build()).built.pushed).toBe('cache-staging');
  });

  test('may have no tag but its own, which another build may have set', async () => {
    machine.tell('executor', { ...VERSION, '--context *': { stderr: `\x1b[36mINFO\x1b[0m[0000] Immutable tag error ignored for ${REPOSITORY}@sha256:1\n`, run: leaves(DIGEST) } });
    expect((await build({}, { stagingTag: undefined })).built.isTaken).toBe(true);
    expect(given('--destination')).toEqual([`${REPOSITORY}:v1`]);
    expect(builds()[0]).toContain('--push-ignore-immutable-tag-errors');
  });
});
