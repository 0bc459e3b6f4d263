import { isDeepStrictEqual } from 'util';
import { BuildMetrics } from '../../../../lib';
import { ManyImagesApp, ManyImagesBuild } from '../../apps/many-images-app';
import { MetricValue, metricsOfLog } from '../../aws/metrics-of-log';
import { baseImages } from '../../images/base-images';
import { StoredTag } from '../../images/stored-tag';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const region = 'eu-west-1';
const dockerfile = `FROM docker.io/library/busybox:stable
COPY requirements.txt /
RUN cp /requirements.txt /installed.txt
WORKDIR /var/task
COPY src /var/task/
`;

let lab: Lab;
let app: ManyImagesApp;

beforeAll(async () => {
  lab = await Lab.start();
  await (await baseImages.busybox()).publish(lab.registry, 'docker.io/library/busybox:stable');
  app = new ManyImagesApp(lab, { name: 'Measured', count: 2, dockerfile, step: { metrics: BuildMetrics.STEP_AND_IMAGES } });
  for (const image of [0, 1]) app.write(image, 'requirements.txt', `those of ${image}`);
}, 600_000);

afterAll(async () => lab.stop());
afterEach(() => lab.registry.clearFaults());

/** What CloudWatch has of all builds so far. */
const values: MetricValue[] = [];

async function build(): Promise<ManyImagesBuild> {
  const done = expectSuccess(await app.build()) as ManyImagesBuild;
  values.push(...metricsOfLog(done.log));
  return done;
}

/** What it has of a metric of the step, or of one of its images: how many values, and their sum. */
function metric(name: string, image?: string): { count: number; sum: number } {
  const dimensions = { Pipeline: 'Measured/Pipeline', Step: 'BuildImages', ...image !== undefined && { Image: image } };
  const found = values.filter((each) => each.namespace === 'CachedDockerBuild' && each.name === name && isDeepStrictEqual(each.dimensions, dimensions));
  return { count: found.length, sum: total(found.map(({ value }) => value)) };
}

const total = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

test('a first build says how long it took, that both images were built, and that there was no cache', async () => {
  const done = await build();
  expect(done.log).not.toContain('WARNING');
  expect(metric('ImagesBuilt')).toEqual({ count: 1, sum: 2 });
  expect(metric('ImagesSkipped')).toEqual({ count: 1, sum: 0 });
  expect(metric('CacheHitRatio')).toEqual({ count: 1, sum: 0 });
  expect(metric('CacheErrors')).toEqual({ count: 1, sum: 0 });
  // Records, and configurations of caches, are no layers.
  expect(Math.abs(metric('BytesPulled').sum - done.traffic.blobs.down)).toBeLessThan(20_000);
  expect(Math.abs(metric('BytesPushed').sum - done.traffic.blobs.up)).toBeLessThan(20_000);
  expect(metric('BytesPushed').sum).toBeGreaterThan(500_000);
  const { count, sum } = metric('Duration');
  expect(count).toBe(1);
  const [, shown] = /^time .* total ([\d.]+) s$/m.exec(done.log)!;
  expect(Math.abs(sum - Number(shown))).toBeLessThan(0.5);
  expect(metric('ImagesBuilt', 'Image0')).toEqual({ count: 1, sum: 1 });
  expect(metric('Duration', 'Image1').sum).toBeLessThanOrEqual(sum);
});

test('a run that builds nothing says that both were there, and nothing of time and cache', async () => {
  await build();
  expect(metric('ImagesBuilt')).toEqual({ count: 2, sum: 2 });
  expect(metric('ImagesSkipped')).toEqual({ count: 2, sum: 2 });
  expect(metric('Duration').count).toBe(1);
  expect(metric('CacheHitRatio').count).toBe(1);
});

test('a source change of one image says how many of its steps were cached, as its report does', async () => {
  app.changeSource(1, 'second');
  const before = metric('BytesPushed').sum;
  const { images, traffic } = await build();
  expect(metric('BytesPushed').sum - before).toBeGreaterThan(100);
  expect(Math.abs(metric('BytesPushed').sum - before - traffic.blobs.up)).toBeLessThan(20_000);
  expect(images.map(({ steps }) => steps)).toEqual(['none', '3 cached, 1 run']);
  expect(metric('CacheHitRatio')).toEqual({ count: 2, sum: 75 });
  expect(metric('CacheHitRatio', 'Image0')).toEqual({ count: 1, sum: 0 });
  expect(metric('CacheHitRatio', 'Image1')).toEqual({ count: 2, sum: 75 });
  expect(metric('ImagesSkipped', 'Image0')).toEqual({ count: 3, sum: 2 });
  expect(metric('CacheErrors').sum).toBe(0);
});

test('a cache that cannot be read is an error', async () => {
  app.changeSource(1, 'third');
  lab.registry.fault({ host: `111111111111.dkr.ecr.${region}.amazonaws.com`, method: /GET|HEAD/, url: /\/manifests\/cache-[^_]*$/ }, { kind: 'refuse', status: 403 });
  const { log } = await build();
  expect(log).toContain('WARNING: the layer cache could not be read');
  const { sum } = metric('CacheErrors', 'Image1');
  expect(sum).toBeGreaterThanOrEqual(1);
  expect(metric('CacheErrors').sum).toBe(sum);
  expect(metric('CacheErrors', 'Image0').sum).toBe(0);
});

test('a cache that somebody has deleted is an error, too', async () => {
  const before = metric('CacheErrors').sum;
  const [, host, repository] = /^([^/]+)\/(.*):/.exec((await build()).addresses[1])!;
  const tag = (await lab.registry.tags(host, repository)).find(each => /^cache-(?!.*_)/.test(each))!;
  await new StoredTag(lab.registry, host, repository, tag).remove();
  app.changeSource(1, 'deleted');
  expect((await build()).log).toMatch(/^Image1 \| WARNING: the layer cache is gone: it was written at .* as cache-.*, and something has deleted it since$/m);
  expect(metric('CacheErrors').sum).toBe(before + 1);
  app.changeSource(1, 'written again');
  await build();
  expect(metric('CacheErrors').sum).toBe(before + 1);
});
