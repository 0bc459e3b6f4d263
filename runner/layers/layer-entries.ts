import { posix } from 'path';
import { Readable } from 'stream';
import { pipeline } from 'stream/promises';
import { createGunzip } from 'zlib';
import { extract, Headers } from 'tar-stream';
import { LAYER_LIMITS, LayerGuard } from './layer-guard';

/** Whose a file or directory is, and with what mode. */
export interface Ownership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

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

/** Linux takes no longer path or target of a link. */
const MAX_PATH = 4096;

/** Node.js unpacks 16 kB at a time unless told otherwise, which takes twice as long: in bytes. */
const CHUNK = 256 * 1024;

/** The types of the library leave this out. */
export type ExtendedHeaders = Headers & { readonly pax?: { readonly [key: string]: string } | null };

/** Lists a layer, a tar archive, as it comes. Fails when it is none, or costs too much. */
export async function layerEntries(layer: Readable, isGzip: boolean, wanted: readonly string[] = [], limits = LAYER_LIMITS): Promise<LayerEntry[]> {
  const entries: LayerEntry[] = [];
  const links = new Map<string, string>();
  const archive = extract();
  const guard = new LayerGuard(limits);
  archive.on('entry', (header: ExtendedHeaders, content, next) => {
    guard.entry();
    if (header.name.length > MAX_PATH || (header.linkname ?? '').length > MAX_PATH) {
      next(new Error('a layer has a path that is longer than any'));
      return;
    }
    const entry = entryOf(header, links);
    if (entry.target !== undefined) links.set(entry.path, entry.target);
    const keeps = header.type === 'file' && wanted.includes(entry.path) && (header.size ?? 0) <= MAX_CONTENT;
    const chunks: Buffer[] = [];
    content.on('data', (chunk: Buffer) => {
      guard.heard();
      if (keeps) chunks.push(chunk);
    });
    content.on('error', () => undefined); // the archive fails with it
    content.on('end', () => {
      entries.push(keeps ? { ...entry, content: Buffer.concat(chunks).toString() } : entry);
      next();
    });
  });
  if (isGzip) await pipeline(layer, createGunzip({ chunkSize: CHUNK }), guard, archive);
  else await pipeline(layer, guard, archive);
  return entries;
}

/** @param links the symbolic links of the layer so far: a hard link to one is one, too */
function entryOf({ name, type, mode = 0, uid = 0, gid = 0, linkname, pax }: ExtendedHeaders, links: ReadonlyMap<string, string>): LayerEntry {
  const target = type === 'symlink' ? linkname ?? '' : type === 'link' ? links.get(absolutePath(linkname ?? '')) : undefined;
  return {
    path: absolutePath(name),
    kind: type === 'directory' ? 'directory' : target === undefined ? 'other' : 'link',
    mode: mode % 0o10000,
    // Where the plain header has no place for a number, it is beside it.
    uid: /^\d+$/.test(pax?.uid ?? '') ? Number(pax!.uid) : uid,
    gid: /^\d+$/.test(pax?.gid ?? '') ? Number(pax!.gid) : gid,
    ...target !== undefined && { target },
    ...Object.keys(pax ?? {}).some((key) => key.startsWith('SCHILY.xattr.')) && { hasAttributes: true },
  };
}

/** A name of an archive as a path of the image, which it cannot lead out of. */
export function absolutePath(name: string): string {
  const path = posix.join('/', name);
  return path.endsWith('/') && path !== '/' ? path.slice(0, -1) : path;
}
