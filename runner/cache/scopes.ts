import { cacheName } from './cache-name';
import { CachedImage } from './layer-cache';
import { ExportedCacheSettings, SettingValue } from '../../lib/plan/step-settings';

/** The parts of a cache that a build reads and writes. */
export interface Scopes {
  /** The name that the build writes. */
  own(image: CachedImage): string;
  /** The names that it reads as well. */
  fallbacks(image: CachedImage): string[];
}

export function scopesOf({ scope, fallbackScopes = [] }: ExportedCacheSettings, valueOf: (value: SettingValue) => string): Scopes {
  const own = scope === undefined ? undefined : valueOf(scope);
  const base = ({ cacheName: ofStack, sharedCacheName }: CachedImage) => (scope === undefined ? ofStack : sharedCacheName);
  const fallbacks = [...new Set(fallbackScopes.map(valueOf))].filter((name) => name !== own);
  return {
    own: (image) => cacheName(base(image), own),
    fallbacks: (image) => fallbacks.map((part) => cacheName(base(image), part)),
  };
}
