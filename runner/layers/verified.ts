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

/** All of them at once; fails when they are more than expected. */
export async function verifiedWhole(bytes: AsyncIterable<Buffer>, digest: string, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of verified(bytes, digest)) {
    size += chunk.length;
    if (size > limit) throw new Error(`it is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
