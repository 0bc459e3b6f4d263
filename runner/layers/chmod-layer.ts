import { createHash } from 'crypto';
import * as fs from 'fs';
import { Readable, Transform } from 'stream';
import { pipeline } from 'stream/promises';
import { createGunzip, createGzip } from 'zlib';
import { extract, pack } from 'tar-stream';
import { withOwner } from './large-owner';
import { absolutePath, ExtendedHeaders } from './layer-entries';

export interface NewLayer {
  readonly file: string;
  readonly digest: string;
  readonly size: number;
  /** The digest of the archive in it. */
  readonly diffId: string;
}

/** Writes a layer, a tar archive in gzip, with other modes of some of its entries, into a file. Everything else stays as it is. */
export async function chmodLayer(layer: Readable, modes: ReadonlyMap<string, number>, file: string): Promise<NewLayer> {
  const from = extract();
  const to = pack();
  from.on('entry', (header: ExtendedHeaders, content, next) => {
    const mode = modes.get(absolutePath(header.name));
    content.on('error', () => undefined); // the archive fails with it
    try {
      content.pipe(to.entry(checked(mode === undefined ? header : { ...header, mode }), next)).on('error', () => undefined);
    } catch (error) {
      next(error);
    }
  });
  from.on('finish', () => to.finalize());
  const archive = new Hashed();
  const blob = new Hashed();
  await Promise.all([
    pipeline(layer, createGunzip(), from),
    pipeline(to, archive, createGzip(), blob, fs.createWriteStream(file, { mode: 0o600 })),
  ]);
  return { file, digest: blob.digest, size: blob.size, diffId: archive.digest };
}

/** A layer that nobody can write anew as it is. */
export class UnwritableLayer extends Error {}

/** Fails for what the library would write in another way than it read it. */
function checked(header: ExtendedHeaders): ExtendedHeaders {
  const { name, type, mode, mtime, pax } = header;
  const texts = [name, header.linkname, header.uname, header.gname, ...Object.values(pax ?? {})];
  if (texts.some((text) => text?.includes('\ufffd'))) throw new UnwritableLayer(`${name} has names or attributes that are no text`);
  if (!type) throw new UnwritableLayer(`${name} is of a kind that is not known`);
  if (!mode) throw new UnwritableLayer(`${name} has no mode at all`);
  if (mtime && (mtime.getTime() < 0 || mtime.getTime() >= 2 ** 31 * 1000)) throw new UnwritableLayer(`${name} is older or newer than the format has years for`);
  if (!pax) return withOwner(header);
  const { path, linkpath, ...others } = pax; // the library writes them by itself
  return withOwner({ ...header, pax: others });
}

/** Counts and hashes what passes. */
class Hashed extends Transform {
  public size = 0;
  private readonly hash = createHash('sha256');

  public override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.size += chunk.length;
    this.hash.update(chunk);
    done(null, chunk);
  }

  public get digest(): string {
    return `sha256:${this.hash.digest('hex')}`;
  }
}
