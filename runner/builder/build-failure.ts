import { Failure } from '../report/failure';

/** A build that failed in BuildKit. */
export class BuildFailure extends Failure {
  /** @param vertex what failed, as BuildKit calls it; empty when it is the build as a whole */
  constructor(message: string, private readonly vertex: string) {
    super(message);
  }

  /** Whether a copy failed, or BuildKit did not even begin: then it may be the way in which the copy is written. */
  public get mayBeCopy(): boolean {
    return /\] (LINK )?(COPY|ADD) /.test(this.vertex) || (this.vertex === '' && /failed to solve/.test(this.message));
  }
}
