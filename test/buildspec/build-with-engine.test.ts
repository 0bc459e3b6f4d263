import * as path from 'path';
import { BuildMachine, fixture, found, manifest, NOT_FOUND, plan, refused, REPOSITORY } from './build-machine';

const engine = (version: string) => ({
  'version --format {{.Server.Version}}': { stdout: `${version}\n` },
  'context show': { stdout: 'default\n' },
});
const VERSION = engine('26.1.5');
const BUILT = { 'build *': { stderr: fixture('engine.txt') } };
const PUSHED = { 'push *': { stdout: 'v1: digest: sha256:0 size: 1\n' } };
const NOT_PUSHED = { 'push *': { stderr: 'tag invalid: The image tag already exists and cannot be overwritten because the tag is immutable.\n', code: 1 } };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine();
  machine.remember({ 'plan.json': plan(), 'tag': 'v1', 'registry.curl': '' });
  machine.tell('docker', { ...VERSION, ...BUILT, ...PUSHED });
});

/** The arguments of the build without its command. */
function buildArguments(): string[] {
  return machine.argumentsOf('docker').filter(([command]) => command === 'build')[0].slice(1);
}

test('the least of a build is built and pushed as the engine does it', async () => {
  expect((await machine.run('build-with-engine.sh')).code).toBe(0);
  expect(machine.argumentsOf('docker').filter(([command]) => command !== 'version' && command !== 'context')).toEqual([
    [
      'build', '--platform', 'linux/amd64',
      '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
      path.join(machine.sourceDirectory, 'asset.1'),
      '--tag', `${REPOSITORY}:v1`, '--progress', 'plain',
    ],
    ['push', `${REPOSITORY}:v1`],
  ]);
  expect(machine.calls('curl')).toEqual([]);
});

test('the most of a build', async () => {
  machine.remember({ 'plan.json': plan({ target: 'final', buildArgs: { A: 'a b\n$(touch x)', B: '' } }) });
  await machine.run('build-with-engine.sh', { CACHE_FROM: 'latest', CACHE_INLINE: 'true' });
  expect(buildArguments()).toEqual([
    '--build-arg', 'BUILDKIT_INLINE_CACHE=1',
    '--platform', 'linux/amd64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    '--target', 'final',
    '--build-arg', 'A=a b\n$(touch x)',
    '--build-arg', 'B=',
    '--cache-from', `${REPOSITORY}:latest`,
    path.join(machine.sourceDirectory, 'asset.1'),
    '--tag', `${REPOSITORY}:v1`, '--progress', 'plain',
  ]);
});

test('the engine uses its BuildKit, without attestations, whatever its version', async () => {
  await machine.run('build-with-engine.sh');
  const { environment } = machine.calls('docker').find(({ args }) => args[0] === 'build')!;
  expect(environment).toMatchObject({ DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' });
});

test('a builder in the environment is not used, since it would not leave the image with the engine', async () => {
  await machine.run('build-with-engine.sh', { BUILDX_BUILDER: 'elsewhere' });
  const { environment } = machine.calls('docker').find(({ args }) => args[0] === 'build')!;
  expect(environment.BUILDX_BUILDER).toBe('default');
});

test('the engine that a Docker context leads to builds, since it is the one that pushes', async () => {
  machine.tell('docker', { ...VERSION, 'context show': { stdout: 'server\n' }, ...BUILT, ...PUSHED });
  await machine.run('build-with-engine.sh');
  expect(machine.calls('docker').find(({ args }) => args[0] === 'build')!.environment.BUILDX_BUILDER).toBe('server');
});

test('a client that knows no Docker contexts has one engine', async () => {
  machine.tell('docker', { ...VERSION, 'context show': { stderr: 'unknown command\n', code: 1 }, ...BUILT, ...PUSHED });
  expect((await machine.run('build-with-engine.sh')).stderr).toBe('');
  expect(machine.calls('docker').find(({ args }) => args[0] === 'build')!.environment.BUILDX_BUILDER).toBe('default');
});

test('an engine that lives on keeps the layers, and not the image', async () => {
  machine.tell('docker', { ...VERSION, ...BUILT, ...PUSHED, 'image rm *': { stdout: 'Untagged\n' } });
  const { code, stdout } = await machine.run('build-with-engine.sh', { CACHE_KEEPER: 'the Docker server' });
  expect(code).toBe(0);
  expect(stdout).not.toContain('Untagged');
  expect(machine.argumentsOf('docker').slice(-1)).toEqual([['image', 'rm', `${REPOSITORY}:v1`]]);
  expect(machine.recall('builder.description')).toBe('the Docker server, 26.1.5');
});

test('an image that the engine cannot let go fails no build', async () => {
  machine.tell('docker', { ...VERSION, ...BUILT, ...PUSHED, 'image rm *': { stderr: 'conflict\n', code: 1 } });
  expect((await machine.run('build-with-engine.sh', { CACHE_KEEPER: 'the Docker server' })).code).toBe(0);
});

describe('an engine that does not know what the Dockerfile uses', () => {
  const refusal = (line: string) => ({ 'build *': { stderr: `${line}\n`, code: 1 } });

  test.each([
    ['failed to solve with frontend dockerfile.v0: failed to create LLB definition: dockerfile parse error line 9: Unknown flag: link', 'Unknown flag: link'],
    ['failed to solve with frontend dockerfile.v0: dockerfile parse error line 3: unknown instruction: ECHO', 'unknown instruction: ECHO'],
    ["ERROR: failed to solve: dockerfile parse error on line 3: unexpected key 'env' in 'env=TOKEN'", "unexpected key 'env' in 'env=TOKEN'"],
  ])('is said to be too old: %s', async (line, reason) => {
    machine.tell('docker', { ...engine('20.10.24+dfsg1'), ...refusal(line) });
    const { code, stderr } = await machine.run('build-with-engine.sh');
    expect(code).toBe(1);
    expect(stderr).toBe(`\nERROR: the Docker engine 20.10.24+dfsg1 is older than what the Dockerfile uses (${reason}). Use a newer build image, or`
      + " DockerBuilder.buildkit(), or begin the Dockerfile with '# syntax=docker/dockerfile:1'\n\n");
  });

  test('is not, when it is a new one: then it is a mistake', async () => {
    machine.tell('docker', { ...engine('28.5.2'), ...refusal('ERROR: dockerfile parse error on line 3: unknown instruction: FORM') });
    expect((await machine.run('build-with-engine.sh')).stderr).toBe('\nERROR: the image could not be built, the reason stands above\n\n');
  });
});

test('the report learns of the engine, the image and the progress', async () => {
  const { stdout } = await machine.run('build-with-engine.sh');
  expect(machine.recall('builder.description')).toBe('the Docker engine, 26.1.5');
  expect(machine.recall('result')).toBe('built');
  expect(machine.recall('pushed')).toBe('v1');
  expect(machine.recall('build.progress')).toBe(fixture('engine.txt'));
  expect(stdout).toBe(`${fixture('engine.txt')}v1: digest: sha256:0 size: 1\n`);
});

test('a build that fails ends with a message, below what the build printed, and pushes nothing', async () => {
  machine.tell('docker', { ...VERSION, 'build *': { stderr: '#9 ERROR: process "/bin/sh -c false"\n', code: 1 } });
  const { code, stdout, stderr } = await machine.run('build-with-engine.sh');
  expect(code).toBe(1);
  expect(stdout).toBe('#9 ERROR: process "/bin/sh -c false"\n');
  expect(stderr).toBe('\nERROR: the image could not be built, the reason stands above\n\n');
  expect(machine.recall('result')).toBeUndefined();
});

test('a push that fails because another build was first is none', async () => {
  const body = manifest();
  machine.tell('docker', { ...VERSION, ...BUILT, ...NOT_PUSHED });
  machine.registry({ 'GET v1': found(body) });
  expect((await machine.run('build-with-engine.sh')).code).toBe(0);
  expect(machine.recall('result')).toBe('built by another build at the same time');
  expect(machine.recall('pushed')).toBe('v1');
});

test('a push that fails ends the build with a message', async () => {
  machine.tell('docker', { ...VERSION, ...BUILT, 'push *': { stderr: 'denied: User is not authorized\n', code: 1 } });
  machine.registry({ 'GET v1': NOT_FOUND });
  const { code, stderr } = await machine.run('build-with-engine.sh');
  expect(code).toBe(1);
  expect(stderr).toBe('denied: User is not authorized\n\nERROR: the image could not be pushed, the reason stands above\n\n');
  expect(machine.recall('pushed')).toBeUndefined();
});

test('when a push fails and the registry denies, both reasons are said', async () => {
  machine.tell('docker', { ...VERSION, ...BUILT, 'push *': { stderr: 'denied: User is not authorized\n', code: 1 } });
  machine.registry({ 'GET v1': refused(403, 'DENIED') });
  const { code, stderr } = await machine.run('build-with-engine.sh');
  expect(code).toBe(1);
  expect(stderr).toContain('denied: User is not authorized\n');
  expect(stderr).toContain(`ERROR: the registry denies access to ${REPOSITORY} (HTTP 403)`);
});

test('without an engine the build ends at once and says what it needs', async () => {
  machine.tell('docker', { '*': { stderr: 'Cannot connect to the Docker daemon\n', code: 1 } });
  const { code, stderr } = await machine.run('build-with-engine.sh');
  expect(code).toBe(1);
  expect(stderr).toContain('ERROR: no Docker engine answers: the build needs privileged mode and a build image with Docker');
  expect(machine.argumentsOf('docker').filter(([command]) => command === 'build')).toEqual([]);
});

test('nothing is built when the image is there already', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('build-with-engine.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
});

test('the phase is noted', async () => {
  await machine.run('build-with-engine.sh');
  expect(machine.recall('phases')).toMatch(/^build \d+\n$/);
});
