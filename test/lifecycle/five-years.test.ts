import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { EcrRepository } from './testhelpers/ecr-repository';
import { DAY, play } from './testhelpers/five-years';
import { Bucket } from './testhelpers/layer-stores';
import { CacheRepository, ImageRepository } from '../../lib';
import * as client from '../../runner/registry/https-client';
import { lifecycleRules, StoredImage } from '../testhelpers/ecr-lifecycle';

/** At least so often, a cache in use is written again. */
const WRITTEN_AGAIN = 7;

const imageRules = (define?: (repository: ImageRepository) => void) => {
  const stack = new Stack();
  const repository = new ImageRepository(stack, 'Images');
  define?.(repository);
  return lifecycleRules(Template.fromStack(stack));
};
const cacheRules = () => {
  const stack = new Stack();
  new CacheRepository(stack, 'Layers');
  return lifecycleRules(Template.fromStack(stack));
};
/** Of the bucket of docs/lifecycle.md. */
const bucketDays = (): number => {
  const stack = new Stack();
  new s3.Bucket(stack, 'Layers', { lifecycleRules: [{ prefix: 'docker-layers/', expiration: Duration.days(30) }] });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::S3::Bucket'));
  return Properties.LifecycleConfiguration.Rules[0].ExpirationInDays;
};

const isMoving = (tag: string) => tag === 'latest' || tag.startsWith('cache-');

const isOfCache = ({ tags }: StoredImage) => tags.some((tag) => tag.startsWith('cache-'));

/** The rule of docs/lifecycle.md. */
function addRule(repository: ImageRepository): void {
  repository.addLifecycleRule({ tagStatus: ecr.TagStatus.ANY, maxImageAge: Duration.days(365) });
}

jest.setTimeout(180_000);

let images: EcrRepository;
let caches: EcrRepository;

beforeEach(() => {
  // The bucket of the play is in memory, and answers a stranger as Amazon S3 does.
  jest.spyOn(client, 'request').mockResolvedValue({ status: 403, headers: {}, body: Buffer.alloc(0) });
  images = new EcrRepository(imageRules(), isMoving);
  caches = new EcrRepository(cacheRules());
});

test.each([1, 2])('no image that a stage uses is removed, and no cache; the images and the caches of branches grow, and nothing else (%i)', async (seed) => {
  const played = await play(seed, { images });
  expect(played).toMatchObject({ daysWithout: 0, slowAfter: [] });
  const rest = images.images.filter((image) => !isOfCache(image));
  expect(rest.filter(({ tags }) => tags.length > 0)).toHaveLength(played.builds);
  expect(rest.filter(({ tags }) => tags.length === 0).length).toBeLessThan(10);
  expect(images.images.filter(isOfCache).map(({ tags }) => tags.length)).toEqual(Array.from({ length: 2 * played.branches }, () => 1));
});

test.each([1, 2])('an image that is refreshed stays as well (%i)', async (seed) => {
  expect(await play(seed, { images, refreshEvery: 30, runsEvery: 7 })).toMatchObject({ daysWithout: 0, slowAfter: [] });
});

test('a CacheRepository forgets the caches of branches that rest, each for one build, and the images stay', async () => {
  const { daysWithout, slowAfter } = await play(3, { images, caches });
  expect(daysWithout).toBe(0);
  expect(slowAfter.length).toBeGreaterThan(0);
  expect(Math.min(...slowAfter)).toBeGreaterThanOrEqual(30 - WRITTEN_AGAIN);
  expect(caches.images.length).toBeLessThan(60);
});

test('a CacheRepository never forgets a cache that is used once a fortnight, though it stays the same for months', async () => {
  expect(await play(4, { images, caches, changesEvery: 14, hasBranches: false })).toMatchObject({ slowAfter: [] });
});

test('a bucket forgets the layers of branches that rest, each for one build, and the images stay', async () => {
  const bucket = new Bucket(bucketDays());
  const { daysWithout, slowAfter } = await play(7, { images, caches: bucket });
  expect(daysWithout).toBe(0);
  expect(slowAfter.length).toBeGreaterThan(0);
  expect(Math.min(...slowAfter)).toBeGreaterThanOrEqual(30 - WRITTEN_AGAIN);
  expect(bucket.size).toBeLessThan(60);
});

test('a bucket never forgets layers that are used once a fortnight, though they stay the same for months', async () => {
  expect(await play(4, { images, caches: new Bucket(bucketDays()), changesEvery: 14, hasBranches: false })).toMatchObject({ slowAfter: [] });
});

test('a rule of a year removes no image of a stage where images are refreshed each month', async () => {
  images.rules = imageRules(addRule);
  const { daysWithout, builds } = await play(5, { images, refreshEvery: 30, runsEvery: 7, isTimeless: true, hasRollbacks: false });
  expect(daysWithout).toBe(0);
  expect(images.images.length).toBeLessThan(builds);
  expect((Date.now() - Math.min(...images.images.map(({ pushedAt }) => pushedAt))) / DAY).toBeLessThanOrEqual(366);
});

test('the same rule removes images of stages where they are not', async () => {
  images.rules = imageRules(addRule);
  expect((await play(6, { images, hasChanges: false })).daysWithout).toBeGreaterThan(0);
});
