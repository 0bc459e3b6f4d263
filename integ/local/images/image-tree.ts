import { createHash } from 'crypto';
import { posix } from 'path';

interface Entry {
  readonly type: string;
  readonly mode: number;
  readonly owner: string;
  /** Where a link points to, or the digest of a file. */
  readonly content: string;
}

/** The files of an image, made by putting its layers on top of each other as the specification of OCI images says. */
export class ImageTree {
  private readonly entries = new Map<string, Entry>();

  /** @param layer a tar archive */
  public apply(layer: Buffer): void {
    const added = new Set<string>();
    for (const { name, header, digest } of entriesOf(layer)) {
      const path = posix.normalize(`/${name}`).replace(/(.)\/$/, '$1');
      const base = posix.basename(path);
      const parent = posix.dirname(path);
      if (base === '.wh..wh..opq') {
        this.remove(parent, other => other !== parent && !added.has(other));
      } else if (base.startsWith('.wh.')) {
        this.remove(posix.join(parent, base.slice('.wh.'.length)), () => true);
      } else {
        this.put(path, header, digest);
        added.add(path);
      }
    }
  }

  public get lines(): string[] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, { type, mode, owner, content }]) => `${path} ${type} ${mode.toString(8)} ${owner} ${content}`);
  }

  private put(path: string, header: Header, digest: string): void {
    if (header.type === 'hard link') {
      this.entries.set(path, this.entries.get(posix.normalize(`/${header.link}`))!);
      return;
    }
    // What is no directory any more has nothing below it.
    if (header.type !== 'directory') this.remove(path, () => true);
    const { type, mode, owner, link } = header;
    this.entries.set(path, { type, mode, owner, content: type === 'file' ? digest : link });
  }

  private remove(path: string, which: (path: string) => boolean): void {
    for (const other of [...this.entries.keys()]) {
      if ((other === path || other.startsWith(`${path}/`)) && which(other)) this.entries.delete(other);
    }
  }
}

interface Header {
  readonly type: string;
  readonly mode: number;
  readonly owner: string;
  readonly link: string;
}

const types: { readonly [flag: string]: string } = { '0': 'file', '\0': 'file', '1': 'hard link', '2': 'link', '5': 'directory', '3': 'device', '4': 'device', '6': 'pipe' };

interface LayerEntry {
  readonly name: string;
  readonly header: Header;
  /** Of its content. */
  readonly digest: string;
}

/** Hundreds of images have the same layers below. */
const known = new WeakMap<Buffer, readonly LayerEntry[]>();

function entriesOf(layer: Buffer): readonly LayerEntry[] {
  const entries = known.get(layer)
    ?? [...readTar(layer)].map(({ name, header, content }) => ({ name, header, digest: createHash('sha256').update(content).digest('hex') }));
  known.set(layer, entries);
  return entries;
}

function* readTar(archive: Buffer): Generator<{ name: string; header: Header; content: Buffer }> {
  let extended = new Map<string, string>();
  let longName: string | undefined;
  for (let offset = 0; offset + 512 <= archive.length && archive[offset] !== 0;) {
    const text = (start: number, length: number) => archive.toString('utf8', offset + start, offset + start + length).replace(/\0.*$/s, '');
    const number = (start: number, length: number) => parseInt(text(start, length).trim() || '0', 8);
    const size = Number(extended.get('size') ?? number(124, 12));
    const content = archive.subarray(offset + 512, offset + 512 + size);
    const flag = archive.toString('latin1', offset + 156, offset + 157);
    if (flag === 'x') {
      extended = readExtended(content);
    } else if (flag === 'L') {
      longName = content.toString().replace(/\0$/, '');
    } else {
      const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
      const name = extended.get('path') ?? longName ?? (prefix ? `${prefix}/${text(0, 100)}` : text(0, 100));
      const owner = `${extended.get('uid') ?? number(108, 8)}:${extended.get('gid') ?? number(116, 8)}`;
      if (!types[flag]) throw new Error(`${name} has an unknown type in the archive: ${JSON.stringify(flag)}`);
      yield { name, header: { type: types[flag], mode: number(100, 8) % 0o10000, owner, link: extended.get('linkpath') ?? text(157, 100) }, content };
      extended = new Map();
      longName = undefined;
    }
    offset += 512 + Math.ceil(size / 512) * 512;
  }
}

function readExtended(records: Buffer): Map<string, string> {
  const result = new Map<string, string>();
  for (let offset = 0; offset < records.length;) {
    const length = parseInt(records.toString('utf8', offset, offset + 10), 10);
    const record = records.toString('utf8', offset, offset + length - 1);
    const [, key, value] = /^\d+ ([^=]+)=(.*)$/s.exec(record)!;
    result.set(key, value);
    offset += length;
  }
  return result;
}
