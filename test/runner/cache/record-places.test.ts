import { recordPlaces } from '../../../runner/cache/record-places';

const IMAGE = { repository: 'host/app', cacheName: 'cache-a', sharedCacheName: 'cache-s', hasMutableTags: true };

test('records are beside the caches, under tags of their own, in their order', () => {
  expect(recordPlaces(IMAGE, [{ repository: 'host/app', tag: 'cache-a' }, { repository: 'host/others', tag: 'cache-b' }])).toEqual([
    { repository: 'host/app', tag: 'cache-a_record' },
    { repository: 'host/others', tag: 'cache-b_record' },
  ]);
});

test('records are nowhere where the repository of the image lets no tag be set again', () => {
  const image = { ...IMAGE, hasMutableTags: false };
  expect(recordPlaces(image, [{ repository: 'host/app', tag: 'cache-a' }])).toBeUndefined();
  expect(recordPlaces(image, [{ repository: 'host/cache', tag: 'cache-a' }])).toHaveLength(1);
});
