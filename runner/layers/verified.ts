import { createHash } from 'crypto';

/** Bytes as they come, which fail at their end when they are not those of the digest. */
export async function* verified(bytes: AsyncIterable<Buffer>, digest: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new Error(`what was read is not ${digest} but ${found}`);
}
