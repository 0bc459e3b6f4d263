import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, fixture, found, leavesDigest, manifest, NOT_FOUND, plan, REPOSITORY } from './build-machine';

const DIGEST = `sha256:${'1'.repeat(64)}`;
const BUILT = { stderr: fixture('first-build.rawjson'), run: leavesDigest(DIGEST) };

const VERSION = { 'buildx version': { stdout: 'github.com/docker/buildx v0.13.0 abc\n' } };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine();
  machine.remember({ 'plan.json': plan(), 'builder': 'my-builder', 'tag': 'v1' });
  machine.tell('docker', { ...VERSION, 'buildx build *': BUILT });
});

/** What comes after the arguments of every solve. */
const own = (name = `name=${REPOSITORY},push-by-digest=true,name-canonical=true`) => [
  '--output', `type=image,${name},push=true,store=false,oci-mediatypes=true,compression=gzip,force-compression=true`,
  '--metadata-file', path.join(machine.buildDirectory, 'metadata.json'),
  '--provenance=false', '--sbom=false', '--progress', 'rawjson',
];

test('the least of a build is a plain image, pushed by its digest', async () => {
  expect((await machine.run('build.sh')).code).toBe(0);
  expect(machine.argumentsOf('docker')).toEqual([[
    'buildx', 'build', '--builder', 'my-builder',
    '--platform', 'linux/amd64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    path.join(machine.sourceDirectory, 'asset.1'),
    ...own(),
  ]]);
});

test('the most of a build', async () => {
  machine.remember({ 'plan.json': plan({ target: 'final', platform: 'linux/arm64', buildArgs: { A: 'a b\n$(touch x)', B: '' } }) });
  const environment = { CACHE_FROM: 'latest main', CACHE_INLINE: 'true' };
  expect((await machine.run('build.sh', environment)).code).toBe(0);
  expect(machine.argumentsOf('docker')).toEqual([[
    'buildx', 'build', '--builder', 'my-builder',
    '--platform', 'linux/arm64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    '--target', 'final',
    '--build-arg', 'A=a b\n$(touch x)',
    '--build-arg', 'B=',
    '--cache-from', `${REPOSITORY}:latest`,
    '--cache-from', `${REPOSITORY}:main`,
    path.join(machine.sourceDirectory, 'asset.1'),
    '--cache-to', 'type=inline',
    ...own(),
  ]]);
  expect(fs.readdirSync(machine.sourceDirectory)).toEqual([]);
});

test('the cache is not exported together with the image', async () => {
  await machine.run('build.sh', { CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_TAG: 'a', CACHE_EXPORT: 'mode=max' });
  expect(machine.argumentsOf('docker')[0]).toContain('type=registry,ref=host/app:a');
  expect(machine.argumentsOf('docker').flat()).not.toContain('--cache-to');
});

test('no time is spent on a provenance that nobody reads', async () => {
  await machine.run('build.sh');
  expect(machine.calls('docker')[0].environment.BUILDX_METADATA_PROVENANCE).toBe('disabled');
});

test('the digest of what was pushed is remembered for the check', async () => {
  await machine.run('build.sh');
  expect(machine.recall('pushed')).toBe(DIGEST);
  expect(machine.recall('result')).toBe('built');
});

test('the progress is shown for people while it lasts, and kept for the report', async () => {
  const { stdout } = await machine.run('build.sh');
  expect(stdout).toContain('#12 [stage-1 6/6] COPY src .\n#12 DONE 0s\n');
  expect(stdout).toContain('\ntools é\nof two lines\n');
  expect(stdout).not.toContain('{');
  expect(machine.recall('build.progress')).toBe(fixture('first-build.rawjson'));
});

describe('an engine that is the builder', () => {
  const taken = { stderr: fixture('refused-push.rawjson').replace(/denied: .*/g, 'the tag is immutable'), code: 1 };

  beforeEach(() => {
    machine.remember({ builder: 'default' });
  });

  test('pushes by the tag, since it cannot push by digest', async () => {
    expect((await machine.run('build.sh')).code).toBe(0);
    expect(machine.argumentsOf('docker')[0].slice(-own().length)).toEqual(own(`name=${REPOSITORY}:v1`));
    expect(machine.recall('pushed')).toBe('v1');
    expect(machine.requests).toEqual([]);
  });

  test('may find that another build has set the tag, and that is the image then', async () => {
    machine.tell('docker', { ...VERSION, 'buildx build *': taken });
    machine.registry({ 'GET v1': found(manifest()) });
    expect((await machine.run('build.sh')).code).toBe(0);
    expect(machine.recall('pushed')).toBe('v1');
    expect(machine.recall('result')).toBe('built by another build at the same time');
  });

  test('fails with a message when nobody has set it', async () => {
    machine.tell('docker', { ...VERSION, 'buildx build *': taken });
    machine.registry({ 'GET v1': NOT_FOUND });
    const { code, stderr } = await machine.run('build.sh');
    expect(code).toBe(1);
    expect(stderr).toBe('\nERROR: the image could not be built or pushed, the reason stands above\n\n');
    expect(machine.recall('pushed')).toBeUndefined();
  });
});

test('a build that fails ends with a message, below what the build printed', async () => {
  machine.tell('docker', { ...VERSION, 'buildx build *': { stderr: fixture('failed-build.rawjson'), code: 1 } });
  const { code, stdout, stderr } = await machine.run('build.sh');
  expect(code).toBe(1);
  expect(stdout).toContain('\ncompiling\n');
  expect(stdout).toContain('ERROR: process "/bin/sh -c echo compiling && false" did not complete successfully: exit code: 1\n');
  expect(stdout).toContain('>>> RUN echo compiling && false\n');
  expect(stderr).toBe('\nERROR: the image could not be built or pushed, the reason stands above\n\n');
  expect(machine.requests).toEqual([]);
  expect(machine.recall('pushed')).toBeUndefined();
  expect(machine.recall('result')).toBeUndefined();
});

test.each([
  ['none', { code: 1 }, 'the build image has no buildx: '],
  ['an old one', { stdout: 'github.com/docker/buildx 0.12.1+ds1-2 abc\n' }, 'the buildx of the build image is 0.12, and 0.13 is needed: '],
])('when a build fails, and of buildx there is %s, that is the reason', async (_, version, message) => {
  machine.tell('docker', { 'buildx version': version, 'buildx build *': { stderr: 'invalid progress mode rawjson\n', code: 1 } });
  const { code, stderr } = await machine.run('build.sh');
  expect(code).toBe(1);
  expect(stderr).toBe(`\nERROR: ${message}use a newer build image, or DockerBuilder.dockerEngine()\n\n`);
});

test('a failure before any progress is shown as it is', async () => {
  machine.tell('docker', { ...VERSION, 'buildx build *': { stderr: 'unknown flag: --progress\nSee \'docker --help\'.\n', code: 125 } });
  const { code, stdout } = await machine.run('build.sh');
  expect(code).toBe(1);
  expect(stdout).toBe("unknown flag: --progress\nSee 'docker --help'.\n");
});

test('a build without a digest is an error', async () => {
  machine.tell('docker', { ...VERSION, 'buildx build *': { run: 'echo "{}" >"$CACHED_BUILD_DIR/metadata.json"' } });
  const { code } = await machine.run('build.sh');
  expect([code, machine.recall('pushed')]).not.toEqual([0, 'null']);
});

test('a progress that cannot be shown does not end the build', async () => {
  machine.breakJq('progress.jq', 5);
  // more than what fits into the pipes, so that a display that has ended is noticed
  machine.tell('docker', { ...VERSION, 'buildx build *': { ...BUILT, stderr: fixture('first-build.rawjson').repeat(20) } });
  const { code } = await machine.run('build.sh');
  expect(code).toBe(0);
  expect(machine.recall('pushed')).toBe(DIGEST);
});

test('a failure is shown though the progress cannot be', async () => {
  machine.breakJq('progress.jq', 5);
  machine.tell('docker', { ...VERSION, 'buildx build *': { stderr: fixture('failed-build.rawjson'), code: 1 } });
  const { code, stdout, stderr } = await machine.run('build.sh');
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('ERROR: failed to build: failed to solve: process "/bin/sh -c echo compiling && false"');
});

test('nothing is built when the image is there already', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('build.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(machine.recall('phases')).toBeUndefined();
});

test('the phase is noted, also when the build ends in it', async () => {
  machine.tell('docker', { ...VERSION, 'buildx build *': { code: 1 } });
  await machine.run('build.sh');
  expect(machine.recall('phases')).toMatch(/^build \d+\n$/);
});
