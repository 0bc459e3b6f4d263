import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, BUILDSPEC, plan, REPOSITORY } from './build-machine';

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine();
});

/** The arguments of a solve of the plan. */
async function argumentsFor(values: { [name: string]: unknown }, environment: { [name: string]: string } = {}, stage = ''): Promise<string[]> {
  machine.remember({ 'plan.json': plan(values) });
  const { code, stdout, stderr } = await machine.bash([
    'set -euo pipefail',
    `source '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/cache.sh'; source '${BUILDSPEC}/mirrors.sh'`,
    `source '${BUILDSPEC}/build-arguments.sh'`,
    `caller() { local arguments; build_arguments ${stage}; printf "%s\\0" "\${arguments[@]}"; }`,
    'caller',
  ].join('\n'), environment);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\0').slice(0, -1);
}

test('the least of a build are its platform, its Dockerfile and its context', async () => {
  expect(await argumentsFor({})).toEqual([
    '--platform', 'linux/amd64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile'),
    path.join(machine.sourceDirectory, 'asset.1'),
  ]);
});

test('the most of a build', async () => {
  expect(await argumentsFor({
    context: 'asset $(touch x)',
    dockerfile: 'docker/Dockerfile.prod $(touch x)',
    target: '-final "stage" $(touch x)',
    platform: 'linux/arm64',
    buildArgs: {
      EMPTY: '',
      SPACES: ' a  b ',
      QUOTES: '\'"`',
      LINES: '\na\nb\n\n',
      COMMAND: '$(touch x) `touch x` ${HOME} $HOME; touch x',
      EQUALS: 'a=b=c',
      DASHES: '--push',
      BACKSLASH: '\\n\\\\',
      GLOB: '*',
      UNICODE: 'é😀',
      PERCENT: '%s%d',
    },
    refreshPeriod: 2938,
  }, { CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_TAG: 'cache-a', CACHE_FROM: 'latest' })).toEqual([
    '--platform', 'linux/arm64',
    '--file', path.join(machine.buildDirectory, 'dockerfile', 'Dockerfile.prod $(touch x)'),
    '--target', '-final "stage" $(touch x)',
    '--build-arg', 'EMPTY=',
    '--build-arg', 'SPACES= a  b ',
    '--build-arg', 'QUOTES=\'"`',
    '--build-arg', 'LINES=\na\nb\n\n',
    '--build-arg', 'COMMAND=$(touch x) `touch x` ${HOME} $HOME; touch x',
    '--build-arg', 'EQUALS=a=b=c',
    '--build-arg', 'DASHES=--push',
    '--build-arg', 'BACKSLASH=\\n\\\\',
    '--build-arg', 'GLOB=*',
    '--build-arg', 'UNICODE=é😀',
    '--build-arg', 'PERCENT=%s%d',
    '--pull', '--add-host', 'refresh-2938.invalid:127.0.0.1',
    '--cache-from', 'type=registry,ref=host/app:cache-a',
    '--cache-from', `${REPOSITORY}:latest`,
    path.join(machine.sourceDirectory, 'asset $(touch x)'),
  ]);
  expect(fs.readdirSync(machine.sourceDirectory)).toEqual([]);
});

test.each([
  ['with a line break at its end', 'FROM scratch\n'],
  ['without one', 'FROM scratch'],
  ['with several', 'FROM scratch\n\n\n'],
  ['of Windows', 'FROM scratch\r\nCOPY a b\r\n'],
  ['with a byte order mark', '\uFEFFFROM scratch\n'],
  ['with what a shell would read', 'FROM scratch\nRUN echo "$HOME" \'%s\' `touch x` $(touch x) \\\n  && echo \\n\\t\\\\\nEND_OF_SCRIPT\n'],
  ['with characters of all lengths', '# é日😀\u0001\u007f\nFROM scratch\n'],
  ['that is empty', ''],
])('a Dockerfile %s is the one of the plan, byte for byte', async (_, dockerfileContent) => {
  const args = await argumentsFor({ dockerfileContent });
  expect(fs.readFileSync(args[args.indexOf('--file') + 1], 'utf-8')).toBe(dockerfileContent);
  expect(fs.readdirSync(machine.sourceDirectory)).toEqual([]);
});

test('an empty ignore file beside the Dockerfile keeps BuildKit from applying that of the context again', async () => {
  machine.write('asset.1/.dockerignore', 'src\n');
  await argumentsFor({ dockerfile: 'docker/Dockerfile.prod' });
  const folder = path.join(machine.buildDirectory, 'dockerfile');
  expect(fs.readdirSync(folder)).toEqual(['Dockerfile.prod', 'Dockerfile.prod.dockerignore']);
  expect(fs.readFileSync(path.join(folder, 'Dockerfile.prod.dockerignore'), 'utf-8')).toBe('');
});

test.each(['-Dockerfile', '--help', 'docker/-a', '$(touch x)', 'a b'])('the Dockerfile may be named %j', async (dockerfile) => {
  const args = await argumentsFor({ dockerfile });
  expect(args[args.indexOf('--file') + 1]).toBe(path.join(machine.buildDirectory, 'dockerfile', path.basename(dockerfile)));
});

test('without its text in the plan, the Dockerfile is that of the source', async () => {
  expect(await argumentsFor({ context: 'services/api', dockerfile: 'docker/Dockerfile', dockerfileContent: undefined })).toEqual([
    '--platform', 'linux/amd64',
    '--file', path.join(machine.sourceDirectory, 'services/api/docker/Dockerfile'),
    path.join(machine.sourceDirectory, 'services/api'),
  ]);
  expect(fs.existsSync(path.join(machine.buildDirectory, 'dockerfile'))).toBe(false);
});

test('the root of the source can be the context', async () => {
  expect((await argumentsFor({ context: 'image-source', dockerfileContent: undefined })).slice(2)).toEqual([
    '--file', `${machine.sourceDirectory}/image-source/Dockerfile`,
    `${machine.sourceDirectory}/image-source`,
  ]);
});

test('a stage takes the place of the one that the image is made of, and all else stays', async () => {
  const values = { target: 'final', buildArgs: { A: 'a' }, refreshPeriod: 1 };
  const [image, stage] = [await argumentsFor(values), await argumentsFor(values, {}, 'compiler')];
  expect(image.slice(4, 6)).toEqual(['--target', 'final']);
  expect(stage.slice(4, 6)).toEqual(['--target', 'compiler']);
  expect(stage.filter((argument) => argument !== 'compiler')).toEqual(image.filter((argument) => argument !== 'final'));
  expect((await argumentsFor({}, {}, 'compiler')).slice(4, 6)).toEqual(['--target', 'compiler']);
});

test('another period has another name among the hosts, so that no step of the one before is found', async () => {
  expect((await argumentsFor({ refreshPeriod: 0 })).slice(4, 7)).toEqual(['--pull', '--add-host', 'refresh-0.invalid:127.0.0.1']);
  expect((await argumentsFor({ refreshPeriod: 1 })).slice(4, 7)).toEqual(['--pull', '--add-host', 'refresh-1.invalid:127.0.0.1']);
});

describe('engine_build', () => {
  async function engineBuild(environment: { [name: string]: string } = {}) {
    machine.tell('docker', { '*': {} });
    machine.remember({ builder: 'default' });
    const sources = ['state', 'mirrors', 'silent-mirrors', 'build-arguments'].map((name) => `source '${BUILDSPEC}/${name}.sh'`);
    const { code, stderr } = await machine.bash(['set -euo pipefail', ...sources, "engine_build 'a b' --tag x"].join('; '), environment);
    expect([code, stderr]).toEqual([0, '']);
    return machine.calls('docker')[0];
  }

  test('builds with the BuildKit of the engine, whatever builder is set, and without attestations', async () => {
    const { args, environment } = await engineBuild({ BUILDX_BUILDER: 'elsewhere' });
    expect(args).toEqual(['build', 'a b', '--tag', 'x', '--progress', 'plain']);
    expect(environment).toMatchObject({ BUILDX_BUILDER: 'default', DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1' });
  });

  test('keeps the cache within the image where it is asked to', async () => {
    expect((await engineBuild({ CACHE_INLINE: 'true' })).args)
      .toEqual(['build', '--build-arg', 'BUILDKIT_INLINE_CACHE=1', 'a b', '--tag', 'x', '--progress', 'plain']);
  });
});

test('a second solve has the same arguments', async () => {
  expect(await argumentsFor({ buildArgs: { A: 'a' } })).toEqual(await argumentsFor({ buildArgs: { A: 'a' } }));
});

test('build arguments that cannot be read end the build, instead of leaving some out', async () => {
  machine.remember({ 'plan.json': plan({ buildArgs: { A: 'a' } }) });
  machine.breakJq('.buildArgs', 5);
  const { code, stdout } = await machine.bash([
    'set -euo pipefail',
    `source '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/cache.sh'; source '${BUILDSPEC}/mirrors.sh'`,
    `source '${BUILDSPEC}/build-arguments.sh'`,
    'build_arguments; printf end',
  ].join('\n'));
  expect(stdout).toBe('');
  expect(code).not.toBe(0);
});
