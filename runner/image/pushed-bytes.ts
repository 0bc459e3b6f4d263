import { Descriptor } from '../layers/image-content';
import { BuildRecord } from '../record/build-record';

/**
 * The bytes of what the image and its layer cache have, and had not after the last build: BuildKit does not say what it uploads. Undefined where nothing is known of
 * the last build.
 *
 * @param image its configuration and layers
 * @param cache what is new in its layer cache
 */
export function pushedBytes(image: readonly Descriptor[], cache: readonly Descriptor[], known: BuildRecord | undefined): number | undefined {
  if (!known) return undefined;
  const before = new Set([...known.lastBuild?.layers ?? [], ...known.cache?.layers ?? []]);
  const now = new Map([...image, ...cache].map(({ digest, size }) => [digest, size]));
  return [...now].reduce((sum, [digest, size]) => (before.has(digest) ? sum : sum + size), 0);
}
