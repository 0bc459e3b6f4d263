import { readError } from '../../../runner/cache/read-error';

test('the reason of a cache that could not be read is the first one that is no missing cache', () => {
  const imports = [{ from: 'a', error: 'host/app:a: not found' }, { from: 'b', error: '' }, { from: 'c', error: '403 Forbidden' }, { from: 'd', error: '500' }];
  expect(readError({ imports })).toBe('403 Forbidden');
  expect(readError({ imports, unreadCache: 'nobody answers' })).toBe('nobody answers');
});

test('a cache that was read, one that is not there, and none at all are no errors', () => {
  expect(readError({ imports: [{ from: 'a', error: '' }, { from: 'b', error: 'host/app:b: not found' }] })).toBeUndefined();
  expect(readError({})).toBeUndefined();
});
