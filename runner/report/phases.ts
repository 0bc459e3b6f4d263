/** How long the parts of a build take. */
export class Phases {
  public readonly startedAt = new Date();
  private readonly start = performance.now();
  private readonly taken: { [phase: string]: number } = {};

  /** Runs a part; its time counts however it ends. */
  public async time<T>(phase: string, run: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run();
    } finally {
      this.taken[phase] = performance.now() - start;
    }
  }

  public get milliseconds(): { readonly [phase: string]: number } {
    return { ...this.taken };
  }

  public get total(): number {
    return performance.now() - this.start;
  }
}
