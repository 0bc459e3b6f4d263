import * as fs from 'fs';
import * as path from 'path';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const NAME = 'cdkasset-0123abc';
const CACHE = '111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/cache';
const apps = runnerApps();

let app: RunnerApp;

beforeEach(() => {
  app = apps();
  list(CACHE);
  app.machine.tell('docker', { 'buildx version': { stdout: 'github.com/docker/buildx v0.32.1 x\n' }, '*': { stdout: 'docker itself\n', code: 3, run: 'cat "$DOCKER_CONFIG/config.json" > "$fakes/logins"' } });
});

function list(repository: string): void {
  fs.writeFileSync(path.join(app.assembly, 'docker-assets.json'), JSON.stringify({ version: PLAN_VERSION, repository, assets: { '0123abc': { name: 'Prod/Image', cacheName: 'cache-image' } } }));
}

/** Calls it as `cdk deploy` does, in a folder with a Dockerfile. */
async function docker(...args: string[]) {
  fs.writeFileSync(app.machine.path('Dockerfile'), 'FROM scratch\n');
  return app.run('docker-with-cache', ...args);
}

const calls = () => app.machine.argumentsOf('docker').filter(([command]) => command !== 'buildx');

test('a build of an asset is that of Docker, with the layers of the pipeline and a login for them', async () => {
  const { code, lines } = await docker('build', '--build-arg', 'PASSWORD=secret', '--tag', NAME, '.');
  expect(code).toBe(3);
  expect(calls()).toEqual([['build', '--cache-from', `type=registry,ref=${CACHE}:cache-image`, '--build-arg', 'PASSWORD=secret', '--tag', NAME, '.']]);
  expect(lines).toEqual([`$ docker build --cache-from type=registry,ref=${CACHE}:cache-image --build-arg 'PASSWORD=***' --tag ${NAME} .`, 'docker itself']);
  const { auths } = JSON.parse(fs.readFileSync(app.machine.path('logins'), 'utf8'));
  expect(auths['111111111111.dkr.ecr.eu-west-1.amazonaws.com']).toEqual({ auth: Buffer.from('AWS:the password').toString('base64') });
});

test('the logins of a build of its own go with it', async () => {
  const own = app.machine.path('own');
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, 'config.json'), '{"auths":{"registry.example.test":{"auth":"eDp5"}}}');
  await docker('--config', own, 'build', '--tag', NAME, '.');
  expect(calls()[0].slice(0, 2)).toEqual(['build', '--cache-from']);
  expect(Object.keys(JSON.parse(fs.readFileSync(app.machine.path('logins'), 'utf8')).auths)).toEqual(['registry.example.test', '111111111111.dkr.ecr.eu-west-1.amazonaws.com']);
});

test.each([[['inspect', NAME]], [['push', 'some/where:1']], [['tag', NAME, 'some/where:1']], [['login', '--username', 'AWS']], [['--config', '/x', 'inspect', NAME]], [['run', "it's $HOME", '']]])(
  '%j is handed to Docker as it is', async (args) => {
    expect(await docker(...args)).toMatchObject({ code: 3, lines: ['docker itself'] });
    expect(calls()).toEqual([args]);
  });

test.each<[string, string, () => void, string[]?]>([
  ['belongs to no asset', 'it has not the name of an asset', () => undefined, ['build', '--tag', 'bundling', '.']],
  ['the assembly does not know', 'it belongs to no DockerImageAsset of the app', () => undefined, ['build', '--tag', 'cdkasset-other', '.']],
  ['may not be read', 'there is no password for 111111111111.dkr.ecr.eu-west-1.amazonaws.com: ', () => {
    app.machine.tell('docker-credential-ecr-login', { get: { code: 1 } });
    app.machine.tell('aws', { '*': { stderr: 'Unable to locate credentials\n', code: 255 } });
  }],
  ['is of nobody knows which account', 'the region is not known', () => list('${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/team/cache')],
  ['Docker cannot read for want of buildx', "'docker buildx' does not work", () => app.machine.tell('docker', { 'buildx *': { code: 1 }, '*': { stdout: 'docker itself\n', code: 3 } })],
])('an image whose cache %s is built without it, and the reason is said', async (_, reason, spoil, args = ['build', '--tag', NAME, '.']) => {
  spoil();
  const { code, lines } = await docker(...args);
  expect(lines[0]).toContain(`Docker builds this image without the layers of the pipeline: ${reason}`);
  expect(code).toBe(3);
  expect(calls()).toEqual([args]);
});
