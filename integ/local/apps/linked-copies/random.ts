/** Numbers that look random and are the same for the same seed. */
export class Random {
  private state: number;

  public constructor(seed: number) {
    this.state = seed * 2654435761 % 2 ** 32;
  }

  public below(limit: number): number {
    this.state = (this.state * 1664525 + 1013904223) % 2 ** 32;
    return Math.floor(this.state / 2 ** 32 * limit);
  }

  public pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  public times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}
