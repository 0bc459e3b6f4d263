import { createHash } from 'crypto';

/**
 * What tells a value from the one of the last build, and tells nobody the value: of each 65,536 guesses, one fits. An image has the same for a value each time,
 * so that many of them say no more than one, and another image has another one.
 *
 * @param salt what is the image's own
 */
export function shortDigest(salt: string, value: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify([salt, value])).digest('hex').slice(0, 4);
}
