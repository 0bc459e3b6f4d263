import { posix } from 'path';
import { unquoted } from './link-dockerfile';
import { TrailingCopy } from './trailing-copies';
import { ImageConfig, ImageManifest } from '../layers/image-content';

/** What became of a copy. */
export interface CopiedLayer {
  readonly copy: TrailingCopy;
  /** Its place in the history of the image. */
  readonly historyIndex: number;
  /** Its place among the layers; undefined if it made none. */
  readonly layerIndex?: number;
  /** Where BuildKit put it, all variables filled in; undefined where its history does not say so clearly. */
  readonly destination?: string;
  /** Where the Dockerfile puts it; undefined if that depends on variables. */
  readonly written?: string;
}

/** The layers of an image below its trailing copies, and those of the copies. */
export interface CopiedLayers {
  readonly below: readonly string[];
  readonly copied: readonly CopiedLayer[];
}

/** Finds the layers of the trailing copies by the history that BuildKit writes, from its end. Undefined when it is another one than the Dockerfile makes. */
export function copiedLayers(manifest: ImageManifest, config: ImageConfig, copies: readonly TrailingCopy[]): CopiedLayers | undefined {
  const history = config.history ?? [];
  const copied: CopiedLayer[] = [];
  let layers = manifest.layers.length;
  for (let historyIndex = history.length - 1; copied.length < copies.length; historyIndex--) {
    const entry = history[historyIndex];
    if (!entry) return undefined;
    const isCopy = /^(COPY|ADD) .* # buildkit$/s.test(entry.created_by ?? '');
    if (!isCopy && !entry.empty_layer && !/^WORKDIR /.test(entry.created_by ?? '')) return undefined;
    const layerIndex = entry.empty_layer ? undefined : --layers;
    if (!isCopy) continue;
    const copy = copies[copies.length - 1 - copied.length];
    copied.unshift({ copy, historyIndex, layerIndex, destination: destinationIn(entry.created_by!, copy, config), written: writtenIn(copy, config) });
  }
  return layers < 0 ? undefined : { below: manifest.layers.slice(0, layers).map(({ digest }) => digest), copied };
}

function destinationIn(createdBy: string, { instruction, workdir }: TrailingCopy, { config }: ImageConfig): string | undefined {
  const words = createdBy.replace(/ # buildkit$/, '').split(' ').slice(1);
  while (/^--(parents$|chown=|chmod=)/.test(words[0] ?? '')) words.shift();
  if (words.length !== instruction.words.length) return undefined;
  return absolute(words.at(-1)!, workdir, config);
}

function writtenIn({ instruction, workdir }: TrailingCopy, { config }: ImageConfig): string | undefined {
  const written = unquoted(instruction.words.at(-1)!);
  return /[$\\"']/.test(written) ? undefined : absolute(written, workdir, config);
}

function absolute(destination: string, workdir: string | undefined, config: ImageConfig['config']): string {
  return posix.resolve('/', workdir ?? (config?.WorkingDir || '/'), destination);
}
