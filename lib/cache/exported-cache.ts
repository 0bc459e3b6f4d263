import { CacheMode } from './cache-mode';
import { ExportedCacheOptions } from './exported-cache-options';
import { CachedDockerImage } from '../image/cached-docker-image';
import { ExportedCacheSettings } from '../plan/step-settings';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';
import { SettingVariables } from '../values/setting-variables';

/** The settings of a cache that is written apart from the image. */
export function exportedCache(options: ExportedCacheOptions, variables: SettingVariables): ExportedCacheSettings {
  const fallbackScopes = (options.fallbackScopes ?? []).filter((scope) => scope !== options.scope);
  return {
    mode: options.mode ?? CacheMode.MAX,
    ...options.scope !== undefined && { scope: variables.value('CACHE_SCOPE', options.scope) },
    ...fallbackScopes.length > 0 && { fallbackScopes: fallbackScopes.map((scope, index) => variables.value(`CACHE_FALLBACK_SCOPE_${index}`, scope)) },
    ...options.ignoreErrors === false && { required: true },
  };
}

/** Raises an error when the name of a scope cannot be one. */
export function checkScopes(cache: string, options: ExportedCacheOptions): void {
  for (const [property, scope] of [['scope', options.scope], ...(options.fallbackScopes ?? []).map((name) => ['fallbackScopes', name])]) {
    if (scope !== undefined && isKnownAtSynthesis(scope) && !/^\S+$/.test(scope)) {
      throw new Error(`${cache}: ${property} takes names without spaces, got ${JSON.stringify(scope)}; for example the name of a branch`);
    }
  }
}

/** What the cache of an image has to itself. The runner makes a tag of it. */
export function scopedName({ _cacheName, _sharedCacheName }: CachedDockerImage, { scope }: ExportedCacheOptions): string {
  return scope === undefined ? _cacheName : `${_sharedCacheName}_${scope}`;
}
