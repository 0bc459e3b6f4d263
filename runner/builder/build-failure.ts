import { ImageJob } from '../image/image-job';
import { Failure } from '../report/failure';
import { Step } from '../solve/solve-progress';

/** What was done until a build failed. */
export interface TriedBuild {
  /** With the Dockerfile that was built. */
  readonly job: ImageJob;
  readonly steps: readonly Step[];
}

/** A build that failed in BuildKit. */
export class BuildFailure extends Failure {
  /**
   * @param vertex what failed, as BuildKit calls it; empty when it is the build as a whole
   * @param tried undefined where nobody asks
   */
  constructor(message: string, private readonly vertex: string, public readonly tried?: TriedBuild) {
    super(message);
  }

  /** Whether a copy failed, or BuildKit did not even begin: then it may be the way in which the copy is written. */
  public get mayBeCopy(): boolean {
    return /\] (LINK )?(COPY|ADD) /.test(this.vertex) || (this.vertex === '' && /failed to solve/.test(this.message));
  }
}
