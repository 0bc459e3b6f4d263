/** Starts work for all items, a few at a time, and gives what becomes of each. */
export function inLanes<Item, Result>(items: readonly Item[], lanes: number, work: (item: Item) => Promise<Result>): Map<Item, Promise<Result>> {
  const free: Promise<unknown>[] = Array.from({ length: lanes }, () => Promise.resolve());
  return new Map(items.map((item, index) => {
    const result = free[index % lanes].then(() => work(item));
    free[index % lanes] = result.catch(() => undefined); // whoever asks for the result is told
    return [item, result];
  }));
}
