import { createHash } from 'crypto';
import * as fs from 'fs';
import { Readable, Transform } from 'stream';
import { pipeline } from 'stream/promises';
import { createGunzip, createGzip } from 'zlib';
import { extract, pack } from 'tar-stream';
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
    try {
      content.pipe(to.entry(checked(mode === undefined ? header : { ...header, mode }), next));
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

/** What the library would write in another way than it read it. */
function checked(header: ExtendedHeaders): ExtendedHeaders {
  if (Object.values(header.pax ?? {}).some((value) => value.includes('\ufffd'))) throw new Error(`${header.name} has attributes that are no text`);
  if (!header.mode) throw new Error(`${header.name} has no mode at all`);
  return header;
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
