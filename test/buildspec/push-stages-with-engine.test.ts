import { createHash } from 'crypto';
import * as path from 'path';
import { BuildMachine, plan, REPOSITORY } from './build-machine';

const CACHE = { CACHE_INLINE: 'true', CACHE_FROM: 'latest', CACHE_STAGES: 'deps compiler', CACHE_TAG: 'cache-a' };

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine(CACHE);
  machine.remember({ 'plan.json': plan({ target: 'final' }), 'tag': 'v1', 'result': 'built' });
  machine.tell('docker', { 'build *': {}, 'push *': {} });
});

/** Where a stage is kept. */
function imageOf(stage: string): string {
  return `${REPOSITORY}:cache-a_latest-${stage}-${createHash('sha256').update(`latest/${stage}`).digest('hex').slice(0, 10)}`;
}

test('each stage is built with its cache inside, tagged and pushed by the engine', async () => {
  expect((await machine.run('push-stages-with-engine.sh')).code).toBe(0);
  expect(machine.argumentsOf('docker')).toEqual(['deps', 'compiler'].flatMap((stage) => [
    [
      'build', '--build-arg', 'BUILDKIT_INLINE_CACHE=1',
      '--platform', 'linux/amd64',
      '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
      '--target', stage,
      '--cache-from', imageOf(stage),
      path.join(machine.sourceDirectory, 'asset.1'),
      '--tag', imageOf(stage), '--progress', 'plain',
    ],
    ['push', imageOf(stage)],
  ]));
  expect(machine.recall('cache.failed')).toBeUndefined();
  expect(machine.recall('phases')).toMatch(/^cache export \d+\n$/);
});

test('the engine builds each stage before the image, from its own cache alone', async () => {
  machine.tell('docker', { 'version *': { stdout: '28.5.2' }, 'build *': {}, 'push *': {} });
  await machine.run('build-with-engine.sh');
  const builds = machine.argumentsOf('docker').filter(([command]) => command === 'build');
  expect(builds.map((args) => args[args.indexOf('--target') + 1])).toEqual(['deps', 'compiler', 'final']);
  expect(builds.map((args) => args.filter((_, place) => args[place - 1] === '--cache-from'))).toEqual([
    [imageOf('deps')], [imageOf('compiler')], [`${REPOSITORY}:latest`, imageOf('deps'), imageOf('compiler')],
  ]);
});

test.each([
  ['built', { 'build *--target deps*': { stderr: 'ERROR: no such stage\n', code: 1 }, 'build *': {}, 'push *': {} }, ['build', 'build', 'push']],
  ['pushed', { 'build *': {}, 'push *_latest-deps-*': { stderr: 'denied\n', code: 1 }, 'push *': {} }, ['build', 'push', 'build', 'push']],
])('a stage that cannot be %s fails no build, is said, and keeps no other from it', async (_, answers, commands) => {
  machine.tell('docker', answers);
  const { code, stderr } = await machine.run('push-stages-with-engine.sh');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^(ERROR: no such stage|denied)\nWARNING: the layer cache was not written, so the next build may be slower: the stage deps could not be pushed\n$/);
  expect(machine.argumentsOf('docker').map(([command]) => command)).toEqual(commands);
  expect(machine.recall('cache.failed')).toBe('the stage deps could not be pushed');
});

test('a push that hangs is given up after a quarter of an hour', async () => {
  machine.stub('timeout', 'exit 124');
  expect((await machine.run('push-stages-with-engine.sh')).code).toBe(0);
  expect(machine.argumentsOf('timeout')[0]).toEqual(['--kill-after=10', '900', 'docker', 'push', imageOf('deps')]);
  expect(machine.recall('cache.failed')).toBe('the stage compiler could not be pushed');
});

test.each<[string, { [name: string]: string }, string]>([
  ['without stages', { CACHE_STAGES: '' }, 'built'],
  ['when the image is there already', {}, 'already there'],
])('%s nothing is built and nothing pushed', async (_, environment, result) => {
  machine.remember({ result });
  expect(await machine.run('push-stages-with-engine.sh', environment)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(machine.recall('phases')).toBeUndefined();
});
