import { Measurement } from './measurement';

/** Says how far the benchmark is. */
export class Progress {
  private readonly start = Date.now();
  private done = 0;

  /** @param secondsEach a guess, until some builds are done */
  public constructor(private readonly builds: number, secondsEach: number) {
    console.error(`${builds} builds, about ${minutes(builds * secondsEach)} with two processors that have nothing else to do`);
  }

  public show({ strategy, dockerfile, change, round, seconds, down, up, cached, run, phases }: Measurement): void {
    this.done++;
    const left = (Date.now() - this.start) / 1000 / this.done * (this.builds - this.done);
    console.error([
      `${this.done}/${this.builds}, ${minutes(left)} left: round ${round}, ${dockerfile}, ${change}, ${strategy}: ${seconds.toFixed(1)} s,`,
      `${(down / 1e6).toFixed(2)} MB down, ${(up / 1e6).toFixed(2)} up, ${cached} cached, ${run} run${phases && `; ${phases}`}`,
    ].join(' '));
  }
}

function minutes(seconds: number): string {
  return `${Math.max(1, Math.round(seconds / 60))} min`;
}
