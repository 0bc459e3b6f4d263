/** Does long work, and says every 15 seconds that it is not done yet. */
export async function stillGoing<T>(what: string, say: (line: string) => void, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const timer = setInterval(() => say(`still ${what}, ${Math.round((performance.now() - start) / 1000)} s`), 15_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
