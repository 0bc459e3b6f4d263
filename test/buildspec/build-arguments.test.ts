import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, BUILDSPEC, plan } from './build-machine';

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine();
});

/** The arguments of a solve of the plan. */
async function argumentsFor(values: { [name: string]: unknown }, environment: { [name: string]: string } = {}): Promise<string[]> {
  machine.remember({ 'plan.json': plan(values) });
  const { code, stdout, stderr } = await machine.bash([
    'set -euo pipefail',
    `source '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/build-arguments.sh'`,
    'caller() { local arguments; build_arguments; printf "%s\\0" "${arguments[@]}"; }',
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
  }, { CACHE_FROM: 'type=registry,ref=host/app:cache-a type=registry,ref=host/app:cache-b host/app:latest' })).toEqual([
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
    '--cache-from', 'type=registry,ref=host/app:cache-a',
    '--cache-from', 'type=registry,ref=host/app:cache-b',
    '--cache-from', 'host/app:latest',
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
  expect((await argumentsFor({ context: '.', dockerfileContent: undefined })).slice(2)).toEqual([
    '--file', `${machine.sourceDirectory}/./Dockerfile`,
    `${machine.sourceDirectory}/.`,
  ]);
});

test('caches may stand in lines of their own, and a pattern is none', async () => {
  machine.write('a-file', '');
  const args = await argumentsFor({}, { CACHE_FROM: '\n type=registry,ref=a\n\ta-* \n' });
  expect(args.slice(4, -1)).toEqual(['--cache-from', 'type=registry,ref=a', '--cache-from', 'a-*']);
});

test('a second solve has the same arguments', async () => {
  expect(await argumentsFor({ buildArgs: { A: 'a' } })).toEqual(await argumentsFor({ buildArgs: { A: 'a' } }));
});

test('build arguments that cannot be read end the build, instead of leaving some out', async () => {
  machine.remember({ 'plan.json': plan({ buildArgs: { A: 'a' } }) });
  machine.breakJq('.buildArgs', 5);
  const { code, stdout } = await machine.bash([
    'set -euo pipefail',
    `source '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/build-arguments.sh'`,
    'build_arguments; printf end',
  ].join('\n'));
  expect(stdout).toBe('');
  expect(code).not.toBe(0);
});
