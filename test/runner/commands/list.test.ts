import * as fs from 'fs';
import * as path from 'path';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { DENIED } from '../testhelpers/fake-registry';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => {
  app = apps();
  app.settings({ layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' } });
});

test('images that are there and that are not are told from each other, and so are their caches', async () => {
  app.image('Api');
  app.image('Report');
  app.image('Worker');
  const digest = app.has('Api');
  app.hasCache('Api', '2026-11-20T10:12:13.000Z');
  app.hasCache('Worker');
  const { code, lines, stderr } = await app.run('list');
  expect([code, stderr]).toEqual([0, '']);
  const repository = `${app.registry.host}/team`;
  expect(lines).toEqual([
    `image   there  tag  repository${' '.repeat(repository.length + 7 - 10)}  layer cache`,
    `Api     yes    v1   ${repository}/api     2.0 MB, written 2026-11-20 10:12 UTC`,
    `Report  no     v1   ${repository}/report  none yet`,
    `Worker  no     v1   ${repository}/worker  2.0 MB`,
  ]);
  const { version, assembly, images } = JSON.parse((await app.run('list', '--json')).lines.join('\n'));
  expect([version, assembly]).toEqual([1, app.assembly]);
  expect(images[0]).toEqual({
    name: 'Api',
    plan: 'image-Api.json',
    tag: 'v1',
    repository: `${repository}/api`,
    inRepository: true,
    digest,
    keptIn: 'registry',
    problems: [],
    cache: { repository: `${repository}/api`, tag: 'cache-a', written: true, bytes: 2_000_000, writtenAt: '2026-11-20T10:12:13.000Z' },
  });
  expect(images[1]).toMatchObject({ inRepository: false, cache: { written: false } });
  expect(images[1]).not.toHaveProperty('digest');
});

test('it asks for one password, and changes nothing', async () => {
  for (let image = 0; image < 20; image++) app.image(`Image${image}`);
  expect((await app.run('list')).code).toBe(0);
  expect(app.machine.argumentsOf('docker-credential-ecr-login')).toEqual([['get']]);
  expect(app.registry.requests.every((request) => request.startsWith('GET '))).toBe(true);
  expect([app.built, fs.readdirSync(app.machine.path('tmp'))]).toEqual([[], []]);
});

test('what cannot be asked for is said of each image, and ends with 1', async () => {
  app.image('Api');
  app.image('Gone');
  app.has('Api');
  app.registry.answers['GET team/gone v1'] = { status: 404, body: '{"errors":[{"code":"NAME_UNKNOWN"}]}' };
  app.registry.answers['GET team/gone cache-a'] = DENIED;
  const { code, lines } = await app.run('list');
  expect(code).toBe(1);
  expect(lines[1]).toMatch(/^Api +yes /);
  expect(lines[2]).toMatch(/^Gone +unknown .* unknown$/);
  expect(lines.slice(3)).toEqual(['', expect.stringMatching(/^Gone: the repository \S+ does not exist; /), expect.stringMatching(/^Gone: the registry denies access to /)]);
});

test('without credentials, the images are listed all the same', async () => {
  app.image('Api');
  app.machine.tell('docker-credential-ecr-login', { get: { code: 1 } });
  app.machine.tell('aws', { 'ecr *': { code: 255, stderr: 'Unable to locate credentials\n' } });
  const { code, lines } = await app.run('list');
  expect([code, lines.slice(2)]).toEqual([1, ['', `Api: there is no password for ${app.registry.host}: Unable to locate credentials`]]);
});

test('where nobody knows the account, only images that need it are not asked for', async () => {
  app.image('Api', { repository: '${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/api' });
  app.image('Report');
  const { code, lines } = await app.run('list');
  expect(code).toBe(1);
  expect(lines[1]).toMatch(/^Api +unknown +v1 +unknown/);
  expect(lines[2]).toMatch(/^Report +no /);
  expect(lines.at(-1)).toBe("Api: the region is not known: set AWS_REGION to the region of the image's repository");
});

test('an image that has a tag only in a pipeline is listed with the reason, and is no failure', async () => {
  app.image('Source', { tag: undefined });
  app.image('Report');
  const { code, lines } = await app.run('list');
  expect(code).toBe(0);
  expect(lines[1]).toMatch(/^Report +no /);
  expect(lines[2]).toMatch(/^Source +unknown/);
  expect(lines.at(-1)).toMatch(/^Source: the cloud assembly does not say which commit/);
});

test('a plan that cannot be read is listed with the reason, and is a failure', async () => {
  app.image('Source', { tag: undefined });
  fs.writeFileSync(path.join(app.assembly, 'image-Broken.json'), '{');
  const { code, lines } = await app.run('list');
  expect(code).toBe(1);
  expect(lines.slice(-2)).toEqual([expect.stringMatching(/^image-Broken\.json: the plan image-Broken\.json cannot be read/), expect.stringMatching(/^Source: the cloud assembly does not say which commit/)]);
});

test('an app without images says so', async () => {
  expect(await app.run('list')).toMatchObject({ code: 0, lines: [`${app.assembly} has no images: no stack of the app has a CachedDockerImage`] });
  expect(JSON.parse((await app.run('list', '--json')).lines.join('\n'))).toMatchObject({ version: 1, images: [] });
});

test('names of images are shown without what a terminal would obey, also in JSON', async () => {
  app.image('Api', { name: 'Api\x1b]0;title\x07\u202e\x9b\nERROR: x' });
  for (const args of [['list'], ['list', '--json']]) {
    const text = (await app.run(...args)).lines.join('\n');
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]|^ERROR/m);
    expect(text).toContain('Api');
  }
});

test('whoever reads the first line only gets no trace of an error', async () => {
  app.image('Api');
  app.has('Api');
  const { child, outcome } = app.start('list');
  child.stdout!.destroy();
  expect(await outcome).toMatchObject({ stderr: '' });
});

describe('the layer cache', () => {
  /** Lets a step of the app build an image, with these settings. */
  function declare(settings: object): void {
    delete app.env.CACHED_DOCKER_BUILD_SETTINGS;
    const value = JSON.stringify({ version: PLAN_VERSION, builder: { kind: 'buildkit' }, ...settings });
    const project = { Environment: { EnvironmentVariables: [{ Name: 'CACHED_DOCKER_BUILD_SETTINGS', Value: value }] }, Source: { BuildSpec: 'build image-Api.json' } };
    fs.writeFileSync(path.join(app.assembly, 's.template.json'), JSON.stringify({ Resources: { P: { Type: 'AWS::CodeBuild::Project', Properties: project } } }));
    const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 's.template.json' } };
    fs.writeFileSync(path.join(app.assembly, 'manifest.json'), JSON.stringify({ artifacts: { S: stack } }));
  }

  const registry = { kind: 'registry', mode: 'max', compression: 'zstd' };
  const row = async (name: string) => (await app.run('list')).lines.find((line) => line.startsWith(name))!;

  test('of an image that a step builds is that of the step', async () => {
    app.image('Api');
    app.image('Report');
    app.hasCache('Report');
    declare({ layerCache: { ...registry, repository: `${app.registry.host}/team/layers`, scope: 'main' } });
    const { images } = JSON.parse((await app.run('list', '--json')).lines.join('\n'));
    expect(images[0].cache).toEqual({ repository: `${app.registry.host}/team/layers`, tag: expect.stringMatching(/^cache-s_main-/), written: false });
    expect(images[1].cache).toMatchObject({ repository: `${app.registry.host}/team/report`, tag: 'cache-a', written: true });
  });

  test.each([
    [{ layerCache: { kind: 'none' } }, 'off', 'nowhere'], [{ layerCache: { kind: 'inline', tags: ['latest'], stages: [] } }, 'in the image', 'image'],
    [{ layerCache: { kind: 's3', region: 'eu-west-1', bucket: 'b', prefix: 'p/', mode: 'max' } }, 'in a bucket', 'bucket'],
    [{ layerCache: { kind: 'engine' } }, 'with its builder', 'builder'], [{ layerCache: registry, builder: { kind: 'kaniko' } }, 'with its builder', 'builder'],
  ])('of %j is said, and not asked for', async (settings, text, keptIn) => {
    app.image('Api');
    declare(settings);
    expect(await row('Api')).toMatch(new RegExp(` {2}${text}$`));
    expect(JSON.parse((await app.run('list', '--json')).lines.join('\n')).images[0]).toMatchObject({ keptIn, problems: [] });
    expect(new Set(app.registry.requests)).toEqual(new Set(['GET team/api v1']));
  });

  test('whose scope only the pipeline knows is unknown, until its variable is given', async () => {
    app.image('Api');
    declare({ layerCache: { ...registry, scope: { variable: 'CACHED_DOCKER_BUILD_CACHE_SCOPE' } } });
    const { code, lines } = await app.run('list');
    expect([code, lines[1], lines.at(-1)]).toEqual([
      1, expect.stringMatching(/^Api +no .* unknown$/), 'Api: the environment variable CACHED_DOCKER_BUILD_CACHE_SCOPE is missing; it is set by the action of the pipeline',
    ]);
    app.env.CACHED_DOCKER_BUILD_CACHE_SCOPE = 'main';
    expect(await row('Api')).toMatch(/ {2}none yet$/);
  });
});
