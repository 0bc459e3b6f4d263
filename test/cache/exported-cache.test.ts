import { CacheMode } from '../../lib';
import { checkScopes, exportedCache, scopedName } from '../../lib/cache/exported-cache';

test('the least that the scripts need is where the cache is, its name and what is kept', () => {
  expect(exportedCache('type=a,name=', 'cache-a', [], {})).toEqual({ CACHE_LOCATION: 'type=a,name=', CACHE_TAG: 'cache-a', CACHE_EXPORT: 'mode=max' });
});

test('the most', () => {
  expect(exportedCache('type=a,name=', 'cache-a', ['b=c', 'd=e'], { mode: CacheMode.MIN, scope: 'x', fallbackScopes: ['y', 'z'], ignoreErrors: false })).toEqual({
    CACHE_LOCATION: 'type=a,name=',
    CACHE_TAG: 'cache-a',
    CACHE_EXPORT: 'mode=min,b=c,d=e',
    CACHE_SCOPE: 'x',
    CACHE_FALLBACK_SCOPES: 'y z',
    CACHE_REQUIRED: 'true',
  });
});

test.each([
  [{ fallbackScopes: [] }],
  [{ scope: 'main', fallbackScopes: ['main'] }],
])('without a scope to fall back on there is no variable for it: %j', (options) => {
  expect(exportedCache('', '', [], options)).not.toHaveProperty('CACHE_FALLBACK_SCOPES');
});

test('a cache without a scope may fall back on all', () => {
  expect(exportedCache('', '', [], { fallbackScopes: ['main'] })).toMatchObject({ CACHE_FALLBACK_SCOPES: 'main' });
});

test('errors are ignored unless it is said otherwise', () => {
  expect([undefined, true, false].map((ignoreErrors) => exportedCache('', '', [], { ignoreErrors }).CACHE_REQUIRED)).toEqual([undefined, undefined, 'true']);
});

describe('a scope', () => {
  test.each(['main', 'feature/a', 'ä', '*', '$(id)', '#{Source.BranchName}', 'a,b'])('may be %s', (scope) => {
    checkScopes('Cache', { scope, fallbackScopes: [scope] });
  });

  test.each(['', ' ', 'a b', 'a\tb', '\n'])('fails to be %j', (scope) => {
    const message = (property: string) => new Error(`Cache: ${property} takes names without spaces, got ${JSON.stringify(scope)}; for example the name of a branch`);
    expect(() => checkScopes('Cache', { scope })).toThrow(message('scope'));
    expect(() => checkScopes('Cache', { scope: 'main', fallbackScopes: ['main', scope] })).toThrow(message('fallbackScopes'));
  });

  test('makes the cache another one', () => {
    expect(scopedName('cache-a', {})).toBe('cache-a');
    expect(scopedName('cache-a', { scope: 'main' })).toBe('cache-a_main');
  });
});
