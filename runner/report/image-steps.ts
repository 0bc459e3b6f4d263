import { ImageResult } from '../image/image-result';
import { WorkSpan } from '../solve/solve-progress';

/** What became of a step of the Dockerfile. */
export interface ImageStep {
  /** As BuildKit calls it, such as `[stage 2/5] RUN make`. */
  readonly name: string;
  /** Undefined for one that the base image brings. */
  readonly line?: number;
  /** What was downloaded was in the cache, and another step needed its files. */
  readonly state: 'cached' | 'downloaded' | 'run';
  /** How long it was worked on, also to download it; undefined where the builder does not tell it. */
  readonly milliseconds?: number;
  /** When it was worked on, from when the builder began with the image; undefined where the builder does not tell it. */
  readonly spans?: readonly WorkSpan[];
  /** The bytes of layers that were pulled for it; undefined where the builder does not tell them. */
  readonly pulledBytes?: number;
}

/** The steps of an image in the order of the Dockerfile, and behind them those that the base image brings. */
export function imageSteps({ steps = [], done, lines }: ImageResult): ImageStep[] {
  const found = steps.map((step): ImageStep => {
    const line = lines?.get(step.name);
    const work = done?.of(step);
    const state = !step.isCached ? 'run' : (work?.pulledBytes ?? 0) > 0 ? 'downloaded' : 'cached';
    return { name: step.name, ...line !== undefined && { line }, state, ...work };
  });
  return found.sort((one, other) => (one.line ?? Number.MAX_VALUE) - (other.line ?? Number.MAX_VALUE));
}

/** The bytes of all layers that were pulled for some images, each once; undefined where the builder does not tell them. */
export function pulledBytes(results: readonly ImageResult[]): number | undefined {
  const told = results.flatMap(({ done }) => done?.pulled ?? []);
  if (told.length === 0) return undefined;
  return [...new Map(told.flatMap((layers) => [...layers])).values()].reduce((all, one) => all + one, 0);
}

/** The bytes of all layers that were new to the registries; undefined where no image knows it. */
export function pushedBytes(results: readonly ImageResult[]): number | undefined {
  const told = results.flatMap((result) => result.pushedBytes ?? []);
  return told.length === 0 ? undefined : told.reduce((all, one) => all + one, 0);
}
