import { BuildInputs, InputsOfBuild } from './build-inputs';
import { Changes } from './changes';
import { FirstRun, Reason, UNSURE } from './reason';
import { BuildOutcome } from '../builder/builder';
import { LayerCache } from '../cache/layer-cache';
import { saysMissing } from '../cache/missing-cache';
import { cachedImage } from '../image/image-job';
import { textOf } from '../links/link-dockerfile';
import { copiesAfterLastRun } from '../links/trailing-copies';
import { instructionOf } from '../solve/steps-below';

export interface RanBuild {
  readonly build: InputsOfBuild;
  readonly built: BuildOutcome;
  readonly cache: LayerCache;
  /** Where layers stay by themselves. */
  readonly keeper?: string;
  readonly now: BuildInputs;
  /** What the last build has left of its own; undefined where it has left nothing. */
  readonly before?: BuildInputs;
  /** Whether the last build could not write its cache. */
  readonly lastCacheFailed?: boolean;
}

/** Why the first step that ran did run; undefined where none has. It claims nothing that is not sure. */
export function whyItRan(ran: RanBuild): FirstRun | undefined {
  const { build: { dockerfile, builtDockerfile }, built: { steps } } = ran;
  const all = steps.filter(({ isCached }) => !isCached).map((step) => ({ step, place: instructionOf(step, builtDockerfile) }));
  // In the order of the Dockerfile, and what the base image brings at the end.
  const [first] = all.sort((one, other) => (one.place?.line ?? Number.MAX_VALUE) - (other.place?.line ?? Number.MAX_VALUE));
  if (!first) return undefined;
  const line = first.place?.line;
  const written = dockerfile.stages.flatMap(({ instructions }) => instructions).find((instruction) => instruction.line === line);
  const step = written ? textOf(written) : first.step.name.replace(/^\[[^\]]*\] /, '');
  return { step: step.replace(/\s+/g, ' '), ...line !== undefined && { line }, reasons: withoutCache(ran) ?? changesOf(ran, line) };
}

/** What makes every step run. */
function withoutCache({ build, built: { imports, unreadCache }, cache, keeper }: RanBuild): Reason[] | undefined {
  if (unreadCache !== undefined) return [{ kind: 'unread-cache', text: `the cache was not read: ${unreadCache}` }];
  const hasCache = cache.isInline || cache.sources(cachedImage(build.job)).length > 0 || (build.job.options?.cacheFrom.length ?? 0) > 0;
  if (!hasCache) return keeper === undefined ? [{ kind: 'no-cache', text: 'the image has no layer cache' }] : undefined;
  if (imports.length === 0 || imports.some(({ error }) => error === '')) return undefined;
  const failure = imports.find(({ error }) => !saysMissing(error));
  return [failure ? { kind: 'unread-cache', text: `the cache was not read: ${failure.error}` } : { kind: 'empty-cache', text: 'nothing was in the cache yet' }];
}

function changesOf({ build, now, before, lastCacheFailed }: RanBuild, line: number | undefined): Reason[] {
  if (!before) return unknown('the last build has left nothing to compare with');
  const { dockerfile, job: { plan: { target } } } = build;
  const stage = dockerfile.stages.find(({ instructions }) => instructions.some((instruction) => instruction.line === line));
  if (!stage || line === undefined) return unknown('it is no step of the Dockerfile');
  const changes = new Changes(build, now, before);
  const own = changes.ofStep(stage, line);
  if (own.some(isSure)) return distinct(own);
  if (own.length > 0) return [UNSURE];
  const below = changes.below(stage, line);
  if (below.some(isSure)) return distinct(below);
  if (below.length > 0 || now.others !== before.others) return [UNSURE];
  if (lastCacheFailed) return [{ kind: 'not-in-cache', text: 'the cache does not have it, since the last build could not write it' }];
  const isLast = copiesAfterLastRun(dockerfile, target).some(({ instruction }) => instruction.line === line);
  const why = isLast ? 'since it is not written when only the last copies are new' : 'though nothing has changed for it since the last build';
  return [{ kind: 'not-in-cache', text: `the cache does not have it, ${why}` }];
}

function unknown(why: string): Reason[] {
  return [{ kind: 'unknown', text: `unknown, since ${why}` }];
}

function isSure({ kind }: Reason): boolean {
  return kind !== 'unknown';
}

function distinct(reasons: readonly Reason[]): Reason[] {
  return [...new Map(reasons.filter(isSure).map((reason) => [reason.text, reason])).values()].slice(0, 3);
}
