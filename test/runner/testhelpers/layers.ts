import { createHash } from 'crypto';
import * as fs from 'fs';
import { join } from 'path';
import { gzipSync } from 'zlib';
import { pack } from 'tar-stream';
import { LayerEntry } from '../../../runner/layers/layer-entries';

/** An entry of an archive as `tar` has it; a directory ends with a slash. */
export interface TarEntry {
  readonly name: string;
  readonly type?: 'file' | 'link' | 'symlink' | 'character-device' | 'fifo' | 'directory';
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkname?: string;
  readonly content?: string | Buffer;
  readonly mtime?: Date;
  readonly pax?: { readonly [key: string]: string };
}

export async function tarOf(...entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, type, content, ...header } of entries) {
    const kind = type ?? (name.endsWith('/') ? 'directory' : header.linkname === undefined ? 'file' : 'symlink');
    archive.entry({ mtime: new Date(1_700_000_000_000), ...header, name, type: kind } as Parameters<typeof archive.entry>[0], content ?? '');
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface Layer {
  readonly content: Buffer;
  readonly digest: string;
  readonly diffId: string;
}

/** A layer as BuildKit pushes it. */
export async function layerOf(...entries: readonly TarEntry[]): Promise<Layer> {
  const tar = await tarOf(...entries);
  const content = gzipSync(tar);
  return { content, digest: digestOf(content), diffId: digestOf(tar) };
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** An image as BuildKit hands it out with `type=oci`. */
export async function archiveOf(...layers: readonly Layer[]): Promise<Buffer> {
  const json = [{ rootfs: {} }, { schemaVersion: 2 }].map((value) => Buffer.from(JSON.stringify(value)));
  const blob = (content: Buffer, digest = digestOf(content)) => ({ name: `blobs/${digest.replace(':', '/')}`, content });
  return tarOf(
    { name: 'blobs/' }, { name: 'blobs/sha256/' }, ...json.map((content) => blob(content)),
    ...layers.map(({ content, digest }) => blob(content, digest)),
    { name: 'index.json', content: '{}' }, { name: 'oci-layout', content: '{}' },
  );
}

/** The same in a directory, with empty files for what is left out. */
export function layoutOf(directory: string, layers: readonly Layer[], known: Iterable<string> = []): string {
  const blobs = join(directory, 'blobs', 'sha256');
  fs.mkdirSync(blobs, { recursive: true });
  const write = (digest: string, content: Buffer | string) => fs.writeFileSync(join(blobs, digest.replace('sha256:', '')), content);
  [...known].forEach((digest) => write(digest, ''));
  for (const content of ['{"rootfs":{}}', ...layers.map((layer) => layer.content)]) write(digestOf(content), content);
  return directory;
}

/** A directory of root with mode 0755, unless said otherwise, as a layer lists it. */
export function dir(path: string, values: Partial<LayerEntry> = {}): LayerEntry {
  return { path, kind: 'directory', mode: 0o755, uid: 0, gid: 0, ...values };
}

export function file(path: string, values: Partial<LayerEntry> = {}): LayerEntry {
  return { path, kind: 'other', mode: 0o644, uid: 0, gid: 0, ...values };
}

export function link(path: string, target: string): LayerEntry {
  return { path, kind: 'link', mode: 0o777, uid: 0, gid: 0, target };
}
