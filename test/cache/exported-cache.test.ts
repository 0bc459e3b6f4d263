import { CacheMode, ExportedCacheOptions } from '../../lib';
import { checkScopes, exportedCache, scopedName } from '../../lib/cache/exported-cache';
import { SettingVariables } from '../../lib/values/setting-variables';
import { TestPipeline } from '../testhelpers/test-pipeline';

function settingsOf(options: ExportedCacheOptions, variables = new SettingVariables()) {
  return exportedCache(options, variables);
}

test('the least that the runner needs is what is kept', () => {
  expect(settingsOf({})).toEqual({ mode: 'max' });
});

test('the most', () => {
  const variables = new SettingVariables();
  expect(settingsOf({ mode: CacheMode.MIN, scope: 'x', fallbackScopes: ['y', 'z'], ignoreErrors: false }, variables)).toEqual({
    mode: 'min',
    scope: 'x',
    fallbackScopes: ['y', 'z'],
    required: true,
  });
  expect(variables.environment).toEqual({});
});

test.each([
  [{ fallbackScopes: [] }],
  [{ scope: 'main', fallbackScopes: ['main'] }],
])('without a scope to fall back on there is no setting for it: %j', (options) => {
  expect(settingsOf(options)).not.toHaveProperty('fallbackScopes');
});

test('a cache without a scope may fall back on all', () => {
  expect(settingsOf({ fallbackScopes: ['main'] })).toMatchObject({ fallbackScopes: ['main'] });
});

test('errors are ignored unless it is said otherwise', () => {
  expect([undefined, true, false].map((ignoreErrors) => settingsOf({ ignoreErrors }).required)).toEqual([undefined, undefined, true]);
});

test('each scope that a run of the pipeline knows has a variable of its own, numbered by its place', () => {
  const variables = new SettingVariables();
  expect(settingsOf({ scope: '#{Source.BranchName}', fallbackScopes: ['main', 'base-#{Source.Base}'] }, variables)).toEqual({
    mode: 'max',
    scope: { variable: 'CACHED_DOCKER_BUILD_CACHE_SCOPE' },
    fallbackScopes: ['main', { variable: 'CACHED_DOCKER_BUILD_CACHE_FALLBACK_SCOPE_1' }],
  });
  expect(variables.environment).toEqual({
    CACHED_DOCKER_BUILD_CACHE_SCOPE: '#{Source.BranchName}',
    CACHED_DOCKER_BUILD_CACHE_FALLBACK_SCOPE_1: 'base-#{Source.Base}',
  });
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
    const image = new TestPipeline().image();
    expect(scopedName(image, {})).toBe(image._cacheName);
    expect(scopedName(image, { scope: 'main' })).toBe(`${image._sharedCacheName}_main`);
  });
});
