/** The last lines of a log: what an error message shows. */
export function tail(log: string, lines = 40): string {
  const all = log.trimEnd().split('\n');
  const left = all.length - lines;
  return (left > 0 ? [`... ${left} lines before`, ...all.slice(-lines)] : all).join('\n');
}
