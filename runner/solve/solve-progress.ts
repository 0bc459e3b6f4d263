/** A step of the Dockerfile, in one build. */
export interface Step {
  /** As BuildKit calls it, such as `[stage 2/5] RUN make`. */
  readonly name: string;
  readonly isCached: boolean;
}

/** A layer cache that a build has asked for. */
export interface CacheImport {
  /** What the report calls it: the tag, or `s3`. */
  readonly from: string;
  /** Why it could not be read; empty if it was. */
  readonly error: string;
}

/** What fails a build, as BuildKit says it. */
export interface SolveError {
  /** The name of the vertex, such as `[2/4] RUN make`; empty when it is the build as a whole. */
  readonly vertex: string;
  readonly text: string;
}

/** A time that something was worked on, in milliseconds, as the clock of the builder has it. */
export interface WorkSpan {
  readonly start: number;
  readonly milliseconds: number;
}

/** Something a builder does. */
export interface Vertex {
  readonly name: string;
  isStarted: boolean;
  isDone: boolean;
  isCached: boolean;
  /** Whether it has ended well once, whatever was asked of it afterwards. */
  hasRun?: boolean;
  error: string;
  /** What it moves to or from other machines just now. */
  readonly transfers: Set<string>;
  /** Each time that it was worked on, by when that began; undefined where the builder does not tell it. */
  readonly spans?: ReadonlyMap<string, WorkSpan>;
  /** The layers that were pulled for it, by their digests, with the bytes so far; undefined where the builder does not tell them. */
  readonly pulled?: ReadonlyMap<string, number>;
}

/** The progress of one solve: lines come in, lines for a person go out, and what the report needs stays. */
export interface SolveProgress {
  readonly vertexes: Iterable<Vertex>;
  /** The last word of a solve that failed. */
  readonly lastError: string;
  /** How often something has happened: a layer of which no byte comes is named again and again. */
  readonly events: number;
  /** Whether the builder only waits for layers of others while no step runs. */
  readonly loadsBetweenSteps: boolean;
  /** What a person wants to see of a line. */
  show(line: string): string[];
}

/** BuildKit names a step of the Dockerfile `[stage 2/5] RUN ...`; all else is its own work, and FROM is never cached. */
const STEP = /^\[(?:[^\]]* )?\d+\/\d+\] (?!FROM )/;

/** How the error of what BuildKit has begun, and nothing needs any more, ends. */
const GIVEN_UP = /context canceled$/;

/**
 * The steps of a build. A linked copy has a second vertex of the same name with LINK in front. Where several images are built at the same time, a step may have
 * vertexes that only wait for another one of the same name, and one that a cached step needs may never start, or be given up when the result of a later one is found.
 *
 * @param isComplete whether what never started, or was given up, was not needed
 */
export function stepsOf(progress: SolveProgress, isComplete: boolean): Step[] {
  const cached = new Map<string, boolean>();
  for (const { name, isStarted, isCached, hasRun, error } of progress.vertexes) {
    if (!STEP.test(name) || !(isStarted || isCached || isComplete)) continue;
    const isUnneeded = !isStarted || (isComplete && !hasRun && GIVEN_UP.test(error));
    cached.set(name, isCached || isUnneeded || (cached.get(name) ?? false));
  }
  const steps = new Map<string, boolean>();
  for (const [name, isCached] of cached) {
    const step = name.replace('] LINK ', '] ');
    steps.set(step, isCached && (steps.get(step) ?? true));
  }
  return [...steps].map(([name, isCached]) => ({ name, isCached }));
}

/** The steps of a build that took several solves: each once, and cached only if it was in all of them. */
export function mergeSteps(solves: readonly (readonly Step[])[]): Step[] {
  const steps = new Map<string, boolean>();
  for (const { name, isCached } of solves.flat()) steps.set(name, isCached && (steps.get(name) ?? true));
  return [...steps].map(([name, isCached]) => ({ name, isCached }));
}

/** The steps of an image that was built again with other copies: each is what it was the last time, and cached only if it was each time. */
export function stepsOfAll(solves: readonly (readonly Step[])[]): readonly Step[] {
  // Of how many, and so how much space is before it, changes with what is left out at the end.
  const placeOf = ({ name }: Step) => name.replace(/^\[(.*?) *(\d+)\/\d+\].*$/s, '$1 $2');
  const ran = new Set(solves.flat().filter(({ isCached }) => !isCached).map(placeOf));
  return (solves.at(-1) ?? []).map((step) => ({ ...step, isCached: !ran.has(placeOf(step)) }));
}

export function importsOf(progress: SolveProgress): CacheImport[] {
  return [...progress.vertexes].filter(({ name }) => name.startsWith('importing cache manifest')).map(({ name, error }) => {
    const place = name.split(' ').at(-1) ?? '';
    return { from: place.startsWith('s3:') ? 's3' : place.split(/[/:]/).at(-1) ?? '', error: error.replace(/\s+/g, ' ').trim() };
  });
}

/** The digests of the images that a build starts from or copies from, by their names, as far as the progress says them. */
export function baseImagesOf(progress: SolveProgress): { [image: string]: string } {
  const found = [...progress.vertexes].flatMap(({ name }) => {
    const [, image, digest] = /^(?:\[[^\]]*\] )?FROM (\S+?)(?:@(sha256:[0-9a-f]{64}))$/.exec(name) ?? [];
    return image === undefined ? [] : [[image, digest]];
  });
  return Object.fromEntries(found) as { [image: string]: string };
}

/** Why a solve failed. Of several errors, those that only follow from another one do not count. */
export function errorOf(progress: SolveProgress): SolveError {
  const failed = [...progress.vertexes].find(({ name, error }) => error !== '' && !GIVEN_UP.test(error) && !name.startsWith('importing cache manifest'));
  return { vertex: failed?.name ?? '', text: (progress.lastError || failed?.error || '').replace(/\s+/g, ' ').trim() };
}
