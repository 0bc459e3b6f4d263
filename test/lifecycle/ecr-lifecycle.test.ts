import { expiredImages, LifecycleRule, StoredImage } from '../testhelpers/ecr-lifecycle';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 1000 * DAY;

const image = (digest: string, age: number, ...tags: string[]): StoredImage => ({ digest, tags, pushedAt: NOW - age * DAY });
const days = (countNumber: number) => ({ countType: 'sinceImagePushed', countUnit: 'days', countNumber }) as const;
const more = (countNumber: number) => ({ countType: 'imageCountMoreThan', countNumber }) as const;
const expired = (selections: LifecycleRule['selection'][], ...images: StoredImage[]) => (
  expiredImages(selections.map((selection, index) => ({ rulePriority: index + 1, selection })), images, NOW).map(({ digest }) => digest).sort());

// The examples of https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html, in words of our own
test('an age removes what is older, by the first push', () => {
  const rule = { tagStatus: 'tagged', tagPatternList: ['prod*'], ...days(14) } as const;
  expect(expired([rule], image('old', 15, 'prod1'), image('new', 14, 'prod2'), image('other', 15, 'beta'), image('bare', 15))).toEqual(['old']);
});

test('a number keeps the newest', () => {
  const rule = { tagStatus: 'untagged', ...more(1) } as const;
  expect(expired([rule], image('a', 3), image('b', 2), image('c', 1), image('tagged', 4, 'x'))).toEqual(['a', 'b']);
});

test('an image belongs to the first rule that wants tags like its own', () => {
  const prod = { tagStatus: 'tagged', tagPrefixList: ['prod'], ...more(1) } as const;
  const beta = { tagStatus: 'tagged', tagPrefixList: ['beta'], ...more(1) } as const;
  const images = [image('a', 5, 'beta1', 'prod1'), image('b', 4, 'beta2', 'prod2'), image('c', 3, 'beta3')];
  expect(expired([prod, beta], ...images)).toEqual(['a']);
  expect(expired([beta, prod], ...images)).toEqual(['a', 'b']);
});

test('an image of an earlier rule counts in a later one, and stays', () => {
  const kept = { tagStatus: 'tagged', tagPrefixList: ['release'], ...days(10_000) } as const;
  expect(expired([kept, { tagStatus: 'any', ...more(1) }], image('a', 9), image('b', 8, 'release1'), image('c', 7))).toEqual(['a']);
});

test('an image needs a tag for each of several patterns', () => {
  const rule = { tagStatus: 'tagged', tagPatternList: ['alpha*', 'beta*'], ...days(5) } as const;
  expect(expired([rule], image('one', 6, 'alpha1'), image('both', 6, 'alpha2', 'beta1'))).toEqual(['both']);
});

test('one tag of several is enough for a pattern', () => {
  expect(expired([{ tagStatus: 'tagged', tagPatternList: ['cache-*'], ...days(5) }], image('image', 6, 'v1', 'cache-a_pushed'))).toEqual(['image']);
});
