import { LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild, ExampleImage } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry);
}, 600_000);

afterAll(async () => lab.stop());

const MB = 1_000_000;

/** Whether the image is what its stage deploys: the new source, in a plain image manifest. */
async function expectImage(build: ExampleBuild, marker: string) {
  expectSuccess(build);
  const { mediaType, digest, manifest } = await lab.registry.manifest(build.image);
  expect(mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  expect(digest).toBe(build.exported.IMAGE_DIGEST_0);
  expect(build.exported.IMAGE_URI_0).toBe(`${build.image.replace(/:[^:]+$/, '')}@${digest}`);
  expect((await imageFile(lab.registry, build.image, manifest, 'var/task/app.py')).toString()).toContain(`'${marker}'`);
}

describe.each<[ExampleImage, number]>([['Api', 4], ['Report', 6]])('%s with LayerCache.registry()', (image, steps) => {
  let app: ExampleApp;

  beforeAll(() => {
    app = new ExampleApp(lab, { name: `Registry${image}` });
  });

  test('the first build runs every step, and uploads each layer once', async () => {
    app.changeSource(image, 'first');
    const build = await app.build(image);
    await expectImage(build, 'first');
    expect(build.report).toMatchObject({ result: 'built', steps: `0 cached, ${steps} run`, cacheRead: 'no, there is none yet', cacheWritten: 'yes' });
    const digests = build.traffic.uploaded.map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('the same again builds nothing, starts no builder and moves no layer', async () => {
    const build = await app.build(image, { buildKit: null });
    await expectImage(build, 'first');
    expect(build.report).toMatchObject({ result: 'already there', builder: 'none', steps: 'none' });
    expect(build.traffic.blobs.requests).toBe(0);
  });

  test.each(['second', 'third', 'fourth'])('the %s source reuses the dependencies, and uploads only itself', async (marker) => {
    app.changeSource(image, marker);
    const build = await app.build(image);
    await expectImage(build, marker);
    expect(build.report).toMatchObject({ result: 'built', steps: `${steps - 1} cached, 1 run`, cacheRead: 'yes', cacheWritten: 'not needed, only copies are new' });
    expect(build.traffic.blobs.up).toBeLessThan(0.1 * MB);
    expect(build.traffic.blobs.down).toBeLessThan(0.1 * MB);
  });

  test('other dependencies are installed and uploaded once', async () => {
    app.changeDependency(image, '2.0.0');
    const build = await app.build(image);
    await expectImage(build, 'fourth');
    expect(build.report.steps).toMatch(/^[12] cached/);
    const digests = build.traffic.uploaded.map(({ digest }) => digest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('going back to an earlier state builds nothing', async () => {
    app.changeDependency(image, '1.0.0');
    app.changeSource(image, 'second');
    const build = await app.build(image, { buildKit: null });
    await expectImage(build, 'second');
    expect(build.report.result).toBe('already there');
  });
});

describe.each<[ExampleImage, number]>([['Api', 4], ['Report', 6]])('%s with LayerCache.inline()', (image, steps) => {
  let app: ExampleApp;

  beforeAll(() => {
    app = new ExampleApp(lab, { name: `Inline${image}`, cache: () => LayerCache.inline() });
  });

  test.each([
    ['first', `0 cached, ${steps} run`],
    ['second', `${steps - 1} cached, 1 run`],
    ['third', `${steps - 1} cached, 1 run`],
    ['fourth', `${steps - 1} cached, 1 run`],
  ])('the %s source', async (marker, expected) => {
    app.changeSource(image, marker);
    const build = await app.build(image);
    await expectImage(build, marker);
    expect(build.report).toMatchObject({ steps: expected, cacheWritten: 'yes, within the image' });
    const latest = await lab.registry.manifest(build.image.replace(/:[^:]+$/, ':latest'));
    expect(latest.digest).toBe(build.exported.IMAGE_DIGEST_0);
  });
});
