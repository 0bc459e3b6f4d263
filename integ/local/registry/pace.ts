import { Transform } from 'stream';

/** One direction of a line all connections share, which carries only so many bytes a second. */
export class Pace {
  /** When the line has carried everything given to it so far. */
  private free = 0;

  /** @param bytesPerSecond asked for every chunk; 0 is no limit */
  public constructor(private readonly bytesPerSecond: () => number) {}

  public stream(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _, done) => {
        const rate = this.bytesPerSecond();
        if (rate === 0) return done(null, chunk);
        const now = performance.now();
        // timers come late: a little of that may be made up for
        this.free = Math.max(now - 20, this.free) + chunk.length / rate * 1000;
        const wait = this.free - now;
        if (wait < 2) return done(null, chunk);
        setTimeout(() => done(null, chunk), wait);
      },
    });
  }
}
