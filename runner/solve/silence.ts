import { SolveProgress, Vertex } from './solve-progress';

/** After how many milliseconds without a word a solve that waits for another machine is given up. */
const PATIENCE = 90_000;

/** What BuildKit asks other machines for. A step may be silent for as long as it wants. */
const QUESTION = /^(\[(?:[^\]]* )?internal\] load metadata for |resolve image config for |importing cache manifest from |\[auth\] )/;

/** What BuildKit reads layers for without a word of them, and may be silent about for other reasons: it gets this many times the patience. */
const COPY = /^\[[^\]]*\d+\/\d+\] (LINK )?(COPY|ADD) /;
const PATIENCE_WITH_COPIES = 10;

/** Ends a solve that has waited for another machine for too long: BuildKit itself waits for an answer as long as it takes. */
export class SilenceWatch {
  /** What was given up; empty if nothing was. */
  public culprit = '';
  private readonly controller = new AbortController();
  private last = Date.now();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly progress: SolveProgress, private readonly patience = PATIENCE) {
    this.timer = setInterval(() => this.check(), Math.min(1000, patience / 4));
    this.timer.unref();
  }

  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  public heard(): void {
    this.last = Date.now();
  }

  public stop(): void {
    clearInterval(this.timer);
  }

  private check(): void {
    const silent = Date.now() - this.last;
    if (silent < this.patience) return;
    const running = [...this.progress.vertexes].filter(({ isStarted, isDone }) => isStarted && !isDone);
    const asks = running.find(isWaiting);
    const waiting = asks ?? (silent < this.patience * PATIENCE_WITH_COPIES ? undefined : running.find(({ name }) => COPY.test(name)));
    if (!waiting && (running.length > 0 || !this.progress.loadsBetweenSteps)) return;
    this.culprit ||= waiting?.name ?? '';
    this.controller.abort(`nothing came for ${Math.round(this.patience * (waiting && !asks ? PATIENCE_WITH_COPIES : 1) / 1000)} seconds ${waiting ? `during '${waiting.name}'` : 'while the next step was waiting for layers'}`);
  }
}

function isWaiting({ name, transfers }: Vertex): boolean {
  return QUESTION.test(name) || transfers.size > 0;
}
