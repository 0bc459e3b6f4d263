import * as path from 'path';
import { NamedContext } from '../../lib/plan/image-plan';
import { LayerCache } from '../cache/layer-cache';
import { cachedImage, ImageJob } from '../image/image-job';

export interface SolveOptions {
  /** A stage that is kept as an image of its own, instead of that of the image. */
  readonly stage?: string;
  /** The layer cache to read; undefined for none. */
  readonly cache?: LayerCache;
  /** Whether steps have the network of the build machine. */
  readonly hasHostNetwork?: boolean;
}

/** What every solve of one image has in common, so that the export of the cache finds each step of the build done already. The context is the last one. */
export function solveArguments(job: ImageJob, { stage, cache, hasHostNetwork }: SolveOptions): string[] {
  const { plan, context, dockerfile, options } = job;
  const target = stage ?? plan.target;
  const network = options?.network ?? (hasHostNetwork ? 'host' : undefined);
  const image = cachedImage(job);
  // Of a stage, its own image only: what the image says of its stages has no layers, and BuildKit may come upon it first.
  const sources = cache && (stage === undefined ? [...cache.sources(image), ...options?.cacheFrom ?? []] : cache.stageImages(image, stage));
  return [
    '--platform', plan.platform,
    ...network === undefined ? [] : ['--network', network],
    '--file', dockerfile,
    ...target === undefined ? [] : ['--target', target],
    ...Object.entries(plan.buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(plan.buildContexts ?? {}).flatMap(([name, given]) => ['--build-context', `${name}=${placeOf(given, job.input)}`]),
    ...job.secrets.arguments,
    // Steps of another period shall run again. The names of additional hosts are part of what BuildKit knows a RUN step by, and leave no trace in the image.
    ...plan.refreshPeriod === undefined ? [] : ['--pull', '--add-host', `refresh-${plan.refreshPeriod}.invalid:127.0.0.1`],
    ...(sources ?? []).flatMap((source) => ['--cache-from', source]),
    context,
  ];
}

function placeOf({ path: folder = '', image }: NamedContext, input: string): string {
  return image === undefined ? path.join(input, folder) : `docker-image://${image}`;
}
