import { Answer, BuildMachine } from './build-machine';

const ENGINE = { 'version --format {{.Server.Version}}': { stdout: '28.5.2\n' } };
const CLASSIC_STORE: { [pattern: string]: Answer } = { ...ENGINE, 'info *': { stdout: 'extfs true true false ' } };
const CONTAINERD_STORE: { [pattern: string]: Answer } = { ...ENGINE, 'info *': { stdout: 'io.containerd.snapshotter.v1 ' } };
const NO_ENGINE: { [pattern: string]: Answer } = {
  'info *': { stderr: 'Cannot connect to the Docker daemon\n', code: 1 },
  'version *': { stderr: 'Cannot connect to the Docker daemon\n', code: 1 },
};
const NONE_LEFT: { [pattern: string]: Answer } = { 'buildx rm *': { stderr: 'ERROR: no builder\n', code: 1 }, 'rm *': { stderr: 'No such container\n', code: 1 } };
const CONTAINER: { [pattern: string]: Answer } = { ...NONE_LEFT, 'buildx create *': { stdout: 'cached-docker-build\n' } };
const NO_CONTAINER: { [pattern: string]: Answer } = {
  ...NONE_LEFT,
  'buildx version': { stdout: 'github.com/docker/buildx v0.32.1 29a3d9ffa8e3\n' },
  'buildx create *': { stderr: 'ERROR: no daemon to create a container with\n', code: 1 },
};

const CREATE = [
  'buildx', 'create', '--name', 'cached-docker-build', '--driver', 'docker-container',
  '--driver-opt', 'image=mirror.example.com/moby/buildkit:v1', '--driver-opt', 'network=host', '--bootstrap',
];

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine({ BUILDKIT_IMAGE: 'mirror.example.com/moby/buildkit:v1' });
});

function dockerCalls(): string[] {
  return machine.argumentsOf('docker').map((args) => args.join(' '));
}

test('a builder given from outside is used before any other', async () => {
  machine.tell('docker', { 'buildx inspect --bootstrap my-builder': {} });
  const { code, stdout, stderr } = await machine.run('builder.sh', { BUILDX_BUILDER: 'my-builder' });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe('builder: given in BUILDX_BUILDER, my-builder\n');
  expect(machine.recall('builder')).toBe('my-builder');
  expect(machine.recall('builder.description')).toBe('given in BUILDX_BUILDER, my-builder');
  expect(dockerCalls()).toEqual(['buildx inspect --bootstrap my-builder']);
});

test('the engine is used where its image store can do it', async () => {
  machine.tell('docker', CONTAINERD_STORE);
  const { code, stdout } = await machine.run('builder.sh');
  expect(code).toBe(0);
  expect(stdout).toBe("builder: the Docker engine's own BuildKit, 28.5.2\n");
  expect(machine.recall('builder')).toBe('default');
  expect(dockerCalls().filter((call) => call.startsWith('buildx'))).toEqual([]);
});

test.each([
  ['type=registry,ref=host/app:', 'default'],
  ['type=s3,region=eu-west-1,bucket=type=registry,name=', 'cached-docker-build'],
])('whether the engine is used depends on where the cache is: %s', async (location, builder) => {
  machine.tell('docker', { ...CONTAINERD_STORE, ...CONTAINER });
  expect((await machine.run('builder.sh', { CACHE_LOCATION: location })).code).toBe(0);
  expect(machine.recall('builder')).toBe(builder);
});

test('a builder given from outside is used whatever the cache is', async () => {
  machine.tell('docker', { 'buildx inspect --bootstrap my-builder': {} });
  expect((await machine.run('builder.sh', { BUILDX_BUILDER: 'my-builder', CACHE_LOCATION: 'type=s3,region=a,bucket=b,name=' })).code).toBe(0);
  expect(machine.recall('builder')).toBe('my-builder');
});

test('else a container of the given image is started', async () => {
  machine.tell('docker', { ...CLASSIC_STORE, ...CONTAINER });
  const { code, stdout } = await machine.run('builder.sh');
  expect(code).toBe(0);
  expect(stdout).toContain('builder: a container of mirror.example.com/moby/buildkit:v1\n');
  expect(machine.recall('builder')).toBe('cached-docker-build');
  expect(machine.argumentsOf('docker')).toContainEqual(CREATE);
});

test('a container that an earlier build has left is not used again, since it may be of another image, but what it knew is', async () => {
  machine.tell('docker', { ...CLASSIC_STORE, 'buildx rm *': {}, 'rm *': {}, 'buildx create *': {} });
  expect((await machine.run('builder.sh')).code).toBe(0);
  expect(machine.argumentsOf('docker').slice(-3)).toEqual([
    ['buildx', 'rm', '--force', '--keep-state', 'cached-docker-build'], ['rm', '--force', 'buildx_buildkit_cached-docker-build0'], CREATE,
  ]);
});

test('a given builder that does not answer is said, and the next way tried', async () => {
  machine.tell('docker', { 'buildx inspect --bootstrap gone': { stderr: 'ERROR: no builder "gone" found\n', code: 1 }, ...CONTAINERD_STORE });
  const { code, stderr } = await machine.run('builder.sh', { BUILDX_BUILDER: 'gone' });
  expect(code).toBe(0);
  expect(stderr).toContain('ERROR: no builder "gone" found\n');
  expect(stderr).toContain("WARNING: the builder 'gone' given in BUILDX_BUILDER does not answer, another one is used\n");
  expect(machine.recall('builder')).toBe('default');
});

test('an engine that does not answer is no reason to fail while a container can be started', async () => {
  machine.tell('docker', { ...NO_ENGINE, ...CONTAINER });
  const { code, stdout } = await machine.run('builder.sh');
  expect(code).toBe(0);
  expect(stdout).toContain('builder: a container of');
});

describe('settings of BuildKit', () => {
  test.each([
    [{ BUILDKIT_MAX_PARALLELISM: '2' }, ['--buildkitd-flags', '--oci-max-parallelism=2']],
    [{ BUILDKIT_CONFIG: 'debug = true\n' }, ['--buildkitd-config', expect.stringMatching(/\/buildkitd\.toml$/)]],
  ])('reach a container, which is started though the engine would do: %j', async (settings, expected) => {
    machine.tell('docker', { ...CONTAINERD_STORE, ...CONTAINER });
    expect((await machine.run('builder.sh', settings)).code).toBe(0);
    const create = machine.argumentsOf('docker').find(([, command]) => command === 'create')!;
    expect(create).toEqual([...CREATE.slice(0, -1), ...expected, '--bootstrap']);
  });

  test('come as they are', async () => {
    machine.tell('docker', { ...NO_ENGINE, ...CONTAINER });
    await machine.run('builder.sh', { BUILDKIT_CONFIG: '[worker.oci]\n  labels = { "a" = "$(touch x)" }' });
    expect(machine.recall('buildkitd.toml')).toBe('[worker.oci]\n  labels = { "a" = "$(touch x)" }\n');
  });

  test('do not reach a builder that is given, which is said', async () => {
    machine.tell('docker', { 'buildx inspect --bootstrap my-builder': {} });
    const { code, stderr } = await machine.run('builder.sh', { BUILDX_BUILDER: 'my-builder', BUILDKIT_MAX_PARALLELISM: '2' });
    expect(code).toBe(0);
    expect(stderr).toBe("WARNING: the builder 'my-builder' has settings of its own: config and maxParallelism do not reach it\n");
  });
});

describe('the image of BuildKit', () => {
  const HUB = 'docker.io=111.dkr.ecr.eu-west-1.amazonaws.com/docker-hub';
  const mirrored = '111.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/moby/buildkit:v1';
  /** One whose own BuildKit will not do. */
  const OTHER_ENGINE = { ...NO_ENGINE, version: {} };
  const images = () => machine.argumentsOf('docker').filter(([, command]) => command === 'create').map((args) => args[args.indexOf('--driver-opt') + 1]);

  test('comes from the mirror of its registry', async () => {
    machine.tell('docker', { ...NO_ENGINE, ...CONTAINER });
    expect((await machine.run('builder.sh', { BUILDKIT_IMAGE: 'moby/buildkit:v1', IMAGE_MIRRORS: HUB })).code).toBe(0);
    expect(images()).toEqual([`image=${mirrored}`]);
    expect(machine.recall('builder.description')).toBe(`a container of ${mirrored}`);
  });

  test('comes from its registry when the mirror does not have it, which is said', async () => {
    machine.tell('docker', { ...OTHER_ENGINE, [`*image=${mirrored} *`]: { stderr: 'ERROR: not found\n', code: 1 }, ...CONTAINER });
    const { code, stderr } = await machine.run('builder.sh', { BUILDKIT_IMAGE: 'moby/buildkit:v1', IMAGE_MIRRORS: HUB });
    expect(code).toBe(0);
    expect(images()).toEqual([`image=${mirrored}`, 'image=moby/buildkit:v1']);
    expect(stderr).toContain(`WARNING: the mirror 111.dkr.ecr.eu-west-1.amazonaws.com/docker-hub of docker.io failed, base images come from docker.io itself: no container of ${mirrored} could be started, the reason stands above\n`);
    expect(machine.recall('mirrors.failed')).toBe(`${HUB} `);
  });

  test('comes from its registry when the mirror never answers, which is said', async () => {
    machine.tell('docker', { ...OTHER_ENGINE, ...CONTAINER });
    machine.stub('timeout', 'case "$1" in 180) exit 124 ;; *) echo "bash: connect: Connection refused" >&2; exit 1 ;; esac');
    const { code, stderr } = await machine.run('builder.sh', { BUILDKIT_IMAGE: 'moby/buildkit:v1', IMAGE_MIRRORS: HUB });
    expect(code).toBe(0);
    const limited = machine.argumentsOf('timeout').map(([seconds, ...command]) => [seconds, command.join(' ')]).filter(([seconds]) => seconds === '180');
    expect(limited).toEqual([['180', expect.stringContaining(`image=${mirrored}`)]]);
    expect(images()).toEqual(['image=moby/buildkit:v1']);
    expect(stderr).toContain(`WARNING: the mirror 111.dkr.ecr.eu-west-1.amazonaws.com/docker-hub of docker.io failed, base images come from docker.io itself: no container of ${mirrored} could be started, it was not there after 180 seconds\n`);
  });

  test('comes from no other place where the mirror has to be there', async () => {
    machine.tell('docker', { ...OTHER_ENGINE, ...NO_CONTAINER });
    const { code, stderr } = await machine.run('builder.sh', { BUILDKIT_IMAGE: 'moby/buildkit:v1', IMAGE_MIRRORS: HUB, IMAGE_MIRRORS_REQUIRED: 'true' });
    expect(code).toBe(1);
    expect(images()).toEqual([`image=${mirrored}`]);
    expect(stderr).toContain('the builder was declared with fallbackToUpstream: false: no container of ');
  });

  test('is no matter of the mirror where there is no engine', async () => {
    machine.tell('docker', { ...NO_ENGINE, ...NO_CONTAINER, version: { stderr: 'Cannot connect to the Docker daemon\n', code: 1 } });
    const { code, stderr } = await machine.run('builder.sh', { BUILDKIT_IMAGE: 'moby/buildkit:v1', IMAGE_MIRRORS: HUB, IMAGE_MIRRORS_REQUIRED: 'true' });
    expect(code).toBe(1);
    expect(stderr).toContain('Cannot connect to the Docker daemon\n\nERROR: no BuildKit could be started. The build needs privileged mode');
  });
});

test('when nothing starts, the build ends with the reason and what it needs', async () => {
  machine.tell('docker', { ...NO_CONTAINER, ...NO_ENGINE, 'buildx inspect --bootstrap gone': { code: 1 } });
  const { code, stderr } = await machine.run('builder.sh', { BUILDX_BUILDER: 'gone' });
  expect(code).toBe(1);
  expect(stderr).toContain('ERROR: no daemon to create a container with\n');
  expect(stderr).toContain('ERROR: no BuildKit could be started. The build needs privileged mode, a build image with Docker and buildx, and a way to pull mirror.example.com/moby/buildkit:v1 (DockerBuilder.buildKit({ image }) names another)');
  expect(machine.recall('builder')).toBeUndefined();
});

test.each([
  ['none', { code: 127 }, 'the build image has no buildx: '],
  ['an old one', { stdout: 'github.com/docker/buildx v0.11.2 9872040\n' }, 'the buildx of the build image is 0.11, and 0.13 is needed: '],
])('when nothing starts, and of buildx there is %s, that is the reason', async (_, version, message) => {
  machine.tell('docker', { ...NO_CONTAINER, ...NO_ENGINE, 'buildx version': version });
  const { code, stderr } = await machine.run('builder.sh');
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: ${message}use a newer build image, or DockerBuilder.docker()\n`);
});

test('nothing is started when the image is there already', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('builder.sh', { BUILDX_BUILDER: 'my-builder' })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(machine.recall('phases')).toBeUndefined();
});

test('the phase is noted, also when the build ends in it', async () => {
  machine.tell('docker', { ...NO_CONTAINER, ...NO_ENGINE });
  await machine.run('builder.sh');
  expect(machine.recall('phases')).toMatch(/^builder \d+\n$/);
});
