import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { BuiltImage } from '../builder/builder';
import { ImageConfig, ImageManifest } from '../layers/image-content';
import { copiedLayers } from '../links/copied-layers';
import { copiesAfterLastRun } from '../links/trailing-copies';
import { BuildRecord } from '../record/build-record';
import { stepsBelow } from '../solve/steps-below';

/** A cache is written again before it gets older than this, so that it does not expire: in milliseconds. */
const MAX_AGE = 7 * 24 * 60 * 60 * 1000;

/** A build, and the cache that it has read. */
export interface CacheState {
  readonly built: BuiltImage;
  /** The Dockerfile that was built. */
  readonly dockerfile: Dockerfile;
  readonly target?: string;
  /** The layers of the image that are worth keeping, by their digests. */
  readonly layers: readonly string[];
  /** What the cache was written for last. */
  readonly written: BuildRecord['cache'];
  /** What the report calls the cache that is written. */
  readonly name: string;
}

/**
 * Whether the cache that a build would write has nothing that the one that is there has not: the copies at the end of the stage that is built do not count.
 * They change each time. What was read from the cache of another scope has other layers than those that the own one was written for.
 */
export function cacheIsComplete({ built, dockerfile, target, layers, written, name }: CacheState): boolean {
  const { steps, imports, unreadCache } = built;
  const own = imports.filter(({ from }) => from === name || from === 's3');
  if (unreadCache !== undefined || own.length === 0 || own.some(({ error }) => error !== '')) return false;
  if (!written || !(Math.abs(Date.now() - Date.parse(written.writtenAt)) < MAX_AGE)) return false;
  if (written.layers.length !== layers.length || written.layers.some((digest, index) => digest !== layers[index])) return false;
  const [first] = copiesAfterLastRun(dockerfile, target);
  return stepsBelow(steps, dockerfile, first?.instruction).every(({ isCached }) => isCached);
}

/** The layers of an image, but for those of files that come from the context after the last RUN. */
export function layersWorthKeeping(manifest: ImageManifest, config: ImageConfig, dockerfile: Dockerfile, target?: string): string[] {
  const split = copiedLayers(manifest, config, copiesAfterLastRun(dockerfile, target));
  if (!split) return manifest.layers.map(({ digest }) => digest);
  const fromElsewhere = split.copied.filter(({ copy: { instruction: { flags, words } } }) => (
    flags.some(({ name }) => name === 'from') || words.some((word) => /:\/\/|^git@|^\$/.test(word))));
  return [...split.below, ...fromElsewhere.flatMap(({ layerIndex }) => (layerIndex === undefined ? [] : manifest.layers[layerIndex].digest))];
}
