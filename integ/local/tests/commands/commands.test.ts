import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { CachedDockerBuildProject, CacheRepository, LayerCache } from '../../../../lib';
import { PLAN_VERSION } from '../../../../lib/plan/image-plan';
import { SETTINGS_VARIABLE } from '../../../../lib/plan/step-settings';
import { HandRunApp } from '../../apps/hand-run-app';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { TagMutability } from '../../registry/ecr-rules';
import { Registry } from '../../registry/registry';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

// A person at a machine with Docker and credentials: what the commands say, beside what builds do then, and what is in the registry.

const here = { account: '111111111111', region: 'eu-west-1' };
const host = Registry.ecrHost(here);

const dockerfile = `FROM busybox:stable
WORKDIR /app
COPY requirements.txt ./
RUN head -c 100000 /dev/urandom > dependencies
COPY conf /app/conf/
COPY src /app/
`;

let lab: Lab;
let engine: Engine;
let buildKit: BuildKit;
let app: HandRunApp;
let repositories: string[];
/** The image of `Api` that was built and pushed last. */
let newest: string;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here], open: ['docker.io', 'registry-1.docker.io'] });
  await (await baseImages.busybox()).publish(lab.registry, 'docker.io/library/busybox:stable');
  [engine, buildKit] = [await Engine.fresh({ suite: 'sid', store: 'overlay2' }), await BuildKit.fresh({ isInMemory: true })];
  app = new HandRunApp(lab, ['Api', 'Report'], (stack, [, report]) => {
    const layers = new CacheRepository(stack, 'Layers', { repositoryName: 'layers' });
    new CachedDockerBuildProject(stack, 'Project', { images: [report], layerCache: LayerCache.registry({ repository: layers }) });
  });
  for (const image of ['Api', 'Report']) {
    app.write(`${image}/Dockerfile`, dockerfile);
    app.write(`${image}/requirements.txt`, 'one');
    app.write(`${image}/conf/app.conf`, 'one');
    app.write(`${image}/src/app.py`, `one of ${image}`);
  }
  repositories = app.synth().createRepositories(lab.registry);
  mutability('IMMUTABLE_WITH_EXCLUSION', ['cache-*']);
}, 600_000);

afterAll(async () => {
  await engine.wipe();
  await buildKit.wipe();
  await lab.stop();
});

/** What Amazon ECR says of all repositories: the emulation knows none of those of the registry. */
function mutability(imageTagMutability: TagMutability, filters: readonly string[] = []): void {
  lab.aws.answer('ecr', 'DescribeRepositories', async () => ({
    repositories: [{ imageTagMutability, imageTagMutabilityExclusionFilters: filters.map((filter) => ({ filterType: 'WILDCARD', filter })) }],
  }));
}

async function tags(): Promise<string[][]> {
  return Promise.all(repositories.map(async (name) => (await lab.registry.tags(host, name).catch(() => [])).sort()));
}

/** Builds an image as a pipeline does, with a BuildKit that knows nothing. Gives what the report has of it. */
async function build(image: string, environment: { readonly [name: string]: string } = {}): Promise<any> {
  const machine = await BuildKit.fresh({ isInMemory: true });
  const outputs = freshDirectory('outputs');
  const { code, stdout } = await app.run(['build', image, '--outputs', outputs], { ...machine.environment, ...environment });
  await machine.wipe();
  if (code !== 0) throw new Error(stdout);
  const [report] = JSON.parse(fs.readFileSync(path.join(outputs, 'report.json'), 'utf8')).images;
  expect(report).toMatchObject({ name: image, result: 'built' });
  if (image === 'Api') newest = `${report.repository}:${report.tag}`;
  return report;
}

/** What explain says, and what the build does then. */
async function foreseen(change: () => void): Promise<{ readonly explained: any; readonly built: any }> {
  change();
  app.synth();
  const explained = await app.json(['explain', 'Api']);
  expect(explained).toMatchObject({ code: 0, version: 1, inRepository: false });
  return { explained, built: await build('Api') };
}

const there = ({ images }: any) => images.map(({ name, inRepository, cache: { written } }: any) => [name, inRepository, written]);
const differences = (explained: any) => explained.differences.map(({ text }: any) => text);
const findings = ({ findings: all }: any, result: string) => all.filter((finding: any) => finding.result === result).map(({ check }: any) => check);

test('before the first build, nothing is there, and every step would run', async () => {
  const listed = await app.json(['list']);
  expect([listed.code, there(listed)]).toEqual([0, [['Api', false, false], ['Report', false, false]]]);
  const { explained, built } = await foreseen(() => undefined);
  expect(explained).not.toHaveProperty('lastBuild');
  expect(explained.firstRun).toMatchObject({ step: 'WORKDIR /app', line: 2, reasons: [{ kind: 'empty-cache' }] });
  expect(built.firstRun).toMatchObject({ step: 'WORKDIR /app', line: 2, reasons: [{ kind: 'empty-cache' }] });
});

test('after a build, its image is there with its cache, and there is nothing to explain', async () => {
  const listed = await app.json(['list']);
  expect(there(listed)).toEqual([['Api', true, true], ['Report', false, false]]);
  expect(listed.images[0].digest).toBe((await lab.registry.manifest(`${listed.images[0].repository}:${listed.images[0].tag}`)).digest);
  expect(listed.images[0].cache.bytes).toBeGreaterThan(100_000);
  expect(Date.now() - Date.parse(listed.images[0].cache.writtenAt)).toBeLessThan(600_000);
  expect(await app.json(['explain', 'Api'])).toMatchObject({ code: 0, inRepository: true });
});

test('of another requirement, explain names the file and the step that then runs first, and builds nothing', async () => {
  const before = await tags();
  const { explained, built } = await foreseen(() => app.write('Api/requirements.txt', 'two'));
  expect(differences(explained)).toEqual(['`requirements.txt` changed']);
  expect(explained).toMatchObject({ mayRun: [], firstRun: { step: 'COPY requirements.txt ./', line: 3, reasons: [{ kind: 'files', text: '`requirements.txt` changed' }] } });
  expect(built.firstRun).toEqual(explained.firstRun);
  expect((await tags()).flat().length).toBe(before.flat().length + 1); // the tag of the build
});

test('of another source and a new file, it names both, the copy, and the copy before it that may not be in the cache', async () => {
  const { explained, built } = await foreseen(() => {
    app.write('Api/src/app.py', 'two');
    app.write('Api/src/new.py', 'new');
  });
  expect(differences(explained)).toEqual(['`src/app.py` changed', '`src/new.py` is new']);
  expect(explained).toMatchObject({ firstRun: { line: 6 }, mayRun: [{ line: 5, reasons: [{ kind: 'not-in-cache' }] }] });
  expect(built.firstRun).toEqual(explained.firstRun);
});

test('of a copy that the cache was not written for, it says so: that one then runs first', async () => {
  await foreseen(() => app.write('Api/conf/app.conf', 'two'));
  const { explained, built } = await foreseen(() => app.write('Api/src/app.py', 'three'));
  expect(explained).toMatchObject({ firstRun: { line: 6 }, mayRun: [{ line: 5 }] });
  expect(built.firstRun).toMatchObject({ line: 5, reasons: [{ kind: 'not-in-cache' }] });
});

test('of another Dockerfile and another base image, it says which line and which image', async () => {
  await (await baseImages.pythonSlim()).publish(lab.registry, 'docker.io/library/busybox:stable');
  const { explained, built } = await foreseen(() => app.write('Api/Dockerfile', dockerfile.replace('100000', '100001')));
  expect(differences(explained)).toEqual(['the Dockerfile changed (line 4)', 'the base image docker.io/library/busybox:stable is another one', '`Dockerfile` changed']);
  expect(explained.firstRun).toMatchObject({ line: 2, reasons: [{ kind: 'base-image' }] });
  expect(built.firstRun).toEqual(explained.firstRun);
});

test('the layer cache that a project of the app declares is the one that is looked at', async () => {
  const layerCache = { kind: 'registry', repository: `${host}/layers`, mode: 'max', compression: 'zstd' };
  await build('Report', { [SETTINGS_VARIABLE]: JSON.stringify({ version: PLAN_VERSION, layerCache, builder: { kind: 'buildkit', buildkitImage: 'none' } }) });
  const [, report] = (await app.json(['list'])).images;
  expect(report).toMatchObject({ inRepository: true, cache: { repository: `${host}/layers`, written: true } });
  app.write('Report/src/app.py', 'two');
  app.synth();
  const explained = await app.json(['explain', 'Report']);
  expect(explained).toMatchObject({ lastBuild: { record: expect.stringContaining(`${host}/layers:cache-`) }, firstRun: { line: 6 } });
});

test.each(['the engine', 'another builder'])('a build without a push by %s has the layers of the cache, leaves the image in the engine, and the registry as it was', async (builder) => {
  app.write('Api/src/app.py', `tried by ${builder}`);
  app.synth();
  const before = await tags();
  const { code, stdout } = await app.run(['build', 'Api', '--no-push'], { PATH: engine.environment.PATH, ...builder === 'the engine' ? {} : buildKit.environment });
  expect([code, stdout.split('\n').find((line) => line.startsWith('result'))]).toEqual([0, 'result        built, and not pushed']);
  expect(stdout).toMatch(/^first run {5}COPY /m);
  const [, name] = /^loaded as {5}(\S+)$/m.exec(stdout)!;
  expect(await engine.docker('run', '--rm', '--network', 'none', name, 'cat', '/app/app.py')).toBe(`tried by ${builder}`);
  const digest = (await engine.docker('run', '--rm', '--network', 'none', name, 'sha256sum', '/app/dependencies')).split(' ')[0];
  expect(digest).toBe(createHash('sha256').update(await imageFile(lab.registry, newest, (await lab.registry.manifest(newest)).manifest, 'app/dependencies')).digest('hex'));
  expect(await tags()).toEqual(before);
});

test('a build without a push works without credentials and says that it reads no cache', async () => {
  const { code, stdout } = await app.run(['build', 'Report', '--no-push'], { PATH: engine.environment.PATH, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^WARNING: the layer cache is not read: there is no password for .*: Unable to locate credentials/m);
  expect(stdout).toMatch(/^loaded as {5}cached-docker-build\/report:/m);
});

describe('doctor', () => {
  test('finds nothing wrong where nothing is', async () => {
    const report = await app.json(['doctor'], { PATH: engine.environment.PATH });
    expect(report).toMatchObject({ code: 0, version: 1, problems: 0 });
    expect(findings(report, 'ok')).toEqual(expect.arrayContaining(['node', 'docker', 'buildx', 'engine', 'builder', 'credentials', 'app', 'repository', 'cache tags', 'layer cache']));
    expect(report.findings.find(({ check, text }: any) => check === 'layer cache' && text.includes('Api')).text).toMatch(/: \d+\.\d MB, written \d{4}-\d\d-\d\d \d\d:\d\d UTC$/);
  });

  test('finds a repository that refuses to set cache tags again', async () => {
    mutability('IMMUTABLE');
    expect(findings(await app.json(['doctor'], { PATH: engine.environment.PATH }), 'problem')).toEqual(['cache tags', 'cache tags']);
    mutability('IMMUTABLE_WITH_EXCLUSION', ['cache-*']);
  });

  test('finds a repository that is not there', async () => {
    lab.registry.deleteRepository(here, repositories[1]);
    const report = await app.json(['doctor'], { PATH: engine.environment.PATH });
    expect([report.code, findings(report, 'problem')]).toEqual([1, ['repository']]);
    expect(report.findings.find(({ result }: any) => result === 'problem').text).toContain(`${host}/${repositories[1]} does not exist`);
    lab.registry.createRepository(here, repositories[1], { mutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['cache-*'] });
  });

  test('says it where there is no Docker, where no engine answers, and where nobody is signed in', async () => {
    const nobody = { PATH: engine.environment.PATH, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const [none, silent, stranger] = await Promise.all([
      app.json(['doctor'], { PATH: freshDirectory('empty') }),
      app.json(['doctor'], { PATH: engine.environment.PATH, DOCKER_HOST: 'unix:///run/nobody.sock' }),
      app.json(['doctor'], nobody),
    ]);
    expect([none.code, findings(none, 'problem')]).toEqual([1, ['docker']]);
    expect([silent.code, findings(silent, 'problem')]).toEqual([1, ['engine']]);
    expect([stranger.code, findings(stranger, 'problem')]).toEqual([1, ['credentials', 'repository']]);
  });

  test('says it where the disk is full', async () => {
    const disk = freshDirectory('disk');
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    await execute('sh', ['-c', `cat /dev/zero > ${disk}/all || true`]);
    const report = await app.json(['doctor'], { PATH: engine.environment.PATH, TMPDIR: disk });
    expect([report.code, findings(report, 'problem')]).toEqual([1, ['disk']]);
    const { code, stdout } = await app.run(['build', 'Report', '--no-push'], { PATH: engine.environment.PATH, TMPDIR: disk });
    await execute('umount', [disk]);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/ERROR: the disk for temporary files is full/)]);
  });
});
