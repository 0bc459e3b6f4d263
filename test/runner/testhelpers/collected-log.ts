import { Log } from '../../../runner/report/log';

/** A log and all that was written to it. */
export function collectedLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: new Log((line) => lines.push(line)), lines };
}
