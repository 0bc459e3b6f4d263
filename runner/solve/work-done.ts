import { SolveProgress, Step } from './solve-progress';

/** What was done for one step. */
export interface StepWork {
  /** How long it was worked on, in milliseconds. */
  readonly milliseconds: number;
  /** The bytes of layers that were pulled for it. */
  readonly pulledBytes: number;
}

/** What all solves of an image did, as far as BuildKit tells it. */
export class WorkDone {
  private readonly steps = new Map<string, StepWork>();
  private readonly layers = new Map<string, number>();
  private isTold = false;

  /** Takes in a solve that has ended. */
  public add({ vertexes }: SolveProgress): void {
    for (const { name, milliseconds, pulled } of vertexes) {
      if (milliseconds === undefined || pulled === undefined) continue;
      this.isTold = true;
      const { milliseconds: before, pulledBytes } = this.ofName(name);
      // BuildKit keeps what it has pulled, and names it again where another step needs it.
      const fresh = [...pulled].filter(([digest]) => !this.layers.has(digest));
      fresh.forEach(([digest, bytes]) => this.layers.set(digest, bytes));
      this.steps.set(placeOf(name), { milliseconds: before + milliseconds, pulledBytes: pulledBytes + sum(fresh.map(([, bytes]) => bytes)) });
    }
  }

  /** What was done for a step; undefined where the builder does not tell it. */
  public of({ name }: Step): StepWork | undefined {
    return this.isTold ? this.ofName(name) : undefined;
  }

  /** The layers that were pulled, by their digests, with their bytes; undefined where the builder does not tell them. */
  public get pulled(): ReadonlyMap<string, number> | undefined {
    return this.isTold ? this.layers : undefined;
  }

  private ofName(name: string): StepWork {
    return this.steps.get(placeOf(name)) ?? { milliseconds: 0, pulledBytes: 0 };
  }
}

/** A linked copy has two vertexes. Of how many a step is one, and so the space in front of it, changes where copies are left out. */
function placeOf(name: string): string {
  return name.replace('] LINK ', '] ').replace(/^\[(.*?) *(\d+)\/\d+\]/, '$1 $2');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
