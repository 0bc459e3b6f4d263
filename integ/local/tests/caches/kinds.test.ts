import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CacheCompression, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild, ExampleBuildOptions, ExampleImage } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { publishBaseImages } from '../../images/base-images';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const layers = Repository.fromRepositoryName(elsewhere, 'Layers', 'layers');
const bucket = Bucket.fromBucketName(elsewhere, 'Bucket', 'layers-of-builds');
const MB = 1_000_000;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  lab.registry.createRepository(home, 'layers');
  await lab.s3.createBucket('layers-of-builds', home.region);
}, 600_000);

afterAll(async () => lab.stop());

const caches: { readonly [name: string]: () => LayerCache } = {
  'LayerCache.registry({ repository })': () => LayerCache.registry({ repository: layers }),
  'LayerCache.registry({ compression: ZSTD })': () => LayerCache.registry({ compression: CacheCompression.ZSTD }),
  'LayerCache.s3()': () => LayerCache.s3(bucket),
};

/** How a build went, and how many bytes went to S3 and came from there. */
interface BuildWithBucket extends ExampleBuild {
  readonly s3: { readonly up: number; readonly down: number };
}

async function build(app: ExampleApp, image: ExampleImage, options?: ExampleBuildOptions): Promise<BuildWithBucket> {
  const before = lab.s3.snapshot();
  const done = await app.build(image, options);
  const requests = lab.s3.since(before);
  const sum = (direction: 'up' | 'down') => requests.reduce((total, request) => total + request[direction], 0);
  return { ...done, s3: { up: sum('up'), down: sum('down') } };
}

describe.each(Object.keys(caches))('%s', name => {
  const inBucket = name === 'LayerCache.s3()';

  describe.each<[ExampleImage, number, number, string[]]>([
    ['Api', 4, 1, ['second']],
    ['Report', 6, 2, ['second', 'third']],
  ])('%s', (image, steps, untouched, sources) => {
    let app: ExampleApp;

    beforeAll(() => {
      app = new ExampleApp(lab, { name: `Kind${Object.keys(caches).indexOf(name)}${image}`, cache: caches[name] });
    });

    async function expectSourceChange(marker: string) {
      app.changeSource(image, marker);
      const done = await build(app, image);
      await expectImage(lab, done, marker);
      expect(done.report).toMatchObject({ steps: `${steps - 1} cached, 1 run`, cacheRead: 'yes', cacheWritten: 'not needed, only copies are new' });
      expect(done.traffic.blobs.up + done.s3.up).toBeLessThan(0.1 * MB);
      expect(done.traffic.blobs.down + done.s3.down).toBeLessThan(0.1 * MB);
    }

    test('the first build runs every step', async () => {
      app.changeSource(image, 'first');
      const done = await build(app, image);
      await expectImage(lab, done, 'first');
      const cacheRead = inBucket ? 'no, there is none yet or nothing of it fits' : 'no, there is none yet';
      expect(done.report).toMatchObject({ steps: `0 cached, ${steps} run`, cacheRead, cacheWritten: 'yes' });
    });

    test('the same again builds nothing', async () => {
      const done = await build(app, image, { buildKit: null });
      expect(done.report).toMatchObject({ result: 'already there', cacheRead: 'not needed', cacheWritten: 'not needed' });
      expect(done.s3).toEqual({ up: 0, down: 0 });
    });

    test.each(sources)('the %s source reuses the dependencies, and uploads only itself', expectSourceChange);

    test('other dependencies are installed, and kept', async () => {
      app.changeDependency(image, '2.0.0');
      const changed = await build(app, image);
      await expectImage(lab, changed, sources[sources.length - 1]);
      expect(changed.report.steps).toBe(`${untouched} cached, ${steps - untouched} run`);
      // a build that has read from a bucket does not keep there what linked copies are joined to
      if (image === 'Report' && !inBucket) await expectSourceChange('after the dependency');
    });
  });
});

test('a layer that was compressed for the cache alone is one that Lambda takes when it becomes part of the image', async () => {
  const app = new ExampleApp(lab, { name: 'Recompressed', cache: caches['LayerCache.registry({ compression: ZSTD })'] });
  await expectImage(lab, await build(app, 'Report'), 'report');
  app.write('report/Dockerfile', [
    'FROM public.ecr.aws/lambda/python:3.11 AS builder',
    'WORKDIR /build',
    'COPY requirements.txt ./',
    'RUN pip install -r requirements.txt -t /build/packages',
    'COPY --link src /var/task/',
  ].join('\n'));
  const done = await build(app, 'Report');
  expect(done.report.steps).toBe('3 cached, 1 run');
  await expectImage(lab, done, 'report');
});
