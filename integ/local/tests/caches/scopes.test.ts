import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { LayerCache } from '../../../../lib';
import { ExampleApp } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { publishBaseImages } from '../../images/base-images';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const repository = Repository.fromRepositoryName(elsewhere, 'Repository', 'layers');
const bucket = Bucket.fromBucketName(elsewhere, 'Bucket', 'layers-of-builds');

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  lab.registry.createRepository(home, 'layers');
  await lab.s3.createBucket('layers-of-builds', home.region);
}, 600_000);

afterAll(async () => lab.stop());

/** The pipeline of a branch: a stack of its own, with repositories of its own. */
function branch(name: string, cache: () => LayerCache): ExampleApp {
  const app = new ExampleApp(lab, { name: `Branch${name}`, cache });
  makeReportLight(app);
  return app;
}

async function expectBuild(app: ExampleApp, marker: string, steps: string, cacheWritten = 'yes') {
  app.changeSource('Report', marker);
  const done = await app.build('Report');
  await expectImage(lab, done, marker);
  expect(done.report).toMatchObject({ steps, cacheWritten });
  return done;
}

/** Every cache of the repository, and what it holds. */
async function cachesOfRepository(): Promise<{ [tag: string]: string }> {
  const host = Registry.ecrHost(home);
  const tags = (await lab.registry.tags(host, 'layers')).filter((tag) => !tag.endsWith('_record'));
  return Object.fromEntries(await Promise.all(tags.map(async tag => [tag, (await lab.registry.manifest(`${host}/layers:${tag}`)).digest])));
}

/** Every cache of the bucket, and what it holds. */
async function cachesOfBucket(): Promise<{ [key: string]: string }> {
  return lab.s3.objects('layers-of-builds', home.region, 'docker-layers/manifests/');
}

describe('LayerCache.registry() in a repository of several branches', () => {
  const cache = (scope: string, fallbackScopes: string[] = []) => () => LayerCache.registry({ repository, scope, fallbackScopes });
  let main: ExampleApp;
  let feature: ExampleApp;
  let ofMain: { [name: string]: string };

  beforeAll(() => {
    main = branch('Main', cache('main'));
    feature = branch('Feature', cache('feature/x', ['main']));
  });

  test('a new branch starts from the cache of main', async () => {
    await expectBuild(main, 'main', '0 cached, 6 run');
    ofMain = await cachesOfRepository();
    expect(Object.keys(ofMain)).toHaveLength(1);
    await expectBuild(feature, 'feature', '5 cached, 1 run');
  });

  test('a branch keeps its own dependencies, and changes nothing for main', async () => {
    feature.changeDependency('Report', '2.0.0');
    await expectBuild(feature, 'more of it', '2 cached, 4 run');
    await expectBuild(feature, 'and more', '5 cached, 1 run', 'not needed, only copies are new');
    const now = await cachesOfRepository();
    expect(now).toMatchObject(ofMain);
    expect(Object.keys(now)).toHaveLength(2);
    await expectBuild(main, 'main again', '5 cached, 1 run', 'not needed, only copies are new');
  });

  test('a branch of a similar name has a cache of its own', async () => {
    const before = await cachesOfRepository();
    await expectBuild(branch('Similar', cache('feature-x')), 'similar', '0 cached, 6 run');
    const now = await cachesOfRepository();
    expect(now).toMatchObject(before);
    expect(Object.keys(now)).toHaveLength(3);
  });
});

test('a branch reads what main has left in a bucket, and writes beside it', async () => {
  const cache = (scope: string, fallbackScopes: string[] = []) => () => LayerCache.s3(bucket, { scope, fallbackScopes });
  await expectBuild(branch('BucketMain', cache('main')), 'main', '0 cached, 6 run');
  const ofMain = await cachesOfBucket();
  expect(Object.keys(ofMain)).toHaveLength(1);
  await expectBuild(branch('BucketFeature', cache('feature/x', ['main'])), 'feature', '5 cached, 1 run');
  const now = await cachesOfBucket();
  expect(now).toMatchObject(ofMain);
  expect(Object.keys(now)).toHaveLength(2);
});
