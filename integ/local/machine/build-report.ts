/** The summary that each build ends with, line by line. */
export interface BuildReport {
  readonly image: string;
  readonly digest: string;
  readonly result: string;
  readonly builder: string;
  readonly steps: string;
  readonly cacheRead: string;
  readonly cacheWritten: string;
  readonly time: string;
}

/** Reads the summary out of a log. What a failed build did not get to say is empty. */
export function readReport(log: string): BuildReport {
  const summary = log.split('--- cached docker build ---\n')[1] ?? '';
  const line = (name: string) => new RegExp(`^${name.padEnd(14)}(.*)$`, 'm').exec(summary)?.[1] ?? '';
  return {
    image: line('image'),
    digest: line('digest'),
    result: line('result'),
    builder: line('builder'),
    steps: line('steps'),
    cacheRead: line('cache read'),
    cacheWritten: line('cache written'),
    time: line('time'),
  };
}
