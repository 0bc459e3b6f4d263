import { SolveProgress, Vertex } from '../../solve/solve-progress';

/** A line of kaniko itself; the others are those of the steps. */
// eslint-disable-next-line no-control-regex
const LINE = /^\x1b\[\d+m([A-Z]{4})\x1b\[0m(\[\d+\]) (.*)$/;

/** What kaniko says before each request. */
const CREDENTIALS = /^(all credential helpers disabled|credential providers by priority)/;

/** What it repeats all the time, too. */
const MANIFESTS = /^(Retrieving image manifest|Returning cached image manifest)/;

const CACHED = 'Using caching version of cmd: ';
const STEP = /^(RUN|COPY|ADD|WORKDIR) /;

/** The stage of the steps that kaniko finds cached before the first one: those that it can leave out. */
const AHEAD = 'ahead';

/**
 * What kaniko logs, as the progress of a solve: the steps, which of them were cached, the reading of the cache, and the error of a build that failed. kaniko
 * announces the cached steps of a stage before it, and of all stages that it can leave out before the first one.
 */
export class KanikoLog implements SolveProgress {
  /** It unpacks images and compares files, without a word. */
  public readonly loadsBetweenSteps = false;
  public events = 0;
  private said = '';
  /** Why a layer could not be kept. */
  public cacheFailure?: string;
  /** Whether another build has set the tag of the image meanwhile. */
  public isTagTaken = false;
  private stage = AHEAD;
  private readonly cached = new Map<string, Map<string, number>>();
  private readonly run: { text: string; isCached: boolean }[] = [];
  private waiting?: Vertex;
  private failedMirror?: Vertex;

  /** @param cache the repository of the cache, if there is one */
  constructor(private readonly cache: string | undefined) {}

  /** What a mirror could not give stands in a warning of kaniko's, and not in its error. */
  public get lastError(): string {
    return [this.said, this.failedMirror?.error].filter((text) => text).join('; ');
  }

  public get vertexes(): Iterable<Vertex> {
    const leftOut = [...this.cached.get(AHEAD) ?? []].flatMap(([text, count]) => {
      const met = this.run.filter((step) => step.text === text).length;
      return Array.from({ length: Math.max(count - met, 0) }, () => ({ text, isCached: true }));
    });
    const steps = [...this.run, ...leftOut];
    return [
      ...this.cache === undefined ? [] : [vertex('importing cache manifest from kaniko', true)],
      ...steps.map(({ text, isCached }, index) => vertex(`[${index + 1}/${steps.length}] ${text}`, isCached)),
      ...this.waiting ? [this.waiting] : [],
      ...this.failedMirror ? [this.failedMirror] : [],
    ];
  }

  public show(line: string): string[] {
    const text = line.trimEnd();
    this.events++;
    const [, level, time, said] = LINE.exec(text) ?? [];
    if (text.includes('Assertion violated [executor.')) this.said = said ?? text;
    if (said !== undefined && CREDENTIALS.test(said)) return [];
    this.waiting = undefined;
    if (said === undefined) {
      if (/^error [a-z]+ing /.test(text)) this.said = text;
      return [text];
    }
    const [, failure] = /^Error uploading layer to cache: (.*)$/.exec(said) ?? [];
    if (failure !== undefined) this.cacheFailure ??= failure.trim();
    if (said.startsWith('Immutable tag error ignored for ')) this.isTagTaken = true;
    this.takeMirror(said);
    this.take(said);
    return MANIFESTS.test(said) ? [] : [`${level}${time} ${said}`];
  }

  /** Of a mirror that gives no image, kaniko says so in a warning, and not in the error. */
  private takeMirror(said: string): void {
    const [, asked] = /^Retrieving image (\S+) from mapped registry /.exec(said) ?? [];
    if (asked !== undefined) this.waiting = { ...vertex(`[internal] load metadata for ${asked}`, false), isDone: false };
    const [, failed] = /^Failed to retrieve image (\S+) from remapped registry /.exec(said) ?? [];
    if (failed !== undefined) this.failedMirror = { ...vertex(`[internal] load metadata for ${failed}`, false), error: said };
  }

  private take(said: string): void {
    const stage = /^Building stage .*idx: '(\d+)'/.exec(said)?.[1];
    if (stage !== undefined) {
      this.stage = stage;
      return;
    }
    const cached = this.cached.get(this.stage) ?? new Map<string, number>();
    if (said.startsWith(CACHED)) {
      const text = said.slice(CACHED.length);
      cached.set(text, (cached.get(text) ?? 0) + 1);
      this.cached.set(this.stage, cached);
    } else if (this.stage !== AHEAD && STEP.test(said)) {
      // A step of a stage is named once when it begins, cached or not.
      const left = cached.get(said) ?? 0;
      if (left > 0) cached.set(said, left - 1);
      this.run.push({ text: said, isCached: left > 0 });
    }
  }
}

function vertex(name: string, isCached: boolean): Vertex {
  return { name, isStarted: true, isDone: true, isCached, error: '', transfers: new Set() };
}
