/** The summary that each build ends with, line by line. */
export interface BuildReport {
  readonly image: string;
  readonly digest: string;
  readonly result: string;
  readonly builder: string;
  readonly steps: string;
  /** Why the first step that ran did run; empty where none has. */
  readonly firstRun: string;
  /** Which copies were linked, or why none was. */
  readonly copies: string;
  readonly cacheRead: string;
  readonly cacheWritten: string;
  readonly time: string;
}

/** Reads the summary out of a log. What a failed build did not get to say is empty. */
export function readReport(log: string): BuildReport {
  const summary = summaryOf(log);
  const line = (name: string) => new RegExp(`^${name.padEnd(14)}(.*)$`, 'm').exec(summary)?.[1] ?? '';
  return {
    image: line('image'),
    digest: line('digest'),
    result: line('result'),
    builder: line('builder'),
    steps: line('steps'),
    firstRun: line('first run'),
    copies: line('copies'),
    cacheRead: line('cache read'),
    cacheWritten: line('cache written'),
    time: line('time'),
  };
}

/** A row of the table that a build of several images ends with. */
export interface ImageReport {
  readonly image: string;
  readonly result: string;
  readonly steps: string;
  readonly cacheRead: string;
  readonly cacheWritten: string;
}

/** Reads the table of a build of several images. */
export function readImageReports(log: string): ImageReport[] {
  const lines = summaryOf(log).split('\n');
  const head = lines.findIndex(line => /^image +tag +result +/.test(line));
  if (head < 0) return [];
  const end = lines.findIndex((line, index) => index > head && line === '');
  const columns = ['image', 'tag', 'result', 'steps', 'cache read', 'cache written', 'seconds'].map(name => lines[head].search(new RegExp(`(^|  )${name}( |$)`)));
  return lines.slice(head + 1, end < 0 ? undefined : end).filter(line => !line.startsWith('[Container]')).map(line => {
    const [image, , result, steps, cacheRead, cacheWritten] = columns.map((start, i) => line.slice(start, columns[i + 1]).trim());
    return { image, result, steps, cacheRead, cacheWritten };
  });
}

/** What the report of a build of several images says of the copies of each, by its name. */
export function readCopies(log: string): Map<string, string> {
  const [, rows = ''] = /\nimage +copies\n((?:.+(?:\n|$))*)/.exec(summaryOf(log)) ?? [];
  return new Map(rows.trimEnd().split('\n').map(row => /^(\S+) +(.*)$/.exec(row)).filter(match => match !== null).map(([, image, copies]) => [image, copies]));
}

/** What comes behind the line that begins the summary. A line of another program begins with something else, whatever it says. */
function summaryOf(log: string): string {
  return log.split(/^--- cached docker build ---\n/m)[1] ?? '';
}
