/** A report of a build, as `report.json` has it: see docs/reading-the-report.md. */
export interface BuildReport {
  /** Undefined in those of the first builds, which did not say it. */
  readonly startedAt?: string;
  readonly seconds: number;
  readonly phases: { readonly [phase: string]: number };
  readonly builder?: string;
  readonly baseImages?: string;
  readonly pulledBytes?: number;
  readonly pushedBytes?: number;
  readonly images: readonly ImageReport[];
}

export interface ImageReport {
  readonly name: string;
  readonly repository: string;
  readonly tag: string;
  readonly digest?: string;
  readonly result: string;
  readonly failure?: string;
  readonly startedAt?: string;
  readonly phases: { readonly [phase: string]: number };
  readonly pulledBytes?: number;
  readonly pushedBytes?: number;
  readonly steps?: readonly StepReport[];
  readonly layers?: readonly LayerReport[];
  readonly firstRun?: FirstRunReport;
  readonly copies?: string;
  readonly cache?: CacheReport;
}

export interface FirstRunReport {
  readonly step: string;
  readonly line?: number;
  readonly reasons: readonly { readonly kind: string; readonly text: string }[];
}

export interface StepReport {
  readonly name: string;
  readonly line?: number;
  readonly state: string;
  readonly seconds?: number;
  readonly times?: readonly { readonly start: number; readonly seconds: number }[];
  readonly pulledBytes?: number;
}

export interface LayerReport {
  readonly digest: string;
  readonly bytes: number;
  readonly step?: string;
  readonly line?: number;
  readonly state?: string;
}

export interface CacheReport {
  readonly read?: readonly { readonly from: string; readonly error?: string }[];
  readonly unread?: string;
  readonly written?: boolean;
  readonly writtenTo?: string;
  readonly failure?: string;
}

/** Whether an image made its build fail, also where it is in its repository. */
export function isFailed({ result, failure }: ImageReport): boolean {
  return result === 'failed' || failure !== undefined;
}

export function isThere({ result }: ImageReport): boolean {
  return result === 'already there';
}

/** How many steps of an image came from the cache, and of how many. */
export function cachedSteps({ steps = [] }: ImageReport): { readonly cached: number; readonly all: number } {
  return { cached: steps.filter(({ state }) => ['cached', 'downloaded'].includes(state)).length, all: steps.length };
}

/** The same of a build. What failed has not had all its steps, and does not count. */
export function cachedStepsOfBuild({ images }: BuildReport): { readonly cached: number; readonly all: number } {
  const counted = images.filter(({ result }) => result !== 'failed').map(cachedSteps);
  return { cached: counted.reduce((sum, { cached }) => sum + cached, 0), all: counted.reduce((sum, { all }) => sum + all, 0) };
}

/** How long the parts of the build of an image took together. */
export function secondsOf({ phases }: ImageReport): number {
  return Object.values(phases).reduce((sum, seconds) => sum + seconds, 0);
}
