import * as fs from 'fs';
import { localName } from '../../../runner/trial/local-name';
import { DENIED } from '../testhelpers/fake-registry';
import { vertex } from '../testhelpers/progress';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const ENGINE = JSON.stringify({ ServerVersion: '28.5.2', DriverStatus: [], ClientInfo: { Context: 'desktop' } });

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => {
  app = apps();
  app.settings({ layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' } });
  delete app.env.BUILDX_BUILDER;
});

/** A Docker with an engine. What its builds say, and how they end, is told by the image. */
function docker(run: { readonly [image: string]: string } = {}, info = ENGINE): void {
  fs.writeFileSync(app.machine.path('info'), info);
  const cases = Object.entries(run).map(([image, script]) => `*asset.${image}) ${script} ;;`).join('\n');
  app.machine.script('docker', `case "$*" in
    info*) cat "$fakes/info" ;;
    'buildx inspect '*|'buildx version'*) echo 'github.com/docker/buildx v0.32.1 x' ;;
    ${cases}
    'buildx build '*) : ;;
    *) exit 97 ;;
  esac`);
}

const shows = (text: string) => {
  const file = app.machine.path(`shown.${fs.readdirSync(app.machine.directory).length}`);
  fs.writeFileSync(file, text);
  return `cat '${file}' >&2`;
};
const builds = () => app.machine.argumentsOf('docker').filter(([, command]) => command === 'build');
const only = (lines: readonly string[], start: string) => lines.filter((line) => line.startsWith(start));

test('an image is built into the engine of this machine, as it is, with the layers of the cache, and its name is said', async () => {
  app.image('Api');
  docker();
  const { code, lines, stderr } = await app.run('build', 'Api', '--no-push');
  expect([code, stderr]).toEqual([0, '']);
  const [args] = builds();
  expect(args.slice(0, 7)).toEqual(['buildx', 'build', '--builder', 'desktop', '--load', '--tag', 'cached-docker-build/api:v1']);
  expect(args.slice(args.indexOf('--cache-from'))).toEqual(['--cache-from', `type=registry,ref=${app.registry.host}/team/api:cache-a`, `${app.assembly}/asset.Api`]);
  expect(lines).toEqual(expect.arrayContaining([
    'builder: the Docker engine, 28.5.2', 'result        built, and not pushed', 'loaded as     cached-docker-build/api:v1', 'cache written no, as nothing is pushed',
  ]));
});

test('nothing is written to a registry or a cache, whether the image is there or not', async () => {
  app.image('Api');
  app.image('Report');
  app.has('Api');
  docker();
  expect((await app.run('build', '--all', '--no-push')).code).toBe(0);
  expect(builds()).toHaveLength(2);
  expect(builds().flat().filter((arg) => /push|cache-to|type=image/.test(arg))).toEqual([]);
  expect(app.registry.requests.length).toBeGreaterThan(0);
  expect(app.registry.requests.every((request) => request.startsWith('GET '))).toBe(true);
  expect(fs.readdirSync(app.machine.path('tmp'))).toEqual([]);
});

test('the builder of BUILDX_BUILDER builds, and hands the image to the engine', async () => {
  app.image('Api');
  app.env.BUILDX_BUILDER = 'far';
  docker();
  expect((await app.run('build', 'Api', '--no-push')).lines).toContain('builder: given in BUILDX_BUILDER, far');
  expect(builds()[0].slice(2, 5)).toEqual(['--builder', 'far', '--load']);
});

test('several images are told from each other', async () => {
  app.image('Api');
  app.image('Report');
  docker({ Report: `${shows(vertex('[1/1] RUN false', { error: 'process "false" did not complete successfully: exit code: 1' }))}; exit 1` });
  const { code, lines } = await app.run('build', '--all', '--no-push');
  expect(code).toBe(1);
  expect(lines).toContainEqual(expect.stringMatching(/^Api +v1 +built, and not pushed +/));
  expect(lines).toContainEqual(expect.stringMatching(/^Api +cached-docker-build\/api:v1$/));
  expect(lines.join('\n')).toContain('ERROR: \'Report\' failed: the image could not be built: process "false" did not complete successfully: exit code: 1');
});

test('the report for programs says what the image is called', async () => {
  app.image('Api');
  docker();
  await app.run('build', 'Api', '--no-push', '--outputs', app.machine.path('outputs'));
  const { version, images } = JSON.parse(fs.readFileSync(app.machine.path('outputs/report.json'), 'utf8'));
  expect([version, images[0].result, images[0].loadedAs]).toEqual([1, 'built, and not pushed', 'cached-docker-build/api:v1']);
  expect(images[0]).not.toHaveProperty('digest');
  expect(fs.readdirSync(app.machine.path('outputs')).sort()).toEqual(['report.html', 'report.json', 'report.xml']);
});

test.each([
  ['without credentials', () => { app.machine.tell('docker-credential-ecr-login', { get: { code: 1 } }); app.machine.tell('aws', { 'ecr *': { code: 255, stderr: 'Unable to locate credentials\n' } }); }, /there is no password for \S+: Unable to locate credentials/],
  ['where nobody knows the account', () => {
    const file = `${app.assembly}/image-Api.json`;
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), repository: '${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/api' }));
  }, /the region is not known: set AWS_REGION/],
])('%s, the image is built without the cache, and that is said', async (_, prepare, reason) => {
  app.image('Api');
  docker();
  prepare();
  const { code, lines } = await app.run('build', 'Api', '--no-push');
  expect(code).toBe(0);
  expect(only(lines, 'WARNING: the layer cache is not read: ')).toEqual([expect.stringMatching(reason)]);
  expect(only(lines, 'cache read')).toEqual([expect.stringMatching(reason)]);
  expect(builds()[0]).not.toContain('--cache-from');
});

test('an engine reads no cache in a bucket, and another builder does', async () => {
  app.image('Api');
  app.settings({ layerCache: { kind: 's3', region: 'eu-west-1', bucket: 'b', prefix: 'p/', mode: 'max' } });
  docker();
  const { lines } = await app.run('build', 'Api', '--no-push');
  expect(only(lines, 'WARNING')).toEqual(['WARNING: the layer cache is not read: it is in a bucket, which only a builder that BUILDX_BUILDER names can read']);
  expect(builds()[0]).not.toContain('--cache-from');
});

test('a record that may not be read does not keep the image from being built', async () => {
  app.image('Api');
  app.registry.answers['GET team/api cache-a_record'] = DENIED;
  docker();
  const { code, lines } = await app.run('build', 'Api', '--no-push');
  expect([code, only(lines, 'WARNING')]).toEqual([0, [expect.stringContaining('the record of the last build, cache-a_record, cannot be read')]]);
});

test('a cache that fails the build is left out in a second attempt', async () => {
  app.image('Api');
  const failing = shows(vertex('importing cache manifest from x/team/api:cache-a') + vertex('[2/2] RUN make', { error: 'failed to load cache key: not found' }));
  docker({ Api: `case "$*" in *--cache-from*) ${failing}; exit 1 ;; esac` });
  const { code, lines } = await app.run('build', 'Api', '--no-push');
  expect([code, builds().length, only(lines, 'WARNING')]).toEqual([0, 2, [expect.stringContaining('is tried once more without the layer cache')]]);
});

test.each([['no engine', '{"ServerVersion":""}'], ['no docker', undefined]])('with %s, it says where to look', async (_, info) => {
  app.image('Api');
  if (info === undefined) app.machine.remove('docker');
  else docker({}, info);
  const { code, lines } = await app.run('build', 'Api', '--no-push');
  expect([code, lines.at(-1)]).toEqual([1, "ERROR: no Docker engine answers, and the image has to be in one: start Docker ('doctor' says what this machine has)"]);
});

test('with a buildx that is too old, it says so', async () => {
  app.image('Api');
  docker({ Api: 'exit 1' });
  app.machine.script('docker', 'case "$*" in info*) cat "$fakes/info" ;; \'buildx version\') echo \'github.com/docker/buildx v0.11.0 x\' ;; *) exit 1 ;; esac');
  expect((await app.run('build', 'Api', '--no-push')).lines.at(-1)).toMatch(/^ERROR: the buildx of the build image is 0\.11, and 0\.13 is needed/);
});

test('secrets reach the build alone, and one that is missing is named', async () => {
  app.image('Api', { secretIds: ['token'] });
  docker();
  expect((await app.run('build', 'Api', '--no-push')).lines.at(-1)).toMatch(/put it into the environment variable BUILD_SECRET_token$/);
  app.env.BUILD_SECRET_token = 'the-secret';
  expect((await app.run('build', 'Api', '--no-push')).lines.join('\n')).not.toContain('the-secret');
  const calls = app.machine.calls('docker').filter(({ environment }) => environment.BUILD_SECRET_token === 'the-secret');
  expect(calls.map(({ args }) => args[1])).toEqual(['build']);
});

test.each([
  ['Api', 'v1', 'cached-docker-build/api:v1'], ['Stack/ApiImage', '75e86bc9bc9850d0897f', 'cached-docker-build/stack-apiimage:75e86bc9bc98'],
  ['--Ä_b..c--', 'v1', 'cached-docker-build/b-c:v1'], ['Ä', 'v1', 'cached-docker-build/image:v1'],
])('the image %j with the tag %s is called %s', (name, tag, expected) => {
  expect(localName({ name, tag })).toBe(expected);
});
