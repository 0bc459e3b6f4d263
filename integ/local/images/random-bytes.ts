import { createCipheriv, createHash } from 'crypto';

/** Bytes that do not compress and are the same for the same seed. */
export function randomBytes(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
