/**
 * What BuildKit says of a cache that is not there yet. A bucket that is not there is another matter: nothing will ever be written to it. And what has lost a part
 * was there.
 */
export function saysMissing(error: string): boolean {
  return /(: not found|does not exist)$/.test(error) && !/NoSuchBucket|could not fetch content descriptor/.test(error);
}
