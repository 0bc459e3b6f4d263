import { Readable } from 'stream';
import { pipeline } from 'stream/promises';
import { createGunzip } from 'zlib';
import { extract, Headers } from 'tar-stream';

/** What a layer says of one path. */
export interface LayerEntry {
  /** Absolute, without a slash at its end. */
  readonly path: string;
  readonly kind: 'directory' | 'link' | 'other';
  /** The permissions, with setuid, setgid and the sticky bit. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Where a symbolic link leads. */
  readonly target?: string;
  /** Whether it has extended attributes. */
  readonly hasAttributes?: boolean;
  /** What is in it, of the files that were asked for. */
  readonly content?: string;
}

/** No file with the names of users is larger, in bytes. */
const MAX_CONTENT = 1024 * 1024;

/** The types of the library leave this out. */
export type ExtendedHeaders = Headers & { readonly pax?: { readonly [key: string]: string } | null };

/** Lists a layer, a tar archive, as it comes. Fails when it is none. */
export async function layerEntries(layer: Readable, isGzip: boolean, wanted: readonly string[] = []): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  const archive = extract();
  archive.on('entry', ({ name, type, mode = 0, uid = 0, gid = 0, linkname, pax }: ExtendedHeaders, content, next) => {
    const path = absolutePath(name);
    const kind = type === 'directory' ? 'directory' : type === 'symlink' ? 'link' : 'other';
    const entry: LayerEntry = {
      path,
      kind,
      mode: mode % 0o10000,
      uid,
      gid,
      ...kind === 'link' && { target: linkname ?? '' },
      ...Object.keys(pax ?? {}).some((key) => key.startsWith('SCHILY.xattr.')) && { hasAttributes: true },
    };
    const chunks: Buffer[] = [];
    let size = 0;
    const keeps = wanted.includes(path);
    content.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (keeps && size <= MAX_CONTENT) chunks.push(chunk);
    });
    content.on('end', () => {
      entries.push(keeps ? { ...entry, content: Buffer.concat(chunks).toString() } : entry);
      next();
    });
  });
  if (isGzip) await pipeline(layer, createGunzip(), archive);
  else await pipeline(layer, archive);
  return entries;
}

/** A name of an archive as a path of the image. */
export function absolutePath(name: string): string {
  return `/${name.split('/').filter((part) => part !== '' && part !== '.').join('/')}`;
}
