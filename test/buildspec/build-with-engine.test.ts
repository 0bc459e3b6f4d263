import * as path from 'path';
import { BuildMachine, fixture, found, manifest, NOT_FOUND, plan, refused, REPOSITORY } from './build-machine';

const VERSION = { 'version --format {{.Server.Version}}': { stdout: '26.1.5\n' } };
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
  expect(machine.argumentsOf('docker').filter(([command]) => command !== 'version')).toEqual([
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
