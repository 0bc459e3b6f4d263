import { CacheMode } from './cache-mode';
import { ExportedCacheOptions } from './exported-cache-options';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/**
 * What the scripts need for a cache that is written apart from the image.
 *
 * @param location the cache as BuildKit takes it, up to the name, such as `type=registry,ref=host/repository:`
 */
export function exportedCache(location: string, tag: string, attributes: string[], options: ExportedCacheOptions): { [name: string]: string } {
  const fallbackScopes = (options.fallbackScopes ?? []).filter((scope) => scope !== options.scope);
  return {
    CACHE_LOCATION: location,
    CACHE_TAG: tag,
    CACHE_EXPORT: [`mode=${options.mode ?? CacheMode.MAX}`, ...attributes].join(','),
    ...options.scope !== undefined && { CACHE_SCOPE: options.scope },
    ...fallbackScopes.length > 0 && { CACHE_FALLBACK_SCOPES: fallbackScopes.join(' ') },
    ...options.ignoreErrors === false && { CACHE_REQUIRED: 'true' },
  };
}

/** Raises an error when the name of a scope cannot be told apart from the next one. */
export function checkScopes(cache: string, options: ExportedCacheOptions): void {
  for (const [property, scope] of [['scope', options.scope], ...(options.fallbackScopes ?? []).map((name) => ['fallbackScopes', name])]) {
    if (scope !== undefined && isKnownAtSynthesis(scope) && !/^\S+$/.test(scope)) {
      throw new Error(`${cache}: ${property} takes names without spaces, got ${JSON.stringify(scope)}; for example the name of a branch`);
    }
  }
}

/** What the cache of an image has to itself. The scripts make a tag of it. */
export function scopedName(tag: string, options: ExportedCacheOptions): string {
  return options.scope === undefined ? tag : `${tag}_${options.scope}`;
}
