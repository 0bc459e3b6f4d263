/** What ends a build, or the build of one image, with a sentence for the reader of the log. Any other error is one of this program. */
export class Failure extends Error {}

/** That a machine does not answer, or not to the end. */
export class Unreachable extends Failure {}

/** What ends a build, as a sentence for the reader of the log: what nobody has foreseen is an error of this program, but for a disk that is full. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  const { code, stack } = Object(error) as { code?: unknown; stack?: unknown };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return `the disk for temporary files is full (${reasonOf(error)}): take a build machine with a larger disk, or set TMPDIR to a directory with more space`;
  }
  return `this is an error of the program itself, please report it: ${String(stack ?? error)}`;
}

/** The reason of a failure, for the middle of a sentence. */
export function reasonOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return (typeof message === 'string' ? message : String(error)).replace(/\s+/g, ' ').trim();
}
