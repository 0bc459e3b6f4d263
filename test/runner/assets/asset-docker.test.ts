import { spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { digestOf } from '../testhelpers/layers';
import { OCI_IMAGE } from '../testhelpers/manifests';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const NAME = 'cdkasset-0123abc';
const apps = runnerApps();

let app: RunnerApp;
let docker: string;
let directory: string;
let uri: string;

beforeEach(async () => {
  app = apps();
  directory = path.join(app.assembly, 'asset.0123abc');
  fs.mkdirSync(directory);
  fs.writeFileSync(path.join(directory, 'Dockerfile'), 'FROM scratch\n');
  fs.writeFileSync(path.join(app.assembly, 'docker-assets.json'), JSON.stringify({
    version: PLAN_VERSION, repository: `${app.registry.host}/team/cache`, assets: { '0123abc': { name: 'Prod/Image', cacheName: 'cache-image' } },
  }));
  app.machine.tell('docker', { '*': { stdout: 'docker itself\n', code: 3 } });
  uri = `${app.registry.host}/assets:0123`;
  const { code, lines } = await app.run('prepare-assets');
  expect(code).toBe(0);
  [docker] = lines;
});

/** Calls the program as `cdk-assets` does. */
async function call(args: string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn(docker, args, { cwd: directory, env: app.env as NodeJS.ProcessEnv });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text; });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

const login = async () => call(['login', '--username', 'AWS', '--password-stdin', app.registry.host], 'of the publishing');
const dockerCalls = () => app.machine.argumentsOf('docker');

/** Lets the repository of the cache have the image. */
function isBuilt(): void {
  const [config, layer] = ['{}', 'layer'].map((content) => Buffer.from(content));
  const describe = (content: Buffer) => ({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(content), size: content.length });
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE, config: describe(config), layers: [describe(layer)] }));
  app.registry.put('team/cache', NAME, body, OCI_IMAGE);
  for (const content of [config, layer]) app.registry.blobs.set(`team/cache ${digestOf(content)}`, content);
}

describe('the program', () => {
  test('is one file that nobody else can read or change', () => {
    expect(path.isAbsolute(docker)).toBe(true);
    expect(fs.statSync(docker).mode.toString(8)).toMatch(/700$/);
    expect(fs.statSync(path.dirname(docker)).mode.toString(8)).toMatch(/700$/);
  });

  test('comes before the program that CDK_DOCKER names already', async () => {
    app.machine.tell('podman', { '*': { stdout: 'podman\n', code: 4 } });
    app.env.CDK_DOCKER = 'podman';
    const { lines: [file] } = await app.run('prepare-assets');
    docker = file;
    expect(await call(['version'])).toEqual({ code: 4, output: 'podman\n' });
  });

  test.each([
    [['inspect', 'cdkasset-other']], [['--config', '/x', 'inspect', NAME]], [['push', 'some/where:1']], [['tag', 'a', 'b']], [['load', '-i', 'x.tar']], [['images', '-q']],
    [['run', "it's $HOME", '"quoted"', '']], [['build', '--no-cache', '--tag', NAME, '.']], [['build', '--tag', 'cdkasset-unknown', '.']],
  ])('hands %j to Docker as it is', async (args) => {
    const { code, output } = await call(args);
    expect(code).toBe(3);
    expect(output).toMatch(/docker itself\n$/);
    expect(dockerCalls()).toEqual([args]);
  });

  test('says why an image is built by Docker itself', async () => {
    expect((await call(['build', '--tag', NAME, '--no-cache', '.'])).output).toContain('WARNING: Docker itself builds this image, without the layer cache: it is to be built without a cache');
    expect((await call(['build', '--tag', 'cdkasset-other', '.'])).output).toContain('it belongs to no DockerImageAsset of the app');
  });

  test('says that there is no Docker as an exit code that is not that of a missing image', async () => {
    app.machine.remove('docker');
    expect(await call(['inspect', NAME])).toMatchObject({ code: 127, output: expect.stringContaining('docker could not be started') });
  });
});

test('a login is handed on with its password', async () => {
  app.machine.tell('docker', { 'login *': { run: 'cat > "$fakes/password"' } });
  expect((await login()).code).toBe(0);
  expect(fs.readFileSync(app.machine.path('password'), 'utf8')).toBe('of the publishing');
  expect(dockerCalls()).toEqual([['login', '--username', 'AWS', '--password-stdin', app.registry.host]]);
});

test('a failed login fails', async () => {
  app.machine.tell('docker', { 'login *': { code: 5 } });
  expect((await login()).code).toBe(5);
});

test('an image is built and pushed in one, and what is in the repository of the cache is not built', async () => {
  isBuilt();
  app.machine.tell('docker', { 'login *': {}, 'inspect *': { code: 1 } });
  await login();
  expect((await call(['inspect', NAME])).code).toBe(1);
  expect((await call(['build', '--tag', NAME, '.'])).code).toBe(0);
  expect((await call(['inspect', NAME])).code).toBe(0);
  expect((await call(['tag', NAME, uri])).code).toBe(0);
  expect((await call(['inspect', uri])).code).toBe(0);
  expect(await call(['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=*/*:0123'])).toEqual({ code: 0, output: `${uri}\n` });
  const { code, output } = await call(['push', uri]);
  expect(output).toContain(`published     ${uri}, 2 of its layers and files new there`);
  expect(code).toBe(0);
  expect(app.registry.digestOf('assets', '0123')).toBe(app.registry.digestOf('team/cache', NAME));
  expect([...app.registry.authorizations]).toEqual(['the password', 'of the publishing'].map((password) => `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`));
  expect(dockerCalls().map(([command]) => command)).toEqual(['login', 'inspect']);
});

test('an image that cannot be published this way is built, named and pushed by Docker', async () => {
  app.machine.tell('docker', { '*': {} });
  app.registry.answers[`GET team/cache ${NAME}`] = { status: 403, body: '{"errors":[{"code":"DENIED","message":"not for you"}]}' };
  await login();
  await call(['--config', '/logins', 'build', '--build-arg', 'PASSWORD=secret', '--tag', NAME, '.']);
  await call(['--config', '/logins', 'tag', NAME, uri]);
  const { code, output } = await call(['push', uri]);
  expect(code).toBe(0);
  expect(output).toMatch(/WARNING: Docker itself builds this image again, without the layer cache: the registry denies access to .*not for you/);
  expect(output).toContain("build --build-arg 'PASSWORD=***'");
  expect(dockerCalls().slice(1)).toEqual([
    ['--config', '/logins', 'build', '--build-arg', 'PASSWORD=secret', '--tag', NAME, '.'], ['--config', '/logins', 'tag', NAME, uri], ['push', uri],
  ]);
  await call(['inspect', NAME]);
  expect(dockerCalls().at(-1)).toEqual(['inspect', NAME]); // it is with Docker now
});

test('what Docker cannot push either fails with its exit code', async () => {
  app.machine.tell('docker', { 'push *': { code: 6 }, '*': {} });
  await call(['build', '--tag', NAME, '.']);
  await call(['tag', NAME, uri]);
  const { code, output } = await call(['push', uri]);
  expect(code).toBe(6);
  expect(output).toContain(`nobody has logged in to ${app.registry.host}`);
});

test.each([['none', undefined, 'cannot be read (ENOENT'], ['one that is none', '{', 'cannot be read ('], ['that of another version', '{"version":1}', `is of version 1, and this program of version ${PLAN_VERSION}`]])(
  'a list of assets that is %s leaves all to Docker', async (_, content, reason) => {
    const file = path.join(app.assembly, 'docker-assets.json');
    if (content === undefined) fs.rmSync(file);
    else fs.writeFileSync(file, content);
    const { code, output } = await call(['build', '--tag', NAME, '.']);
    expect(code).toBe(3);
    expect(output).toContain(`WARNING: Docker itself builds this image, without the layer cache: the list of assets docker-assets.json ${reason}`);
  });
