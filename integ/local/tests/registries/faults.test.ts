import * as fs from 'fs';
import * as path from 'path';
import { DockerBuilder, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess, playCodeBuild } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const host = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';

let lab: Lab;
let app: ExampleApp;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());

beforeEach(() => {
  app = new ExampleApp(lab, { name: `Faults${apps++}`, additionalTags: ['latest'] });
  makeReportLight(app);
});

afterEach(() => lab.registry.clearFaults());

test('an image that its registry shows only after a moment is waited for', async () => {
  const stop = lab.registry.fault({ host, method: /GET/, url: /\/manifests\/sha256:/, times: 2 }, { kind: 'refuse', status: 404, code: 'MANIFEST_UNKNOWN' });
  const done = expectSuccess(await app.build('Report')) as ExampleBuild;
  expect(stop()).toBe(2);
  await expectImage(lab, done, 'report');
});

test('an additional tag that is refused fails the build after the layers were kept, and the retry sets it', async () => {
  lab.registry.fault({ host, method: /PUT/, url: /\/manifests\/latest$/ }, { kind: 'refuse', status: 403, code: 'DENIED', message: 'not this tag' });
  const refused = await app.build('Report');
  expect(refused.ok).toBe(false);
  expect(refused.log).toMatch(/ERROR: the tag 'latest' cannot be set in \S+ \(HTTP 403\): .*not this tag/);
  expect(refused.report).toMatchObject({ result: 'built, but failed after it', cacheWritten: 'yes' });

  lab.registry.clearFaults();
  const retry = expectSuccess(await app.build('Report', { buildKit: null })) as ExampleBuild;
  expect(retry.report.result).toBe('already there');
  expect((await lab.registry.manifest(retry.image.replace(/:[^:]+$/, ':latest'))).digest).toBe(retry.exported.IMAGE_DIGEST_0);

  app.changeSource('Report', 'second');
  expect((expectSuccess(await app.build('Report')) as ExampleBuild).report).toMatchObject({ steps: '5 cached, 1 run', cacheRead: 'yes' });
});

test('a registry that goes silent during a push is given up', async () => {
  lab.registry.fault({ host, method: /POST/, url: /\/blobs\/uploads\// }, { kind: 'delay', ms: 3_600_000 });
  const done = await app.build('Report');
  expect(done.ok).toBe(false);
  expect(done.seconds).toBeLessThan(200);
  expect(done.log).toMatch(/ERROR: the image could not be built or pushed: nothing came for 90 seconds/);
});

test('a push of the engine that fails once is done again', async () => {
  const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  try {
    const pushing = new ExampleApp(lab, { name: `Faults${apps++}`, builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.none() });
    pushing.write('report/Dockerfile', 'FROM docker.io/library/busybox:stable\nCOPY src /var/task/\n');
    const stop = lab.registry.fault({ host, method: /PUT/, url: /\/manifests\//, times: 1 }, { kind: 'refuse', status: 500 });
    const done = expectSuccess(await pushing.build('Report', { buildKit: null, environment: engine.environment })) as ExampleBuild;
    expect(stop()).toBe(1);
    expect(done.log).toContain('WARNING: the push failed, and is tried again: ');
    await expectImage(lab, done, 'report');
  } finally {
    await engine.wipe();
  }
});

test.each<[string, (context: string) => void, RegExp]>([
  ['a file is missing', (context) => fs.rmSync(path.join(context, 'src/app.py')), /ERROR: the context of 'ReportImage' is not the one that was synthesized: src\/app\.py is missing; /],
  ['a file has other contents', (context) => fs.writeFileSync(path.join(context, 'src/app.py'), fs.readFileSync(path.join(context, 'src/app.py'), 'utf8').replace('report', 'REPORT')),
    /ERROR: the context of 'ReportImage' is not the one that was synthesized: /],
  ['the folder is missing', (context) => fs.rmSync(context, { recursive: true }), /ERROR: the input has no asset\.\S+, the context of 'ReportImage'; /],
])('an artifact in which %s makes no image', async (_, breakIt, message) => {
  const { assembly, stack } = app.synth();
  const plan = JSON.parse(fs.readFileSync(path.join(assembly, fs.readdirSync(assembly).find((name) => /^image-.*Report.*\.json$/.test(name))!), 'utf8'));
  breakIt(path.join(assembly, plan.context));
  const buildKit = await BuildKit.fresh();
  const before = lab.registry.traffic.snapshot();
  const done = await playCodeBuild({ stack, aws: lab.aws, action: 'BuildReportImage', source: assembly, environment: buildKit.environment });
  await buildKit.wipe();
  expect(done.ok).toBe(false);
  expect(done.log).toMatch(message);
  expect(lab.registry.traffic.since(before).uploaded).toEqual([]);
});
