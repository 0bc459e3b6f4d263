import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { FaultEffect } from '../../registry/faults';
import { Lab } from '../../world/lab';

// A cache whose list of layers is there, and whose layers cannot be had: what reads only the list takes it for whole.

const host = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';
const region = 'eu-west-1';
const elsewhere = new Stack(new App(), 'Elsewhere', { env: { account: '111111111111', region } });

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
  await lab.s3.createBucket('layers', region);
}, 600_000);

afterAll(async () => lab.stop());
afterEach(() => lab.registry.clearFaults());

/** Builds, breaks the cache, and builds what needs a layer that only the cache has; then once more on a new machine. */
async function expectRepair(cache: () => LayerCache, breakIt: (first: ExampleBuild) => unknown): Promise<void> {
  const app = new ExampleApp(lab, { name: `Broken${apps++}`, cache });
  makeReportLight(app, '/opt/one/');
  const first = expectSuccess(await app.build('Report')) as ExampleBuild;
  await breakIt(first);

  makeReportLight(app, '/opt/two/');
  const second = expectSuccess(await app.build('Report')) as ExampleBuild;
  await expectImage(lab, second, 'report');
  expect(second.log).toContain('WARNING: the build failed, and is tried once more without the layer cache: ');
  expect(second.log).toContain('WARNING: the layer cache could not be read: ');
  expect(second.report).toMatchObject({ result: 'built', cacheRead: expect.stringMatching(/^no, (?!there is none)/), cacheWritten: 'yes' });

  lab.registry.clearFaults();
  makeReportLight(app, '/opt/three/');
  const third = expectSuccess(await app.build('Report')) as ExampleBuild;
  await expectImage(lab, third, 'report');
  expect(third.log).not.toContain('tried once more');
  expect(third.report).toMatchObject({ steps: '4 cached, 2 run', cacheRead: 'yes', cacheWritten: 'yes' });
}

/** The layers that the cache of an image names. */
async function cacheLayers({ image }: ExampleBuild): Promise<string[]> {
  const [, repository] = /^[^/]+\/(.+):[^:]+$/.exec(image)!;
  const tag = (await lab.registry.tags(host, repository)).find((name) => name.startsWith('cache-') && !name.endsWith('_pushed'))!;
  const { manifest } = await lab.registry.manifest(`${host}/${repository}:${tag}`);
  return manifest.layers.map(({ digest }: { digest: string }) => digest);
}

test.each<[string, FaultEffect]>([
  ['gone', { kind: 'refuse', status: 404, code: 'BLOB_UNKNOWN' }],
  ['refused', { kind: 'refuse', status: 403 }],
  ['behind a registry that fails', { kind: 'refuse', status: 500 }],
  ['behind a registry that never answers', { kind: 'delay', ms: 3_600_000 }],
])('a cache in the registry whose layers are %s is left out, and replaced', async (_, effect) => {
  await expectRepair(() => LayerCache.registry(), async (first) => {
    lab.registry.fault({ host, method: /GET/, url: new RegExp((await cacheLayers(first)).join('|')) }, effect);
  });
});

test('a cache in the registry whose layers are corrupt is left out, and replaced', async () => {
  await expectRepair(() => LayerCache.registry(), async (first) => {
    const inImage = (await lab.registry.manifest(first.image)).manifest.layers.map(({ digest }: { digest: string }) => digest);
    const only = (await cacheLayers(first)).filter((digest) => !inImage.includes(digest));
    expect(only.length).toBeGreaterThan(0);
    only.forEach((digest) => lab.registry.storage.corrupt(digest));
  });
});

test('a cache in a bucket whose layers are gone is left out, and replaced', async () => {
  const bucket = Bucket.fromBucketName(elsewhere, 'Layers', 'layers');
  await expectRepair(() => LayerCache.s3(bucket), async () => {
    const blobs = Object.keys(await lab.s3.objects('layers', region, 'docker-layers/blobs/'));
    expect(blobs.length).toBeGreaterThan(0);
    for (const key of blobs) await lab.aws.client(region, 's3api', 'delete-object', '--bucket', 'layers', '--key', key);
  });
});

test('an image that carries its cache, and whose layers cannot be had, fails no build', async () => {
  const app = new ExampleApp(lab, { name: `Broken${apps++}`, cache: () => LayerCache.inline() });
  app.write('report/Dockerfile', 'FROM docker.io/library/busybox:stable\nWORKDIR /var/task\nRUN mkdir -p /opt/made\nCOPY src /var/task/\n');
  expectSuccess(await app.build('Report'));
  app.changeSource('Report', 'second');
  lab.registry.fault({ host, method: /GET/, url: /\/blobs\/sha256:/ }, { kind: 'refuse', status: 500 });
  const second = expectSuccess(await app.build('Report')) as ExampleBuild;
  await expectImage(lab, second, 'second');
  lab.registry.clearFaults();
  app.changeSource('Report', 'third');
  expect((expectSuccess(await app.build('Report')) as ExampleBuild).report.steps).toBe('2 cached, 1 run');
});

test('a step that fails is no matter of the cache, and is not tried again', async () => {
  const app = new ExampleApp(lab, { name: `Broken${apps++}` });
  makeReportLight(app);
  expectSuccess(await app.build('Report'));
  app.write('report/Dockerfile', 'FROM docker.io/library/busybox:stable\nRUN exit 3\n');
  const failed = await app.build('Report');
  expect(failed.ok).toBe(false);
  expect(failed.log).not.toContain('tried once more');
  expect(failed.log).toContain('did not complete successfully: exit code: 3');
});
