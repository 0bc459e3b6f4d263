import { recordPlace } from '../../../runner/cache/record-place';
import { scopesOf } from '../../../runner/cache/scopes';

const IMAGE = { repository: 'host/app', cacheName: 'cache-a', sharedCacheName: 'cache-s', hasMutableTags: true };
const scopes = scopesOf({ scope: 'branch', fallbackScopes: ['main'] } as never, String);
const none = scopesOf({} as never, String);

test('records are in the repository of the cache, under tags of their own, that of the own scope first', () => {
  const place = recordPlace('host/cache', scopes, IMAGE)!;
  expect(place.repository).toBe('host/cache');
  expect(place.tags).toEqual([expect.stringMatching(/^cache-s_branch-[0-9a-f]+_record$/), expect.stringMatching(/^cache-s_main-[0-9a-f]+_record$/)]);
  expect(recordPlace('host/cache', none, IMAGE)).toEqual({ repository: 'host/cache', tags: ['cache-a_record'] });
});

test('records are in the repository of the image where the cache has none', () => {
  expect(recordPlace(undefined, none, IMAGE)).toEqual({ repository: 'host/app', tags: ['cache-a_record'] });
});

test('records are nowhere where the repository of the image lets no tag be set again', () => {
  expect(recordPlace(undefined, none, { ...IMAGE, hasMutableTags: false })).toBeUndefined();
  expect(recordPlace('host/cache', none, { ...IMAGE, hasMutableTags: false })).toBeDefined();
});

test('a tag of a record is one that a registry takes', () => {
  const long = scopesOf({ scope: 'feature/a very long name of a branch that goes on and on' } as never, String);
  for (const tag of recordPlace('host/cache', long, IMAGE)!.tags) expect(tag).toMatch(/^[\w][\w.-]{0,127}$/);
});
