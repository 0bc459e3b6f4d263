import { createHash } from 'crypto';
import * as path from 'path';
import { BuildMachine, fixture, leavesDigest, plan, REPOSITORY } from './build-machine';

const CACHE = { CACHE_INLINE: 'true', CACHE_FROM: 'latest main', CACHE_STAGES: 'deps compiler', CACHE_TAG: 'cache-a' };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine(CACHE);
  machine.remember({ 'plan.json': plan({ target: 'final', buildArgs: { A: 'a b' } }), 'builder': 'my-builder', 'tag': 'v1', 'result': 'built' });
  machine.tell('docker', { 'buildx build *': {} });
});

/** Where a stage is kept, beside the image with a tag. */
function imageOf(stage: string, tag = 'latest'): string {
  return `${REPOSITORY}:cache-a_${tag}-${stage}-${createHash('sha256').update(`${tag}/${stage}`).digest('hex').slice(0, 10)}`;
}

/** A stage is read from its own images alone. */
function sourcesOf(stage: string): string[] {
  return ['latest', 'main'].flatMap((tag) => ['--cache-from', imageOf(stage, tag)]);
}

test('each stage is pushed as an image with its cache inside, from steps that are done already', async () => {
  expect(await machine.run('export-stages.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.argumentsOf('docker')).toEqual(['deps', 'compiler'].map((stage) => [
    'buildx', 'build', '--builder', 'my-builder',
    '--platform', 'linux/amd64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    '--target', stage,
    '--build-arg', 'A=a b',
    ...sourcesOf(stage),
    path.join(machine.sourceDirectory, 'asset.1'),
    '--cache-to', 'type=inline',
    '--output', `type=image,name=${imageOf(stage)},push=true,store=false,oci-mediatypes=true,compression=gzip,force-compression=true`,
    '--provenance=false', '--sbom=false', '--progress', 'rawjson',
  ]));
  expect(machine.recall('cache.failed')).toBeUndefined();
  expect(machine.recall('phases')).toMatch(/^cache export \d+\n$/);
});

test('each stage was built before the image, from its own cache and with what the image is built with', async () => {
  machine.tell('docker', { 'buildx build *': { run: leavesDigest('sha256:0') } });
  await machine.run('build.sh');
  await machine.run('export-stages.sh');
  const solves = machine.argumentsOf('docker');
  const targets = solves.map((args) => args[args.indexOf('--target') + 1]);
  expect(targets).toEqual(['deps', 'compiler', 'final', 'deps', 'compiler']);
  const inputs = solves.map((args) => args.slice(0, args.indexOf('--cache-from')).map((argument) => (targets.includes(argument) ? 'target' : argument)));
  expect(new Set(inputs.map((args) => args.join('\n'))).size).toBe(1);
  ['deps', 'compiler'].forEach((stage, index) => {
    expect(solves[index].filter((_, place, args) => args[place - 1] === '--cache-from')).toEqual(sourcesOf(stage).filter((argument) => argument !== '--cache-from'));
    expect(solves[index]).toEqual(expect.arrayContaining(['--output', 'type=cacheonly']));
    expect(solves[index]).not.toContain('--cache-to');
  });
});

test('a stage that cannot be built beforehand is left to the build of the image', async () => {
  machine.tell('docker', { '*--target deps*': { stderr: 'ERROR: no\n', code: 1 }, 'buildx build *': { run: leavesDigest('sha256:0') } });
  expect((await machine.run('build.sh')).code).toBe(0);
  expect(machine.argumentsOf('docker')).toHaveLength(3);
});

test('a stage that cannot be pushed fails no build, is said with what BuildKit said, and keeps no other from it', async () => {
  machine.tell('docker', { '*--target deps*': { stderr: fixture('refused-push.rawjson'), code: 1 }, 'buildx build *': {} });
  const { code, stderr } = await machine.run('export-stages.sh');
  expect(code).toBe(0);
  expect(stderr).toContain('WARNING: the layer cache was not written, so the next build may be slower: the stage deps could not be pushed\n');
  expect(stderr).toMatch(/denied/);
  expect(machine.argumentsOf('docker')).toHaveLength(2);
  expect(machine.recall('cache.failed')).toBe('the stage deps could not be pushed');
});

test.each(['', undefined])('without stages nothing is solved (%j)', async (stages) => {
  if (stages === undefined) {
    delete machine.environment.CACHE_STAGES;
  }
  expect(await machine.run('export-stages.sh', stages === undefined ? {} : { CACHE_STAGES: stages })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(machine.recall('phases')).toBeUndefined();
});

test('when the image is there already nothing is solved', async () => {
  machine.remember({ result: 'already there' });
  expect(await machine.run('export-stages.sh')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
});
