/** Why a step ran and was not taken from the cache. */
export interface Reason {
  /** Stays the same in all versions, for programs. */
  readonly kind: ReasonKind;
  /** For a person, in the middle of a sentence. */
  readonly text: string;
}

export type ReasonKind =
  /** Files that the step copies or mounts. */
  | 'files'
  | 'base-image'
  | 'build-argument'
  | 'dockerfile'
  | 'refresh-period'
  /** A copy was built with `--link` or without it, and the last time the other way. */
  | 'linked-copies'
  /** There was no cache yet. */
  | 'empty-cache'
  | 'unread-cache'
  /** The image has none. */
  | 'no-cache'
  /** Nothing has changed, and the cache has no result of the step. */
  | 'not-in-cache'
  | 'unknown';

/** That something may have changed which nobody keeps. */
export const UNSURE: Reason = { kind: 'unknown', text: 'unknown' };

/** What became of something, by its digest in the last build and now. */
export function verb(before: string | undefined, now: string | undefined): string {
  return before === undefined ? 'is new' : now === undefined ? 'is gone' : 'changed';
}

/** Why the first step that ran did run. */
export interface FirstRun {
  /** The instruction as it is written; that of a base image as BuildKit shows it. */
  readonly step: string;
  /** The line of the instruction; undefined for one that the base image brings. */
  readonly line?: number;
  /** One at least: each is enough to make the step run. */
  readonly reasons: readonly Reason[];
}

/** As the report has it. */
export function sentenceOf({ step, line, reasons }: FirstRun): string {
  const short = step.length > 60 ? `${step.slice(0, 57)}...` : step;
  return `${short}${line === undefined ? '' : ` (line ${line})`}: ${reasons.map(({ text }) => text).join(', and ')}`;
}
