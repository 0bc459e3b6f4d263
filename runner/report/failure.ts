/** What ends a build, or the build of one image, with a sentence for the reader of the log. Any other error is one of this program. */
export class Failure extends Error {}

/** That a machine does not answer, or not to the end. */
export class Unreachable extends Failure {}

/** The reason of a failure, for the middle of a sentence. */
export function reasonOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return (typeof message === 'string' ? message : String(error)).replace(/\s+/g, ' ').trim();
}
