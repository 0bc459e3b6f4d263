import { SolveOutcome } from './solve';
import { stepsOfAll } from './solve-progress';
import { LayerCache } from '../cache/layer-cache';
import { ImageJob } from '../image/image-job';
import { Mirrors } from '../registry/mirrors';

/** What one attempt may use. */
export interface Attempt {
  /** Undefined without one. */
  readonly cache?: LayerCache;
  /** What tells BuildKit about mirrors; empty without them. */
  readonly mirrors: { readonly [name: string]: string };
}

export interface AttemptsOutcome extends SolveOutcome {
  /** Why the layer cache was left out, if it was. */
  readonly unreadCache?: string;
}

/** A step that ran and ended badly does so whatever cache and mirrors there are, in BuildKit and in kaniko; and a tag that is taken stays so. */
const STEP_FAILED = / did not complete successfully: exit code: \d+|waiting for process to exit: exit status \d+|tag is immutable/;

/** Whether a build failed in a step, so that it fails in any other way, too. */
export function isOfStep(error: string): boolean {
  return STEP_FAILED.test(error);
}

/** Who may not push now, may not in a moment. A mirror that refuses a layer that only the push needs reads like that, too. */
const PUSH_DENIED = /failed to push \S+: (denied|unauthorized|unexpected status from (POST|PUT|PATCH) request to \S+: 40[13])/;

/** What the registry of the image said to a push, and not one that layers were read from for it. */
const PUSH_FAILED = /failed to push \S+: (?!.*httpReadSeeker)/;

/** Where BuildKit asks for base images. */
const BASE_IMAGE = /load metadata for |^(\[[^\]]*\] )?FROM |docker-image:\/\//;

/**
 * Builds, and once more without what may have failed the build: a layer of the cache that cannot be read, or a mirror. BuildKit's texts do not say for sure
 * which of them it was. An attempt that fails again proves that it was neither, and its error is the one that counts.
 */
export async function attempt(
  { cache, mirrors, job: { log, unreadCache } }: { readonly cache: LayerCache; readonly mirrors: Mirrors; readonly job: Pick<ImageJob, 'log' | 'unreadCache'> },
  build: (how: Attempt) => Promise<SolveOutcome>,
): Promise<AttemptsOutcome> {
  let how: Attempt = { cache: unreadCache === undefined ? cache : undefined, mirrors: mirrors.environment };
  let outcome: AttemptsOutcome = await build(how);
  /** What each was left out for. */
  const reasons: { cache?: string; mirrors?: string } = { cache: unreadCache };
  let isPushedAgain = false;
  while (!outcome.ok && !isOfStep(outcome.error.text)) {
    const isDenied = PUSH_DENIED.test(outcome.error.text);
    if (isDenied && Object.keys(how.mirrors).length === 0) break;
    if (!isPushedAgain && !isDenied && PUSH_FAILED.test(outcome.error.text)) {
      log.warn(`the push failed, and is tried again: ${outcome.error.text}`);
      isPushedAgain = true;
      const { steps } = outcome;
      const again = await build(how);
      outcome = { ...again, steps: stepsOfAll([steps, again.steps]) };
      continue;
    }
    const hasCache = how.cache !== undefined && outcome.imports.some(({ error }) => error === '');
    const hasMirrors = Object.keys(how.mirrors).length > 0 && !mirrors.areRequired;
    if (!hasCache && !hasMirrors) break;
    if (hasMirrors && (!hasCache || BASE_IMAGE.test(outcome.error.vertex))) {
      log.warn(`the build failed, and is tried once more without mirrors: ${outcome.error.text}`);
      how = { ...how, mirrors: {} };
      reasons.mirrors = outcome.error.text;
    } else {
      log.warn(`the build failed, and is tried once more without the layer cache: ${outcome.error.text}`);
      how = { ...how, cache: undefined };
      reasons.cache = outcome.error.text;
    }
    outcome = await build(how);
  }
  if (!outcome.ok) return mirrors.areRequired && BASE_IMAGE.test(outcome.error.vertex) ? onlyFromMirrors(outcome, mirrors) : outcome;
  if (reasons.mirrors !== undefined) mirrors.giveUp(reasons.mirrors);
  return reasons.cache === undefined ? outcome : { ...outcome, unreadCache: reasons.cache };
}

/** What keeps the build from asking anybody else. */
function onlyFromMirrors(outcome: AttemptsOutcome, mirrors: Mirrors): AttemptsOutcome {
  const names = mirrors.inUse.map(({ upstream, endpoint }) => `those of ${upstream} from ${endpoint}`).join(', ');
  return { ...outcome, error: { ...outcome.error, text: `${outcome.error.text} (base images come from mirrors only, ${names}, since the builder was declared with fallbackToUpstream: false)` } };
}
