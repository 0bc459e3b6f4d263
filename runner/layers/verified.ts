import { createHash } from 'crypto';

/** Bytes as they come, which fail at their end when they are not those of the digest, and before it when they are more than expected. */
export async function* verified(bytes: AsyncIterable<Buffer>, digest: string, limit = Infinity): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > limit) throw new Error(`it is larger than ${limit} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found !== digest) throw new Error(`what was read is not ${digest} but ${found}`);
}

/** All of them at once. */
export async function verifiedWhole(bytes: AsyncIterable<Buffer>, digest: string, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of verified(bytes, digest, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
