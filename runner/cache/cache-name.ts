import { createHash } from 'crypto';

/** The name of a part of a cache that a scope or a stage has to itself. Whatever the part is called, it becomes a valid tag, and no two parts become the same. */
export function cacheName(name: string, part: string | undefined): string {
  if (part === undefined || part === '') return name;
  const hash = createHash('sha256').update(part).digest('hex');
  return `${name}_${part.replace(/[^a-zA-Z0-9.]/g, '-').slice(0, 24)}-${hash.slice(0, 10)}`;
}
