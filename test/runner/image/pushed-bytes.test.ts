import { pushedBytes } from '../../../runner/image/pushed-bytes';
import { EMPTY_RECORD } from '../../../runner/record/build-record';

const blob = (digest: string, size: number) => ({ mediaType: 'any', digest, size });
const IMAGE = [blob('config', 1), blob('base', 1000), blob('code', 20)];

test('a first build pushes all of the image, and what its cache has beyond that', () => {
  expect(pushedBytes(IMAGE, [blob('base', 1000), blob('stage', 300)], EMPTY_RECORD)).toBe(1321);
});

test('a later build pushes what is new, of the image and of the cache', () => {
  const known = { ...EMPTY_RECORD, lastBuild: { layers: ['base', 'old code'] } };
  expect(pushedBytes(IMAGE, [], known)).toBe(21);
  expect(pushedBytes(IMAGE, [blob('stage', 300)], known)).toBe(321);
});

test('a layer that the cache has already is not new in the image', () => {
  expect(pushedBytes(IMAGE, [], { ...EMPTY_RECORD, cache: { writtenAt: '', layers: ['base'] } })).toBe(21);
});

test('a layer that is there twice is pushed once', () => {
  expect(pushedBytes([...IMAGE, blob('code', 20)], [blob('code', 20)], EMPTY_RECORD)).toBe(1021);
});

test('nothing is said where nothing is known of the last build', () => {
  expect(pushedBytes(IMAGE, [], undefined)).toBeUndefined();
});
