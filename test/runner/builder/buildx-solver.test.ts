import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { BuildxSolver } from '../../../runner/builder/buildx-solver';
import { BuildMachine, leavesDigest } from '../testhelpers/build-machine';
import { BuildSetup, CACHE_REPOSITORY, REPOSITORY, SetupOptions } from '../testhelpers/build-setup';
import { output, vertex } from '../testhelpers/progress';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const REGISTRY_CACHE = { kind: 'registry', repository: CACHE_REPOSITORY, mode: 'max', compression: 'zstd' } as const;
const MIRRORS = { mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }] };
const BUILT = { stderr: vertex('[1/2] RUN make', { cached: true }) + vertex('[2/2] COPY src .'), run: leavesDigest(DIGEST) };
const NEW_BUILDX = { 'buildx version': { stdout: 'github.com/docker/buildx v0.13.0 abc\n' } };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine('docker');
  machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': BUILT });
});

function setUp(options?: SetupOptions, instance = {}) {
  const setup = new BuildSetup(machine, options);
  return { setup, solver: new BuildxSolver({ name: 'my-builder', description: 'mine', ...instance }, setup.context) };
}

const solves = () => machine.argumentsOf('docker').filter(([, command]) => command === 'build');
const given = (name: string, args: string[]) => args.filter((_, index) => args[index - 1] === name);

const START = (name = 'my-builder') => ['buildx', 'build', '--builder', name];
const IMAGE = 'push=true,store=false,oci-mediatypes=true,compression=gzip,force-compression=true';
const QUIET = ['--provenance=false', '--sbom=false', '--progress', 'rawjson'];

describe('a build', () => {
  test('at its least is a plain image, pushed by its digest', async () => {
    const { setup, solver } = setUp();
    const job = setup.job();
    expect(await solver.build(job)).toMatchObject({ pushed: DIGEST, steps: [{ isCached: true }, { isCached: false }], imports: [] });
    expect(machine.argumentsOf('docker')).toEqual([[
      ...START(),
      '--output', `type=image,name=${REPOSITORY},push-by-digest=true,name-canonical=true,${IMAGE}`, '--metadata-file', job.work.path('metadata.json'),
      ...QUIET, '--platform', 'linux/amd64', '--file', job.dockerfile, job.context,
    ]]);
  });

  test('at its most hands over what the plan and the cache say, as it is', async () => {
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job({ target: '-final $(touch x)', platform: 'linux/arm64', buildArgs: { A: 'a b\n$(touch x)', B: '', C: '--push' }, refreshPeriod: 7, context: 'asset $(touch x)' });
    await solver.build(job);
    expect(solves()[0].slice(8)).toEqual([
      ...QUIET, '--platform', 'linux/arm64', '--file', job.dockerfile, '--target', '-final $(touch x)',
      '--build-arg', 'A=a b\n$(touch x)', '--build-arg', 'B=', '--build-arg', 'C=--push', '--pull', '--add-host', 'refresh-7.invalid:127.0.0.1',
      '--cache-from', `type=registry,ref=${CACHE_REPOSITORY}:cache-a`, path.join(setup.input, 'asset $(touch x)'),
    ]);
  });

  test('exports no cache together with the image', async () => {
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    await solver.build(setup.job());
    expect(solves().flat()).not.toContain('--cache-to');
  });

  test('puts an inline cache into the image', async () => {
    const { setup, solver } = setUp({ cache: { kind: 'inline', tags: ['latest', 'main'], stages: [] } });
    await solver.build(setup.job());
    expect(given('--cache-to', solves()[0])).toEqual(['type=inline']);
    expect(given('--cache-from', solves()[0])).toEqual([`${REPOSITORY}:latest`, `${REPOSITORY}:main`]);
  });

  test('writes the caches that an image names itself together with it, and the layer cache still later', async () => {
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const own = 'type=registry,ref=example.com/own:cache,mode=max';
    await solver.build({ ...setup.job(), options: { cacheFrom: [], cacheTo: [own] } });
    expect(given('--cache-to', solves()[0])).toEqual([own]);
  });

  test('has the network of the build machine only where its builder has', async () => {
    const { setup, solver } = setUp();
    await solver.build(setup.job());
    expect(solves()[0]).not.toContain('--network');
    const other = setUp({}, { hasHostNetwork: true });
    await other.solver.build(other.setup.job());
    expect(given('--network', solves()[1])).toEqual(['host']);
  });

  test('is led to its engine, and makes no provenance that nobody reads', async () => {
    const { setup, solver } = setUp({}, { environment: { DOCKER_HOST: 'unix:///tmp/docker.x/docker.sock' } });
    await solver.build(setup.job());
    expect(machine.calls('docker')[0].environment).toMatchObject({ DOCKER_HOST: 'unix:///tmp/docker.x/docker.sock', BUILDX_METADATA_PROVENANCE: 'disabled' });
    expect(setup.lines[0]).toMatch(/^\$ DOCKER_HOST=unix:\/\/\/tmp\/docker\.x\/docker\.sock docker buildx build --builder my-builder /);
  });

  test('shows its progress for people', async () => {
    machine.tell('docker', { 'buildx build *': { ...BUILT, stderr: vertex('[1/1] RUN make') + output('compiling $(touch x) é\nlinking\n') } });
    const { setup, solver } = setUp();
    await solver.build(setup.job());
    expect(setup.lines.slice(1)).toEqual(['#1 [1/1] RUN make', '#1 DONE 1s', '# compiling $(touch x) é', '# linking']);
  });

  test('tells BuildKit about mirrors by a policy, and about none without them', async () => {
    const { setup, solver } = setUp({ mirrors: MIRRORS });
    machine.tell('docker', { 'buildx build *': { ...BUILT, run: `cp "$EXPERIMENTAL_BUILDKIT_SOURCE_POLICY" "$fakes/policy"; ${BUILT.run}` } });
    await solver.build(setup.job());
    expect(JSON.parse(fs.readFileSync(machine.path('policy'), 'utf8')).rules).toHaveLength(1);
    machine.tell('docker', { 'buildx build *': BUILT });
    const other = setUp();
    await other.solver.build(other.setup.job());
    expect(machine.calls('docker')[1].environment).not.toHaveProperty('EXPERIMENTAL_BUILDKIT_SOURCE_POLICY');
  });

  test('of a source uses the Dockerfile in it', async () => {
    const { setup, solver } = setUp();
    const job = setup.job({ context: 'services/api', dockerfile: 'docker/Dockerfile', dockerfileContent: undefined });
    await solver.build(job);
    expect(solves()[0].slice(-3)).toEqual(['--file', path.join(setup.input, 'services/api/docker/Dockerfile'), path.join(setup.input, 'services/api')]);
  });
});

describe('a build that fails', () => {
  const failed = vertex('[2/2] RUN false', { error: 'process "/bin/sh -c false" did not complete successfully: exit code: 1' })
    + 'ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1\n';

  test('says why', async () => {
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': { stderr: output('compiling\n') + failed, code: 1 } });
    const { setup, solver } = setUp();
    await expect(solver.build(setup.job())).rejects.toThrow(
      'the image could not be built or pushed: ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1');
    expect(setup.lines).toContain('# compiling');
    expect(solves()).toHaveLength(1);
  });

  test('says what was done until then, and with which Dockerfile', async () => {
    const cached = vertex('[1/2] COPY a /', { cached: true });
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': { stderr: cached + failed, code: 1 } });
    const { setup, solver } = setUp();
    const job = setup.job();
    await expect(solver.build(job)).rejects.toMatchObject({
      tried: { job, steps: [{ name: '[1/2] COPY a /', isCached: true }, { name: '[2/2] RUN false', isCached: false }] },
    });
  });

  test.each([
    ['none', { code: 127 }, 'the build image has no buildx: '],
    ['an old one', { stdout: 'github.com/docker/buildx 0.12.1+ds1-2 abc\n' }, 'the buildx of the build image is 0.12, and 0.13 is needed: '],
  ])('where of buildx there is %s says so instead', async (_, version, message) => {
    machine.tell('docker', { 'buildx version': version, 'buildx build *': { stderr: 'invalid progress mode rawjson\n', code: 1 } });
    const { setup, solver } = setUp();
    await expect(solver.build(setup.job())).rejects.toThrow(`${message}use a newer build image, or DockerBuilder.dockerEngine()`);
  });

  test('before any progress is shown as it is', async () => {
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': { stderr: 'unknown flag: --progress\nSee \'docker --help\'.\n', code: 125 } });
    const { setup, solver } = setUp();
    await expect(solver.build(setup.job())).rejects.toThrow('the image could not be built or pushed: it ended with 125');
    expect(setup.lines.slice(1)).toEqual(['# unknown flag: --progress', "# See 'docker --help'."]);
  });

  test.each(['{}', 'no JSON', '{"containerimage.digest": 7}', '{"containerimage.digest": "sha256:1"}', '{"containerimage.digest": "v1"}'])(
    'to say what it pushed is an error: %s', async (metadata) => {
      machine.tell('docker', { 'buildx build *': { run: leavesDigest('').replace(/printf '[^']*' ''/, `printf '%s' '${metadata}'`) } });
      const { setup, solver } = setUp();
      const job = setup.job();
      await expect(solver.build(job)).rejects.toThrow('BuildKit did not say which image it pushed');
      expect(fs.readFileSync(job.work.path('metadata.json'), 'utf8')).toBe(metadata);
    });

  test('with a cache that was read is done once more without it, and the export takes none either', async () => {
    const broken = vertex(`importing cache manifest from ${CACHE_REPOSITORY}:cache-a`)
      + vertex('exporting to image', { error: 'failed to copy: httpReadSeeker: failed open: content at sha256:1 not found' })
      + 'ERROR: failed to build: content at sha256:1 not found\n';
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *--cache-from*': { stderr: broken, code: 1 }, 'buildx build *': BUILT });
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job();
    expect(await solver.build(job)).toMatchObject({ pushed: DIGEST, unreadCache: 'ERROR: failed to build: content at sha256:1 not found' });
    expect(await solver.keepLayers(job)).toBeUndefined();
    expect(solves().map((args) => given('--cache-from', args).length)).toEqual([1, 0, 0]);
    expect(given('--cache-to', solves()[2])).toHaveLength(1);
    expect(setup.warnings).toEqual(['the build failed, and is tried once more without the layer cache: ERROR: failed to build: content at sha256:1 not found']);
  });
});

describe('an engine that is the builder', () => {
  const taken = { stderr: vertex('exporting to image', { error: 'failed to push: 400 Bad Request: the tag is immutable' }) + 'ERROR: the tag is immutable\n', code: 1 };

  test('pushes by a tag that moves, since it cannot push by digest', async () => {
    const { setup, solver } = setUp({}, { name: 'default' });
    expect((await solver.build(setup.job())).pushed).toBe(DIGEST);
    expect(given('--output', solves()[0])).toEqual([`type=image,name=${REPOSITORY}:cache-staging,${IMAGE}`]);
    expect(given('--builder', solves()[0])).toEqual(['default']);
  });

  test('pushes by the tag of the image where no tag moves', async () => {
    const { setup, solver } = setUp({}, { name: 'default' });
    await solver.build(setup.job({ stagingTag: undefined }));
    expect(given('--output', solves()[0])).toEqual([`type=image,name=${REPOSITORY}:v1,${IMAGE}`]);
  });

  test('need not say what it pushed: the tag does', async () => {
    machine.tell('docker', { 'buildx build *': {} });
    const { setup, solver } = setUp({}, { name: 'default' });
    expect((await solver.build(setup.job())).pushed).toBe('cache-staging');
  });

  test('may find that another build has set the tag', async () => {
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': taken });
    const { setup, solver } = setUp({}, { name: 'default' });
    expect(await solver.build(setup.job({ stagingTag: undefined }))).toMatchObject({ pushed: 'v1', isTaken: true });
  });

  test.each(['yarn install --immutable', 'echo immutable'])('fails where it is a step that has the word in its command: %s', async (command) => {
    const error = `process "/bin/sh -c ${command}" did not complete successfully: exit code: 1`;
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': { stderr: vertex(`[2/2] RUN ${command}`, { error }) + `ERROR: ${error}\n`, code: 1 } });
    const { setup, solver } = setUp({}, { name: 'default' });
    await expect(solver.build(setup.job({ stagingTag: undefined }))).rejects.toThrow(error);
  });

  test('fails when the tag that moves does not', async () => {
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': taken });
    const { setup, solver } = setUp({}, { name: 'default' });
    await expect(solver.build(setup.job())).rejects.toThrow('the image could not be built or pushed: ERROR: the tag is immutable');
  });
});

test('a builder that pushes by digest has no tag that could be taken', async () => {
  machine.tell('docker', { ...NEW_BUILDX, 'buildx build *': { stderr: 'ERROR: the tag is immutable\n', code: 1 } });
  const { setup, solver } = setUp();
  await expect(solver.build(setup.job({ stagingTag: undefined }))).rejects.toThrow('the image could not be built or pushed: ERROR: the tag is immutable');
});

describe('the layers', () => {
  test('are written by a solve of its own that exports nothing else, with all that a step depends on', async () => {
    const { setup, solver } = setUp({ cache: { ...REGISTRY_CACHE, scope: 'feature/a', fallbackScopes: ['main', 'release'] } });
    const job = setup.job({ target: 'final', buildArgs: { A: 'a b\n$(touch x)' }, refreshPeriod: 1 });
    await solver.build(job);
    expect(await solver.keepLayers(job)).toBeUndefined();
    const [build, cache] = solves();
    expect(cache.slice(0, 8)).toEqual([
      ...START(), '--output', 'type=cacheonly', '--cache-to', expect.stringMatching(new RegExp(
        `^type=registry,ref=${CACHE_REPOSITORY}:cache-s_feature-a-[0-9a-f]{10},mode=max,image-manifest=true,oci-mediatypes=true,compression=zstd$`)),
    ]);
    expect(cache.slice(8)).toEqual(build.slice(8));
    expect(given('--cache-from', cache)).toHaveLength(3);
  });

  test('go to a bucket as they go to a registry', async () => {
    const { setup, solver } = setUp({ cache: { kind: 's3', region: 'r', bucket: 'b', prefix: 'p/', mode: 'min' } });
    const job = setup.job();
    await solver.build(job);
    await solver.keepLayers(job);
    expect(given('--cache-to', solves()[1])).toEqual(['type=s3,region=r,bucket=b,prefix=p/,name=cache-a,mode=min']);
  });

  test.each([
    ['without a cache', { kind: 'none' } as const],
    ['within an image', { kind: 'inline', tags: ['latest'], stages: [] } as const],
  ])('%s need no solve', async (_, cache) => {
    const { setup, solver } = setUp({ cache });
    const job = setup.job();
    await solver.build(job);
    expect(await solver.keepLayers(job)).toBeUndefined();
    expect(solves()).toHaveLength(1);
  });

  test.each([
    ['denied', vertex('exporting cache', { error: 'denied: not authorized' }) + 'ERROR: failed to solve: denied: not authorized\n', 'ERROR: failed to solve: denied: not authorized'],
    ['lost without a word', '', 'it ended with 1'],
    ['lost in the middle of a line', '{"vertexes":[{"dig', 'it ended with 1'],
  ])('that are %s are no failure, and never silent', async (_, stderr, reason) => {
    machine.tell('docker', { 'buildx build *--cache-to*': { stderr, code: 1 }, 'buildx build *': BUILT });
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job();
    await solver.build(job);
    expect(await solver.keepLayers(job)).toBe(reason);
  });

  test('show nothing of their export but the command and what goes wrong', async () => {
    machine.tell('docker', { 'buildx build *--cache-to*': { stderr: vertex('[1/1] RUN make', { cached: true }) + vertex('exporting cache', { error: 'denied' }), code: 1 }, 'buildx build *': BUILT });
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job();
    await solver.build(job);
    const before = setup.lines.length;
    await solver.keepLayers(job);
    expect(setup.lines.slice(before)).toEqual([expect.stringMatching(/^\$ docker buildx build /), '#2 ERROR: denied']);
  });
});

describe('stages that are kept as images', () => {
  const cache = { kind: 'inline', tags: ['latest', 'main'], stages: ['deps', 'compiler'] } as const;
  const stageImages = (setup: BuildSetup, stage: string) => setup.context.cache.stageImages({ repository: REPOSITORY, cacheName: 'cache-a', sharedCacheName: 'cache-s', hasMutableTags: true }, stage);

  test('are each built before the image, from their own cache alone, and pushed after it from steps that are done already', async () => {
    const { setup, solver } = setUp({ cache });
    const job = setup.job({ target: 'final', buildArgs: { A: 'a b' } });
    const built = await solver.build(job);
    expect(built.steps).toEqual([{ name: '[1/2] RUN make', isCached: true }, { name: '[2/2] COPY src .', isCached: false }]);
    expect(await solver.keepLayers(job)).toBeUndefined();
    expect(solves().flatMap((args) => given('--target', args))).toEqual(['deps', 'compiler', 'final', 'deps', 'compiler']);
    ['deps', 'compiler'].forEach((stage, index) => {
      const [before, after] = [solves()[index], solves()[index + 3]];
      expect(given('--output', before)).toEqual(['type=cacheonly']);
      expect(before).not.toContain('--cache-to');
      expect(given('--cache-from', before)).toEqual(stageImages(setup, stage));
      expect(given('--output', after)).toEqual([`type=image,name=${stageImages(setup, stage)[0]},${IMAGE}`]);
      expect(given('--cache-to', after)).toEqual(['type=inline']);
      expect(after.slice(8)).toEqual(before.slice(6));
    });
  });

  test('that cannot be built beforehand are left to the build of the image', async () => {
    machine.tell('docker', { 'buildx build *--target deps*': { stderr: 'ERROR: no\n', code: 1 }, 'buildx build *': BUILT });
    const { setup, solver } = setUp({ cache });
    expect((await solver.build(setup.job())).pushed).toBe(DIGEST);
    expect(solves()).toHaveLength(3);
  });

  test('that cannot be pushed are said, and keep no other from it', async () => {
    const { setup, solver } = setUp({ cache });
    const job = setup.job();
    await solver.build(job);
    machine.tell('docker', { 'buildx build *--target deps*': { stderr: 'ERROR: denied\n', code: 1 }, 'buildx build *': BUILT });
    expect(await solver.keepLayers(job)).toBe('the stage deps could not be pushed: ERROR: denied');
    expect(solves().slice(3).flatMap((args) => given('--target', args))).toEqual(['deps', 'compiler']);
  });
});

describe('the steps at the moment of the push', () => {
  const PUSH = `${JSON.stringify({ statuses: [{ id: `exporting manifest ${DIGEST}`, vertex: 'x', completed: '2026-01-01T00:00:00Z' }] })}\n`;

  test('are told once, with the image', async () => {
    machine.tell('docker', { 'buildx build *': { ...BUILT, stderr: BUILT.stderr + PUSH + vertex('[3/3] RUN later') } });
    const { setup, solver } = setUp();
    const told: unknown[] = [];
    await solver.build(setup.job(), { onPush: (...image) => told.push(image) });
    expect(told).toEqual([[[{ name: '[1/2] RUN make', isCached: true }, { name: '[2/2] COPY src .', isCached: false }], DIGEST]]);
  });

  test('are told to nobody where nobody asks, or nothing is pushed', async () => {
    const { setup, solver } = setUp();
    const told: unknown[] = [];
    await solver.build(setup.job(), { onPush: (steps) => told.push(steps) });
    machine.tell('docker', { 'buildx build *': { ...BUILT, stderr: PUSH } });
    await solver.build(setup.job());
    expect(told).toEqual([]);
  });
});

describe('an archive of an image', () => {
  async function text(archive: Readable): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  const ARCHIVE = { stdout: 'the archive', stderr: vertex('[1/2] RUN make', { cached: true }) };

  test.each([
    ['oci', 'type=oci,dest=-,oci-mediatypes=true,compression=gzip,force-compression=true'],
    ['tar', 'type=tar,dest=-'],
  ] as const)('as %s is handed to a reader, and its steps are not shown again', async (type, to) => {
    machine.tell('docker', { 'buildx build *': ARCHIVE });
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job({ target: 'final' });
    expect(await solver.read(job, type, text)).toBe('the archive');
    expect(solves()).toEqual([[
      ...START(), '--output', to, ...QUIET, '--platform', 'linux/amd64', '--file', job.dockerfile, '--target', 'final',
      '--cache-from', `type=registry,ref=${CACHE_REPOSITORY}:cache-a`, job.context,
    ]]);
    expect(setup.lines).toEqual([expect.stringMatching(/^\$ docker buildx build /)]);
  });

  test('is solved in the way in which the image was, so without a cache that had to be left out', async () => {
    const broken = vertex(`importing cache manifest from ${CACHE_REPOSITORY}:cache-a`) + 'ERROR: failed to build: content at sha256:1 not found\n';
    machine.tell('docker', { ...NEW_BUILDX, 'buildx build *--cache-from*': { stderr: broken, code: 1 }, 'buildx build *type=oci*': ARCHIVE, 'buildx build *': BUILT });
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job();
    await solver.build(job);
    expect(await solver.read(job, 'oci', text)).toBe('the archive');
    expect(solves().map((args) => given('--cache-from', args).length)).toEqual([1, 0, 0]);
  });

  test('is put into a directory without the layers that are known', async () => {
    machine.tell('docker', { 'buildx build *': ARCHIVE });
    const { setup, solver } = setUp({ cache: REGISTRY_CACHE });
    const job = setup.job();
    const [one, other] = ['0a', '0b'].map((hex) => hex.repeat(32));
    const directory = await solver.unpack(job, new Set([`sha256:${one}`, `sha256:${other}`]));
    expect(fs.readdirSync(`${directory}/blobs/sha256`)).toEqual([one, other]);
    expect(await solver.unpack(job, new Set())).not.toBe(directory);
    expect(solves()[0].slice(0, -1)).toEqual([
      ...START(), '--output', `type=oci,tar=false,dest=${directory},oci-mediatypes=true,compression=gzip,force-compression=true`, ...QUIET,
      '--platform', 'linux/amd64', '--file', job.dockerfile, '--cache-from', `type=registry,ref=${CACHE_REPOSITORY}:cache-a`,
    ]);
    machine.tell('docker', { 'buildx build *': { stderr: 'ERROR: no space left\n', code: 1 } });
    await expect(solver.unpack(job, new Set())).rejects.toThrow('ERROR: no space left');
  });

  test.each(['../../../escaped', 'sha256:../../../escaped', '/tmp/escaped', 'sha256:', 'sha256:0A', `sha512:${'0'.repeat(64)}`, `sha256:${'0'.repeat(64)}/x`])('makes no file of what is no digest: %s', async (digest) => {
    machine.tell('docker', { 'buildx build *': ARCHIVE });
    const { setup, solver } = setUp();
    const job = setup.job();
    const directory = await solver.unpack(job, new Set([digest]));
    expect(fs.readdirSync(job.work.root, { recursive: true }).filter((name) => /escaped/.test(String(name)))).toEqual([]);
    expect(fs.readdirSync(directory, { recursive: true })).toEqual(['blobs', 'blobs/sha256']);
    expect(fs.existsSync('/tmp/escaped')).toBe(false);
  });

  test('that cannot be built fails with the reason, whatever the reader made of it', async () => {
    machine.tell('docker', { 'buildx build *': { stdout: 'half', stderr: 'ERROR: no space left\n', code: 1 } });
    const { setup, solver } = setUp();
    await expect(solver.read(setup.job(), 'oci', text)).rejects.toThrow('ERROR: no space left');
    await expect(solver.read(setup.job(), 'oci', async () => { throw new Error('no archive'); })).rejects.toThrow('ERROR: no space left');
  });

  test('that its reader does not understand fails with what the reader says, and the program ends', async () => {
    machine.tell('docker', { 'buildx build *': { ...ARCHIVE, stdout: 'x'.repeat(1_000_000) } });
    const { setup, solver } = setUp();
    await expect(solver.read(setup.job(), 'oci', async () => { throw new Error('no archive'); })).rejects.toThrow('no archive');
  });
});

describe('an image gets its tag too early for any proof', () => {
  test('where an engine pushes it and no tag can be set twice', () => {
    const { setup, solver } = setUp({}, { name: 'default' });
    expect(solver.whyTooEarly(setup.job({ stagingTag: undefined }))).toContain('nothing can be proven before');
    expect(solver.whyTooEarly(setup.job())).toBeUndefined();
  });

  test('but not with another BuildKit', () => {
    const { setup, solver } = setUp();
    expect(solver.whyTooEarly(setup.job({ stagingTag: undefined }))).toBeUndefined();
  });
});
