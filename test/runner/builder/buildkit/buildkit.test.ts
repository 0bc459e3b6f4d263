import * as fs from 'fs';
import * as path from 'path';
import { BuildkitSettings } from '../../../../lib/plan/step-settings';
import { buildkit } from '../../../../runner/builder/buildkit/buildkit';
import { temporaryDirectory } from '../../../testhelpers/temporary-directory';
import { Answer, BuildMachine, leavesDigest } from '../../testhelpers/build-machine';
import { BuildSetup, SetupOptions, shorten } from '../../testhelpers/build-setup';
import { EnginePort } from '../../testhelpers/engine-port';

type Answers = { [pattern: string]: Answer };

const info = (store: string): Answers => ({
  'info *': { stdout: JSON.stringify({ ServerVersion: '28.5.2', DriverStatus: [['driver-type', store]], DockerRootDir: '/no/such/folder' }) },
});
const CLASSIC_STORE = info('extfs');
const CONTAINERD_STORE = info('io.containerd.snapshotter.v1');
const NO_ENGINE: Answers = { 'info *': { stderr: 'Cannot connect to the Docker daemon\n', code: 1 } };
const NONE_LEFT: Answers = { 'buildx rm *': { stderr: 'ERROR: no builder\n', code: 1 }, 'rm *': { stderr: 'No such container\n', code: 1 } };
const CONTAINER: Answers = { ...NONE_LEFT, 'buildx create *': { stdout: 'cached-docker-build\n' } };
const NO_CONTAINER: Answers = {
  ...NONE_LEFT,
  'buildx version': { stdout: 'github.com/docker/buildx v0.32.1 29a3d9ffa8e3\n' },
  'buildx create *': { stderr: 'pulling\nERROR: no daemon to create a container with\n', code: 1 },
};
const S3 = { kind: 's3', region: 'eu-west-1', bucket: 'b', prefix: '', mode: 'max' } as const;
const CREATE = (image = 'moby/buildkit:v1') => [
  'buildx', 'create', '--name', 'cached-docker-build', '--driver', 'docker-container', '--driver-opt', `image=${image}`, '--driver-opt', 'network=host', '--bootstrap',
];

let machine: BuildMachine;
let port: EnginePort;

beforeEach(() => {
  machine = new BuildMachine('docker', 'iptables');
  port = new EnginePort();
});

async function start(settings: Partial<BuildkitSettings> = {}, options: SetupOptions = {}) {
  const setup = new BuildSetup(machine, { ...options, mirrors: settings });
  const starting = buildkit({ kind: 'buildkit', buildkitImage: 'moby/buildkit:v1', ...settings }, setup.context).start([]);
  return { setup, running: await starting };
}

/** The builder that solves are sent to. */
async function solvesWith({ setup, running }: Awaited<ReturnType<typeof start>>): Promise<string[]> {
  machine.tell('docker', { 'buildx build *': { run: leavesDigest(`sha256:${'1'.repeat(64)}`) } });
  await running.build(setup.job());
  const args = machine.argumentsOf('docker').at(-1)!;
  return [args[args.indexOf('--builder') + 1], ...args.includes('--network') ? [`network ${args[args.indexOf('--network') + 1]}`] : []];
}

const dockerCalls = () => machine.argumentsOf('docker').map((args) => args.join(' '));
const created = () => machine.argumentsOf('docker').filter(([, command]) => command === 'create');

describe('a builder given from outside', () => {
  const GIVEN = { ownEnv: { BUILDX_BUILDER: 'my-builder' } };
  const ANSWERS = { 'buildx inspect --bootstrap my-builder': {} };

  test.each<[string, SetupOptions]>([['in a registry', {}], ['in a bucket', { cache: S3 }]])('is used before any other, with a cache %s', async (_, options) => {
    machine.tell('docker', ANSWERS);
    const started = await start({}, { ...options, ...GIVEN });
    expect(started.setup.lines).toEqual(['builder: given in BUILDX_BUILDER, my-builder']);
    expect(started.running.description).toBe('given in BUILDX_BUILDER, my-builder');
    expect(dockerCalls()).toEqual(['buildx inspect --bootstrap my-builder']);
    expect(await solvesWith(started)).toEqual(['my-builder']);
  });

  test('that does not answer is said, and the next way tried', async () => {
    machine.tell('docker', { 'buildx inspect --bootstrap gone': { stderr: 'ERROR: no builder "gone" found\n', code: 1 }, ...CONTAINERD_STORE });
    const started = await start({}, { ownEnv: { BUILDX_BUILDER: 'gone' } });
    expect(started.setup.warnings).toEqual(["the builder 'gone' given in BUILDX_BUILDER does not answer, another one is used: ERROR: no builder \"gone\" found"]);
    expect(await solvesWith(started)).toEqual(['default']);
  });

  test.each([{ maxParallelism: 2 }, { config: 'debug = true' }])('gets no settings of BuildKit, which is said: %j', async (settings) => {
    machine.tell('docker', ANSWERS);
    expect((await start(settings, GIVEN)).setup.warnings).toEqual(["the builder 'my-builder' has settings of its own: config and maxParallelism do not reach it"]);
  });

  test('is none where the variable is empty', async () => {
    machine.tell('docker', CONTAINERD_STORE);
    expect((await start({}, { ownEnv: { BUILDX_BUILDER: '' } })).setup.warnings).toEqual([]);
    expect(dockerCalls()).toEqual(['info --format {{json .}}']);
  });
});

describe('the running engine', () => {
  test('is used where its image store can do it', async () => {
    machine.tell('docker', CONTAINERD_STORE);
    const started = await start();
    expect(started.setup.lines).toEqual(["builder: the Docker engine's own BuildKit, 28.5.2"]);
    expect(dockerCalls()).toEqual(['info --format {{json .}}']);
    expect(await solvesWith(started)).toEqual(['default']);
  });

  test.each<[string, Partial<BuildkitSettings>, SetupOptions]>([
    ['a cache in a bucket', {}, { cache: S3 }],
    ['a limit of its own', { maxParallelism: 2 }, {}],
    ['a configuration of its own', { config: 'debug = true' }, {}],
  ])('is not used with %s, which it cannot take', async (_, settings, options) => {
    machine.tell('docker', { ...CONTAINERD_STORE, ...CONTAINER });
    expect(await solvesWith(await start(settings, options))).toEqual(['cached-docker-build']);
  });

  test.each([['with the classic store', CLASSIC_STORE], ['that does not answer', NO_ENGINE]])('%s is not used, and nothing is said of it while a container can be started', async (_, answers) => {
    machine.tell('docker', { ...answers, ...CONTAINER });
    const { setup } = await start();
    expect(setup.lines).toEqual([`$ docker ${CREATE().join(' ')}`, 'builder: a container of moby/buildkit:v1']);
  });
});

describe('a container of BuildKit', () => {
  test('is started where nothing else will do', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, ...CONTAINER });
    const started = await start();
    expect(created()).toEqual([CREATE()]);
    expect(started.running.description).toBe('a container of moby/buildkit:v1');
    expect(await solvesWith(started)).toEqual(['cached-docker-build']);
  });

  test('that an earlier build has left is not used again, since it may be of another image, but what it knew is', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, 'buildx rm *': {}, 'rm *': {}, 'buildx create *': {} });
    await start();
    expect(machine.argumentsOf('docker').slice(-3)).toEqual([
      ['buildx', 'rm', '--force', '--keep-state', 'cached-docker-build'], ['rm', '--force', 'buildx_buildkit_cached-docker-build0'], CREATE(),
    ]);
  });

  test('gets the settings of BuildKit as they are', async () => {
    machine.tell('docker', { ...CONTAINERD_STORE, ...CONTAINER, 'buildx create *': { run: 'for each in "$@"; do case $each in *.toml) cp "$each" "$fakes/toml";; esac; done' } });
    await start({ maxParallelism: 2, config: '[worker.oci]\n  labels = { "a" = "$(touch x)" }' });
    expect(created()).toEqual([[...CREATE().slice(0, -1), '--buildkitd-config', expect.stringMatching(/\/buildkitd\.toml$/), '--buildkitd-flags', '--oci-max-parallelism=2', '--bootstrap']]);
    expect(fs.readFileSync(machine.path('toml'), 'utf8')).toBe('[worker.oci]\n  labels = { "a" = "$(touch x)" }\n');
  });

  test('has the network of the machine only where no step reaches the engine through it', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, ...CONTAINER });
    machine.tell('iptables', { '*': { stderr: 'Permission denied\n', code: 4 } });
    await port.open();
    const { setup } = await start();
    expect(created()).toEqual([CREATE().filter((argument, index, all) => argument !== 'network=host' && all[index + 1] !== 'network=host')]);
    expect(setup.warnings).toEqual(['a RUN with the network of the build machine could use the Docker engine at its port 2375,'
      + ' since no firewall rule can be set (Permission denied): the container of BuildKit gets a network of its own']);
  });
});

describe('the image of BuildKit', () => {
  const HUB = { upstream: 'docker.io', endpoint: '111.dkr.ecr.eu-west-1.amazonaws.com/docker-hub' };
  const mirrored = `${HUB.endpoint}/moby/buildkit:v1`;
  const KNOWN = { 'buildx inspect cached-docker-build': { stdout: 'BuildKit version: v0.32.2\n' } };
  const images = () => created().map((args) => args[args.indexOf('--driver-opt') + 1]);
  const gaveUp = (reason: string) => `the mirror ${HUB.endpoint} of docker.io failed, base images come from docker.io itself: no container of ${mirrored} could be started: ${reason}`;

  test('comes from the mirror of its registry', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, ...CONTAINER, ...KNOWN });
    const { setup, running } = await start({ mirrors: [HUB] });
    expect(images()).toEqual([`image=${mirrored}`]);
    expect(running.description).toBe(`a container of ${mirrored}`);
    expect(setup.warnings).toEqual([]);
    expect(setup.mirrors.inUse).toEqual([HUB]);
  });

  test('comes from its registry when the mirror does not have it, which is said', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, [`*image=${mirrored} *`]: { stderr: 'ERROR: not found\n', code: 1 }, ...CONTAINER });
    const { setup } = await start({ mirrors: [HUB] });
    expect(images()).toEqual([`image=${mirrored}`, 'image=moby/buildkit:v1']);
    expect(setup.warnings).toEqual([gaveUp('ERROR: not found')]);
  });

  test('by its digest comes from a pull-through cache once this was asked for the tag', async () => {
    const pulled = path.join(temporaryDirectory(), 'pulled');
    const digest = `sha256:${'1'.repeat(64)}`;
    machine.tell('docker', {
      ...CLASSIC_STORE,
      ...KNOWN,
      [`*image=${mirrored}@${digest} *`]: { run: `[ -e ${pulled} ] || { echo ERROR: not found >&2; exit 1; }` },
      [`pull --quiet ${mirrored}`]: { run: `touch ${pulled}` },
      ...CONTAINER,
    });
    const { setup, running } = await start({ mirrors: [HUB], buildkitImage: `moby/buildkit:v1@${digest}` });
    expect(images()).toEqual([`image=${mirrored}@${digest}`, `image=${mirrored}@${digest}`]);
    expect(running.description).toBe(`a container of ${mirrored}@${digest}`);
    expect(setup.warnings).toEqual([]);
  });

  test('by its digest comes from its registry when the mirror does not have the tag either', async () => {
    const digest = `sha256:${'1'.repeat(64)}`;
    machine.tell('docker', { ...CLASSIC_STORE, [`*image=${mirrored}@${digest} *`]: { stderr: 'ERROR: not found\n', code: 1 }, 'pull *': { code: 1 }, ...CONTAINER });
    const { setup } = await start({ mirrors: [HUB], buildkitImage: `moby/buildkit:v1@${digest}` });
    expect(images()).toEqual([`image=${mirrored}@${digest}`, `image=moby/buildkit:v1@${digest}`]);
    expect(setup.warnings).toEqual([expect.stringContaining(`no container of ${mirrored}@${digest} could be started: ERROR: not found`)]);
  });

  test('comes from its registry when the mirror never answers, which is said', async () => {
    shorten({ 180_000: 1000 });
    machine.tell('docker', { ...CLASSIC_STORE, [`*image=${mirrored} *`]: { run: 'exec sleep 60' }, ...CONTAINER });
    const { setup } = await start({ mirrors: [HUB] });
    expect(images()).toEqual([`image=${mirrored}`, 'image=moby/buildkit:v1']);
    expect(setup.warnings).toEqual([gaveUp('it did not end within 180 seconds')]);
  });

  test('comes from no other place where the mirror has to be there', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, ...NO_CONTAINER });
    await expect(start({ mirrors: [HUB], mirrorsRequired: true })).rejects.toThrow(
      `the mirror ${HUB.endpoint} of docker.io failed, and the builder was declared with fallbackToUpstream: false: no container of ${mirrored} could be started: `);
    expect(images()).toEqual([`image=${mirrored}`]);
  });

  test('is no matter of the mirror where there is no engine', async () => {
    machine.tell('docker', { ...NO_ENGINE, ...NO_CONTAINER });
    const setup = new BuildSetup(machine, { mirrors: { mirrors: [HUB], mirrorsRequired: true } });
    await expect(buildkit({ kind: 'buildkit', buildkitImage: 'moby/buildkit:v1' }, setup.context).start([])).rejects.toThrow('no BuildKit could be started. ');
    expect(setup.warnings).toEqual([`no container of ${mirrored} could be started: ERROR: no daemon to create a container with`]);
  });

  test('has to be new enough for mirrors, else they are given up', async () => {
    machine.tell('docker', { ...CLASSIC_STORE, ...CONTAINER, 'buildx inspect cached-docker-build': { stdout: 'Buildkit:  v0.11.6\n' } });
    const { setup } = await start({ mirrors: [HUB] });
    expect(setup.warnings).toEqual([expect.stringContaining('mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has BuildKit 0.11.6')]);
    expect(setup.mirrors.inUse).toEqual([]);
  });
});

describe('when nothing starts', () => {
  test('the reason is said, and what the build needs', async () => {
    machine.tell('docker', { ...NO_CONTAINER, ...NO_ENGINE });
    const setup = new BuildSetup(machine);
    await expect(buildkit({ kind: 'buildkit', buildkitImage: 'moby/buildkit:v1' }, setup.context).start([])).rejects.toThrow(
      'no BuildKit could be started. The build needs privileged mode, a build image with Docker and buildx, and a way to pull moby/buildkit:v1 (DockerBuilder.buildkit({ buildkitImage }) names another)');
    expect(setup.warnings).toEqual(['no container of moby/buildkit:v1 could be started: ERROR: no daemon to create a container with']);
  });

  test.each([
    ['none', { code: 127 }, 'the build image has no buildx: '],
    ['an old one', { stdout: 'github.com/docker/buildx v0.11.2 9872040\n' }, 'the buildx of the build image is 0.11, and 0.13 is needed: '],
  ])('and of buildx there is %s, that is the reason', async (_, version, message) => {
    machine.tell('docker', { ...NO_CONTAINER, ...NO_ENGINE, 'buildx version': version });
    await expect(start()).rejects.toThrow(`${message}use a newer build image, or DockerBuilder.dockerEngine()`);
  });

  test('and there is no docker at all, that is the reason', async () => {
    machine.remove('docker');
    await expect(start()).rejects.toThrow('the build image has no buildx: use a newer build image');
  });

  test('the firewall is as it was', async () => {
    machine.tell('docker', { ...NO_CONTAINER, ...CLASSIC_STORE });
    machine.tell('iptables', { '*': {} });
    await port.open();
    await expect(start()).rejects.toThrow('no BuildKit could be started');
    expect(machine.argumentsOf('iptables').map(([, , command]) => command)).toEqual(['--insert', '--delete']);
  });
});
