import { SolveProgress, Step, WorkSpan } from './solve-progress';

/** What was done for one step. */
export interface StepWork {
  /** How long it was worked on, in milliseconds. */
  readonly milliseconds: number;
  /** When it was worked on, from when the builder began with the image. */
  readonly spans: readonly WorkSpan[];
  /** The bytes of layers that were pulled for it. */
  readonly pulledBytes: number;
}

/** What all solves of an image did, as far as BuildKit tells it. */
export class WorkDone {
  private readonly steps = new Map<string, { readonly spans: Map<string, WorkSpan>; pulledBytes: number }>();
  private readonly layers = new Map<string, number>();
  private isTold = false;
  private beginning = Infinity;

  /** Takes in a solve that has ended. */
  public add({ vertexes }: SolveProgress): void {
    for (const { name, spans, pulled } of vertexes) {
      if (spans === undefined || pulled === undefined) continue;
      this.isTold = true;
      const step = this.steps.get(placeOf(name)) ?? { spans: new Map<string, WorkSpan>(), pulledBytes: 0 };
      this.steps.set(placeOf(name), step);
      for (const span of spans.values()) {
        this.beginning = Math.min(this.beginning, span.start);
        // Each of several solves at the same time tells of what they have in common, and buildx moves all its times a little: only how long it took stays.
        const work = `${name} ${span.milliseconds}`;
        if (!step.spans.has(work)) step.spans.set(work, span);
      }
      // BuildKit keeps what it has pulled, and names it again where another step needs it.
      const fresh = [...pulled].filter(([digest]) => !this.layers.has(digest));
      fresh.forEach(([digest, bytes]) => this.layers.set(digest, bytes));
      step.pulledBytes += sum(fresh.map(([, bytes]) => bytes));
    }
  }

  /** What was done for a step; undefined where the builder does not tell it. */
  public of({ name }: Step): StepWork | undefined {
    if (!this.isTold) return undefined;
    const { spans = new Map<string, WorkSpan>(), pulledBytes = 0 } = this.steps.get(placeOf(name)) ?? {};
    const inOrder = [...spans.values()].sort((one, other) => one.start - other.start);
    return {
      milliseconds: sum(inOrder.map(({ milliseconds }) => milliseconds)),
      spans: inOrder.map(({ start, milliseconds }) => ({ start: start - this.beginning, milliseconds })),
      pulledBytes,
    };
  }

  /** The layers that were pulled, by their digests, with their bytes; undefined where the builder does not tell them. */
  public get pulled(): ReadonlyMap<string, number> | undefined {
    return this.isTold ? this.layers : undefined;
  }
}

/** A linked copy has two vertexes. Of how many a step is one, and so the space in front of it, changes where copies are left out. */
function placeOf(name: string): string {
  return name.replace('] LINK ', '] ').replace(/^\[(.*?) *(\d+)\/\d+\]/, '$1 $2');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
