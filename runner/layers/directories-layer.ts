import { createHash } from 'crypto';
import { promisify } from 'util';
import { gzip } from 'zlib';
import { pack } from 'tar-stream';
import { withOwner } from './large-owner';
import { Ownership } from './layer-entries';

/** A layer in memory. */
export interface SmallLayer {
  readonly content: Buffer;
  readonly digest: string;
  /** The digest of the archive in it. */
  readonly diffId: string;
}

/** A layer that only says whose directories are and with what mode. The same ones make the same layer, so that it is uploaded once. */
export async function directoriesLayer(directories: ReadonlyMap<string, Ownership>): Promise<SmallLayer> {
  const archive = pack();
  for (const [path, { mode, uid, gid }] of [...directories].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (mode === 0) throw new Error(`${path} has no mode at all`); // the library would give it one
    archive.entry(withOwner({ name: `${path.slice(1)}/`, type: 'directory', mode, uid, gid, mtime: new Date(0) }));
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive as AsyncIterable<Buffer>) chunks.push(chunk);
  const tar = Buffer.concat(chunks);
  const content = await promisify(gzip)(tar);
  return { content, digest: digestOf(content), diffId: digestOf(tar) };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
