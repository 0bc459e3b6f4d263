import { dockerEngine } from '../../../../runner/builder/engine/docker-engine';
import { dockerServer } from '../../../../runner/builder/engine/docker-server';
import { BuildMachine } from '../../testhelpers/build-machine';
import { BuildSetup, REPOSITORY, SetupOptions, shorten } from '../../testhelpers/build-setup';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGE = `${REPOSITORY}:cache-staging`;

const info = (version = '26.1.5', values = {}) => ({ 'info *': { stdout: JSON.stringify({ ServerVersion: version, ...values }) } });
const BUILT = { 'build *': { stderr: '#1 [1/2] RUN make\n#1 CACHED\n#2 [2/2] COPY src .\n#2 DONE 0.1s\n' } };
const PUSHED = { 'push *': { stdout: `abc: Pushed\ncache-staging: digest: ${DIGEST} size: 1\n` } };
const pushFails = (text: string) => ({ 'push *': { stderr: `${text}\n`, code: 1 } });

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine('docker');
  machine.tell('docker', { ...info(), ...BUILT, ...PUSHED });
});

async function start(options?: SetupOptions, kind: typeof dockerEngine = dockerEngine) {
  const setup = new BuildSetup(machine, options);
  return { setup, engine: await kind(setup.context).start([]) };
}

const calls = (command: string) => machine.calls('docker').filter(({ args }) => args[0] === command);
const argumentsOf = (command: string) => calls(command).map(({ args }) => args);

test('the least of a build is built and pushed as the engine does it', async () => {
  const { setup, engine } = await start();
  const job = setup.job();
  expect(await engine.build(job)).toMatchObject({ pushed: DIGEST, steps: [{ isCached: true }, { isCached: false }] });
  expect(machine.argumentsOf('docker').slice(1)).toEqual([
    ['build', '--tag', IMAGE, '--progress', 'plain', '--platform', 'linux/amd64', '--file', job.dockerfile, job.context],
    ['push', IMAGE],
  ]);
  expect(setup.lines).toEqual([
    'builder: the Docker engine, 26.1.5', expect.stringMatching(/^\$ DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --tag /),
    '#1 [1/2] RUN make', '#1 CACHED', '#2 [2/2] COPY src .', '#2 DONE 0.1s',
    `$ docker push ${IMAGE}`, '# abc: Pushed', `# cache-staging: digest: ${DIGEST} size: 1`,
  ]);
  expect([engine.description, engine.keeper, engine.isSequential]).toEqual(['the Docker engine, 26.1.5', undefined, undefined]);
});

test('the most of a build', async () => {
  const { setup, engine } = await start({ cache: { kind: 'inline', tags: ['latest'], stages: [] } });
  const job = setup.job({ target: 'final', buildArgs: { A: 'a b\n$(touch x)', B: '' }, refreshPeriod: 7, stagingTag: undefined });
  await engine.build(job);
  expect(argumentsOf('build')).toEqual([[
    'build', '--build-arg', 'BUILDKIT_INLINE_CACHE=1', '--tag', `${REPOSITORY}:v1`, '--progress', 'plain',
    '--platform', 'linux/amd64', '--file', job.dockerfile, '--target', 'final', '--build-arg', 'A=a b\n$(touch x)', '--build-arg', 'B=',
    '--pull', '--add-host', 'refresh-7.invalid:127.0.0.1', '--cache-from', `${REPOSITORY}:latest`, job.context,
  ]]);
});

test('the engine uses its BuildKit, without attestations, whatever its version', async () => {
  const { setup, engine } = await start();
  await engine.build(setup.job());
  expect(calls('build')[0].environment).toMatchObject({ DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' });
});

test.each([
  ['the engine of the machine', undefined, 'default'],
  ['the engine that a Docker context leads to', { Context: 'server' }, 'server'],
])('%s builds, whatever builder is set, since it is the one that pushes', async (_, ClientInfo, builder) => {
  machine.env.BUILDX_BUILDER = 'elsewhere';
  machine.tell('docker', { ...info('28.5.2', { ClientInfo }), ...BUILT, ...PUSHED });
  const { setup, engine } = await start();
  await engine.build(setup.job());
  expect(calls('build')[0].environment.BUILDX_BUILDER).toBe(builder);
});

test.each([
  ['an engine that says nothing', { 'info *': { stderr: 'Cannot connect to the Docker daemon\n', code: 1 } }],
  ['a client alone', { 'info *': { stdout: '{"ServerErrors":["Cannot connect to the Docker daemon"],"ClientInfo":{}}' } }],
  ['something else than JSON', { 'info *': { stdout: 'no' } }],
])('with %s the build ends at once and says what it needs', async (_, answers) => {
  machine.tell('docker', answers);
  await expect(start()).rejects.toThrow('no Docker engine answers: the build needs privileged mode and a build image with Docker');
});

test('without docker it does so, too', async () => {
  machine.remove('docker');
  await expect(start()).rejects.toThrow('no Docker engine answers');
});

describe('an engine that keeps its layers', () => {
  test.each([
    ['a Docker server', dockerServer, {}, 'the Docker server'],
    ['the one of this machine', dockerEngine, { cache: { kind: 'engine' } } as const, 'the engine of this machine'],
  ])('does not keep the image: %s', async (_, kind, options, keeper) => {
    machine.tell('docker', { ...info(), ...BUILT, ...PUSHED, 'image rm *': { stdout: 'Untagged\n' } });
    const { setup, engine } = await start(options, kind);
    const job = setup.job();
    await engine.build(job);
    expect(await engine.keepLayers(job)).toBeUndefined();
    expect(machine.argumentsOf('docker').at(-1)).toEqual(['image', 'rm', IMAGE]);
    expect([engine.description, engine.keeper]).toEqual([`${keeper}, 26.1.5`, keeper]);
    expect(setup.lines).not.toContain('Untagged');
  });

  test('does not keep an image that could not be pushed, either', async () => {
    machine.tell('docker', { ...info(), ...BUILT, ...pushFails('denied'), 'image rm *': {} });
    const { setup, engine } = await start({}, dockerServer);
    await expect(engine.build(setup.job())).rejects.toThrow('denied');
    expect(argumentsOf('image')).toHaveLength(1);
  });

  test('fails no build when it cannot let an image go', async () => {
    machine.tell('docker', { ...info(), ...BUILT, ...PUSHED, 'image rm *': { stderr: 'conflict\n', code: 1 } });
    const { setup, engine } = await start({}, dockerServer);
    expect((await engine.build(setup.job())).pushed).toBe(DIGEST);
  });
});

test('an engine of one build keeps the image', async () => {
  const { setup, engine } = await start();
  await engine.build(setup.job());
  expect(argumentsOf('image')).toEqual([]);
});

describe('an engine that does not know what the Dockerfile uses', () => {
  const refusal = (line: string) => ({ 'build *': { stderr: `${line}\n`, code: 1 } });

  test.each([
    ['ERROR: failed to create LLB definition: dockerfile parse error line 9: Unknown flag: link', 'Unknown flag: link'],
    ['ERROR: failed to solve: dockerfile parse error line 3: unknown instruction: ECHO', 'unknown instruction: ECHO'],
    ["ERROR: failed to solve: dockerfile parse error on line 3: unexpected key 'env' in 'env=TOKEN'", "unexpected key 'env' in 'env=TOKEN'"],
    ['failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 9: Unknown flag: link', 'Unknown flag: link'],
  ])('is said to be too old: %s', async (line, reason) => {
    machine.tell('docker', { ...info('20.10.24+dfsg1'), ...refusal(line) });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow(
      `the Docker engine 20.10.24+dfsg1 is older than what the Dockerfile uses (${reason}). Use a newer build image, or DockerBuilder.buildkit(),`
      + " or begin the Dockerfile with '# syntax=docker/dockerfile:1'");
  });

  test('is not, when it is a new one: then it is a mistake', async () => {
    machine.tell('docker', { ...info('28.5.2'), ...refusal('ERROR: dockerfile parse error on line 3: unknown instruction: FORM') });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow('the image could not be built: ERROR: dockerfile parse error on line 3: unknown instruction: FORM');
  });
});

test('a build that fails says why, shows what it printed, and pushes nothing', async () => {
  machine.tell('docker', { ...info(), 'build *': { stderr: '#9 [2/2] RUN false\n#9 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1\n', code: 1 } });
  const { setup, engine } = await start();
  await expect(engine.build(setup.job())).rejects.toThrow('the image could not be built: process "/bin/sh -c false" did not complete successfully: exit code: 1');
  expect(setup.lines).toContain('#9 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1');
  expect(argumentsOf('push')).toEqual([]);
});

describe('a push', () => {
  test('whose digest the engine does not say is known by its tag', async () => {
    machine.tell('docker', { ...info(), ...BUILT, 'push *': { stdout: 'v1: digest: sha256:0 size: 1\n' } });
    const { setup, engine } = await start();
    expect((await engine.build(setup.job())).pushed).toBe('cache-staging');
  });

  test.each(['toomanyrequests: Rate exceeded', 'received unexpected HTTP status: 500 Internal Server Error', 'EOF'])('that fails with %j is tried again, which is said', async (text) => {
    shorten({ 2000: 1, 4000: 1 });
    machine.tell('docker', {
      ...info(),
      ...BUILT,
      'push *': {
        run: `touch "$fakes/push.$$"; if [ "$(ls "$fakes" | while read -r f; do case $f in push.*) echo x;; esac; done)" = x ]; then echo '${text}' >&2; exit 1; fi`,
        stdout: PUSHED['push *'].stdout,
      },
    });
    const { setup, engine } = await start();
    expect((await engine.build(setup.job())).pushed).toBe(DIGEST);
    expect(argumentsOf('push')).toHaveLength(2);
    expect(setup.warnings).toEqual([`the push failed, and is tried again: ${text}`]);
  });

  test('is tried three times and no more', async () => {
    shorten({ 2000: 1, 4000: 1 });
    machine.tell('docker', { ...info(), ...BUILT, ...pushFails('received unexpected HTTP status: 500 Internal Server Error') });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow('the image could not be pushed: received unexpected HTTP status: 500 Internal Server Error');
    expect(argumentsOf('push')).toHaveLength(3);
  });

  test.each([
    'denied: User is not authorized to perform: ecr:PutImage', 'unauthorized: authentication required', 'error parsing HTTP 403 response body: Forbidden',
    'tag invalid: The image tag already exists and cannot be overwritten because the tag is immutable.',
  ])('that is refused is not tried again: %s', async (text) => {
    machine.tell('docker', { ...info(), ...BUILT, ...pushFails(text) });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow(`the image could not be pushed: ${text}`);
    expect(argumentsOf('push')).toHaveLength(1);
    expect(setup.warnings).toEqual([]);
  });

  test('that fails without a word has a reason all the same', async () => {
    shorten({ 2000: 1, 4000: 1 });
    machine.tell('docker', { ...info(), ...BUILT, 'push *': { code: 7 } });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow('the image could not be pushed: it ended with 7');
  });

  test('that hangs is ended, and its last line is not taken for the reason', async () => {
    shorten({ 3_600_000: 200, 2000: 1, 4000: 1 });
    machine.tell('docker', { ...info(), ...BUILT, 'push *': { run: 'echo "abc: Waiting"; exec sleep 60' } });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow('the image could not be pushed: it did not end within 3600 seconds');
    expect(argumentsOf('push')).toHaveLength(1);
  });

  test('that says nothing for a quarter of an hour is tried again', async () => {
    shorten({ 900_000: 200, 2000: 1, 4000: 1 });
    machine.tell('docker', { ...info(), ...BUILT, 'push *': { run: 'exec sleep 60' } });
    const { setup, engine } = await start();
    await expect(engine.build(setup.job())).rejects.toThrow('the image could not be pushed: nothing came for 15 minutes');
    expect(argumentsOf('push')).toHaveLength(3);
  });

  test('of a tag that another build has set meanwhile is none', async () => {
    machine.tell('docker', { ...info(), ...BUILT, ...pushFails('The image tag cannot be overwritten because the tag is immutable.') });
    const { setup, engine } = await start();
    expect(await engine.build(setup.job({ stagingTag: undefined }))).toMatchObject({ pushed: 'v1', isTaken: true });
  });
});

describe('stages that are kept as images', () => {
  const cache = { kind: 'inline', tags: ['latest'], stages: ['deps', 'compiler'] } as const;
  const imageOf = ({ context }: BuildSetup, stage: string) => context.cache.stageImages({ repository: REPOSITORY, cacheName: 'cache-a', sharedCacheName: 'cache-s', hasMutableTags: true }, stage)[0];
  const given = (name: string) => argumentsOf('build').map((args) => args.filter((_, place) => args[place - 1] === name));

  test('are built before the image, each from its own cache alone', async () => {
    const { setup, engine } = await start({ cache });
    await engine.build(setup.job({ target: 'final' }));
    const [deps, compiler] = cache.stages.map((stage) => imageOf(setup, stage));
    expect(given('--target')).toEqual([['deps'], ['compiler'], ['final']]);
    expect(given('--cache-from')).toEqual([[deps], [compiler], [`${REPOSITORY}:latest`, deps, compiler]]);
    expect(given('--tag')).toEqual([[], [], [IMAGE]]);
  });

  test('are built, tagged and pushed after it', async () => {
    const { setup, engine } = await start({ cache });
    const job = setup.job();
    await engine.build(job);
    expect(await engine.keepLayers(job)).toBeUndefined();
    const images = cache.stages.map((stage) => imageOf(setup, stage));
    expect(given('--tag').slice(3)).toEqual(images.map((image) => [image]));
    expect(argumentsOf('push').slice(1)).toEqual(images.map((image) => ['push', image]));
    expect(argumentsOf('build')[3].slice(0, 3)).toEqual(['build', '--build-arg', 'BUILDKIT_INLINE_CACHE=1']);
  });

  test.each([
    ['built', { 'build *--target deps*': { stderr: 'ERROR: no such stage\n', code: 1 } }, 'ERROR: no such stage', ['build', 'build', 'push']],
    ['pushed', { 'push *_latest-deps-*': { stderr: 'denied\n', code: 1 } }, 'denied', ['build', 'push', 'build', 'push']],
  ])('that cannot be %s are said, and keep no other from it', async (verb, answers, reason, commands) => {
    const { setup, engine } = await start({ cache });
    const job = setup.job();
    await engine.build(job);
    const before = machine.argumentsOf('docker').length;
    machine.tell('docker', { ...answers, ...BUILT, ...PUSHED });
    expect(await engine.keepLayers(job)).toBe(`the stage deps could not be ${verb}: ${reason}`);
    expect(machine.argumentsOf('docker').slice(before).map(([command]) => command)).toEqual(commands);
  });
});

describe('mirrors', () => {
  const mirrors = { mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }] };
  const versions = (server: string, client: string) => ({ 'version *Server*': { stdout: `${server}\n` }, 'version *Client*': { stdout: `${client}\n` } });

  test('reach an engine and a client that know them', async () => {
    machine.tell('docker', { ...info(), ...versions('25.0.3', '25.0.3'), ...BUILT, ...PUSHED });
    const { setup, engine } = await start({ mirrors });
    await engine.build(setup.job());
    expect(calls('build')[0].environment.EXPERIMENTAL_BUILDKIT_SOURCE_POLICY).toMatch(/mirrors/);
    expect(setup.warnings).toEqual([]);
  });

  test.each([
    ['24.0.7', '28.5.2', 'mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has Docker 24.0.7'],
    ['no', '28.5.2', 'mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has Docker of a version that it does not say'],
    ['28.5.2', '20.10.24', 'mirrors need the client of Docker 25.0, and the build image has 20.10.24'],
    ['28.5.2', '', 'mirrors need the client of Docker 25.0, and the build image has one that does not say its version'],
  ])('are given up with an engine %s and a client %s', async (server, client, reason) => {
    machine.tell('docker', { ...info(), ...versions(server, client), ...BUILT, ...PUSHED });
    const { setup, engine } = await start({ mirrors });
    await engine.build(setup.job());
    expect(calls('build')[0].environment).not.toHaveProperty('EXPERIMENTAL_BUILDKIT_SOURCE_POLICY');
    expect(setup.warnings).toEqual([`the mirror mirror.example.com/hub of docker.io failed, base images come from docker.io itself: ${reason}`]);
  });

  test('are not asked about when there are none', async () => {
    await start();
    expect(machine.argumentsOf('docker').map(([command]) => command)).toEqual(['info']);
  });
});
