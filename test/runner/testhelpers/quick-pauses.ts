const real = setTimeout;

/** Shortens pauses of these lengths to nearly nothing, in milliseconds. Gives those that were made. */
export function quickPauses(...lengths: number[]): number[] {
  const made: number[] = [];
  const quick = (run: () => void, milliseconds: number, ...rest: []) => {
    if (!lengths.includes(milliseconds)) return real(run, milliseconds, ...rest);
    made.push(milliseconds);
    return real(run, 5);
  };
  const spy = jest.spyOn(global, 'setTimeout').mockImplementation(quick as typeof setTimeout);
  restores.push(() => spy.mockRestore());
  return made;
}

const restores: (() => void)[] = [];

afterEach(() => restores.splice(0).forEach((restore) => restore()));
