import * as crypto from 'crypto';

/** Raised when the same files mean another image, because this library builds it differently. */
const VERSION = '1';

/** A hash of named values, in whatever order they were given. */
export function hashValues(values: { [name: string]: unknown }): string {
  return crypto.createHash('sha256').update(JSON.stringify([VERSION, sorted(values)])).digest('hex');
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') {
    return value ?? null;
  }
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]);
}
