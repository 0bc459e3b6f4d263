import { CachePlace } from './layer-cache';
import { saysMissing } from './missing-cache';
import { BuildRecord } from '../record/build-record';
import { CacheImport } from '../solve/solve-progress';

/**
 * What became of a cache that the record beside it knows of, where the registry has it no more, such as after a lifecycle rule that does not know caches. Where the
 * record is gone with it, this is like the first build of an image.
 *
 * @param own where the cache of the own scope is, if that is in a registry
 */
export function lostCache(own: CachePlace | undefined, imports: readonly CacheImport[], record: BuildRecord | undefined): string | undefined {
  if (!own || !record?.cache) return undefined;
  const isGone = imports.some(({ from, error }) => from === own.tag && saysMissing(error));
  return isGone ? `it was written at ${record.cache.writtenAt} as ${own.tag}, and something has deleted it since` : undefined;
}
