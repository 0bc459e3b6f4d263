import { lostCache } from '../../../runner/cache/lost-cache';
import { EMPTY_RECORD } from '../../../runner/record/build-record';

const OWN = { repository: 'host/app', tag: 'cache-a' };
const WRITTEN = { ...EMPTY_RECORD, cache: { writtenAt: '2026-01-01T00:00:00.000Z', layers: [] } };
const MISSING = { from: 'cache-a', error: 'host/app:cache-a: not found' };

test('a cache is gone when the record beside it knows that it was written', () => {
  expect(lostCache(OWN, [MISSING], WRITTEN)).toBe('it was written at 2026-01-01T00:00:00.000Z as cache-a, and something has deleted it since');
});

test.each([
  ['an image that was never built', OWN, [MISSING], undefined],
  ['an image whose cache could never be written', OWN, [MISSING], EMPTY_RECORD],
  ['a cache that is there', OWN, [{ from: 'cache-a', error: '' }], WRITTEN],
  ['a cache that is broken, which is another fault', OWN, [{ from: 'cache-a', error: '403 Forbidden' }], WRITTEN],
  ['a cache of another scope', OWN, [{ from: 'cache-main', error: 'host/app:cache-main: not found' }, { from: 'cache-a', error: '' }], WRITTEN],
  ['a cache that is in no registry', undefined, [MISSING], WRITTEN],
])('nothing is gone with %s', (_, own, imports, record) => {
  expect(lostCache(own, imports, record)).toBeUndefined();
});
