/** Bytes as megabytes, with decimals where there are few. */
export function megabytes(bytes: number): string {
  return bytes < 9.95e6 ? (bytes / 1e6).toFixed(2) : (bytes / 1e6).toFixed(0);
}
