import * as fs from 'fs';
import * as path from 'path';
import { AssetBuild, assetBuild } from '../../../runner/assets/asset-build';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

const NAME = 'cdkasset-0123abc';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
  fs.writeFileSync(path.join(directory, 'Dockerfile'), 'FROM scratch\n');
});

const read = (...args: string[]) => assetBuild({ args, directory, config: undefined });
const reasonOf = (...args: string[]) => (read(...args) as { reason?: string }).reason;

test('a build of nothing but a name and the folder is known', () => {
  expect(read('--tag', NAME, '.')).toEqual({
    name: NAME,
    directory,
    config: undefined,
    args: ['build', '--tag', NAME, '.'],
    dockerfile: path.join(directory, 'Dockerfile'),
    target: undefined,
    platform: undefined,
    network: undefined,
    buildArgs: {},
    buildContexts: {},
    secrets: [],
    cacheFrom: [],
    cacheTo: [],
  });
});

test('each flag of cdk-assets keeps its meaning', () => {
  for (const name of ['more', 'docker']) fs.mkdirSync(path.join(directory, name));
  fs.writeFileSync(path.join(directory, 'docker/other'), 'FROM scratch\n');
  const build = read(
    '--build-arg', 'ONE=a=b', '--build-arg', 'TWO=', '--build-context', 'more=more', '--build-context', 'base=docker-image://alpine:3',
    '--secret', 'id=token,src=token.txt', '--ssh', 'default', '--tag', NAME, '--target', 'prod', '--file', 'docker/other', '--network', 'none', '--platform', 'linux/arm64',
    '--output=type=docker', '--cache-from', 'type=registry,ref=x', '--cache-from', 'y', '--cache-to', 'type=inline', '.',
  );
  expect(build).toMatchObject({
    buildArgs: { ONE: 'a=b', TWO: '' },
    buildContexts: { more: { path: path.join(directory, 'more') }, base: { image: 'alpine:3' } },
    secrets: ['--secret', 'id=token,src=token.txt', '--ssh', 'default'],
    target: 'prod',
    dockerfile: path.join(directory, 'docker/other'),
    network: 'none',
    platform: 'linux/arm64',
    cacheFrom: ['type=registry,ref=x', 'y'],
    cacheTo: ['type=inline'],
  });
});

test('the network that is everybody\'s is that of the builder', () => {
  expect((read('--tag', NAME, '--network', 'default', '.') as AssetBuild).network).toBeUndefined();
});

describe('goes to Docker itself, with the reason:', () => {
  test.each<[string, string[], string]>([
    ['a build without a cache', ['--tag', NAME, '--no-cache', '.'], 'it is to be built without a cache'],
    ['another output', ['--tag', NAME, '--output=type=local,dest=out', '.'], 'only Docker itself knows what becomes of the output type=local,dest=out'],
    ['an output with attributes', ['--tag', NAME, '--output=type=docker,compression=zstd', '.'], 'only Docker itself knows what becomes of the output type=docker,compression=zstd'],
    ['several platforms', ['--tag', NAME, '--platform', 'linux/amd64,linux/arm64', '.'], 'it is for several platforms, linux/amd64,linux/arm64'],
    ['the network of a container', ['--tag', NAME, '--network', 'container:x', '.'], 'its steps have the network container:x'],
    ['another context', ['--tag', NAME, '..'], 'its context is another than the folder of the asset'],
    ['a name that is no asset\'s', ['--tag', 'team/app', '.'], 'it has not the name of an asset'],
    ['a name that leads elsewhere', ['--tag', `${NAME}/../x`, '.'], 'it has not the name of an asset'],
    ['two names', ['--tag', NAME, '--tag', 'other', '.'], 'it has not the name of an asset'],
    ['no name', ['.'], 'it has not the name of an asset'],
    ['a flag that cdk-assets does not give', ['--tag', NAME, '--squash', '.'], 'the flag --squash is not known here'],
    ['a flag without its value', ['--tag', NAME, '--target', '.'], 'the flag --target is not known here'],
    ['a context from elsewhere', ['--tag', NAME, '--build-context', 'more=https://example.com/x.git', '.'], "its context 'more' is neither an image nor a folder"],
    ['no argument at all', [], 'its context is another than the folder of the asset'],
  ])('%s', (_, args, reason) => expect(reasonOf(...args)).toBe(reason));

  test('a Dockerfile that is not there', () => {
    expect(reasonOf('--tag', NAME, '--file', 'other', '.')).toBe(`there is no ${path.join(directory, 'other')}`);
  });
});
