import { endProcesses } from './leftovers';

/** Ends the processes of a build that takes too long, and those it starts then, until the build is through. */
export class TimeLimit {
  public exceeded = false;

  private readonly timer: NodeJS.Timeout;
  private ending?: Promise<void>;
  private through = false;

  public constructor(seconds: number, private readonly marker: string, private readonly onExceeded: () => void) {
    this.timer = setTimeout(() => this.ending = this.end(), seconds * 1000);
  }

  /** The build is through: from here on nothing of it is ended any more. */
  public async lift(): Promise<void> {
    clearTimeout(this.timer);
    this.through = true;
    await this.ending;
  }

  private async end(): Promise<void> {
    this.exceeded = true;
    this.onExceeded();
    while (!this.through) {
      await endProcesses(this.marker);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }
}
