/** How layers are compressed that only the cache holds. What it has in common with the image is gzip, as AWS Lambda wants it, and stored once. */
export enum CacheCompression {
  /** Read by every version of Docker and BuildKit. */
  GZIP = 'gzip',

  /** Written in less than half the time. Builds that read the cache need BuildKit 0.10 or Docker 23 at least. */
  ZSTD = 'zstd',
}
