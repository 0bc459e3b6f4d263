import { createHash } from 'crypto';
import { gzipSync } from 'zlib';
import { publishImage } from './publish-image';
import { Registry } from '../registry/registry';

interface Entry {
  readonly name: string;
  /** `0` is a file, `1` a hard link, `2` a symbolic one, `5` a directory. */
  readonly type: '0' | '1' | '2' | '5';
  readonly mode?: number;
  readonly owner?: number;
  readonly target?: string;
}

const file = (name: string): Entry => ({ name, type: '0' });
const directory = (name: string, mode = 0o755, owner = 0): Entry => ({ name: `${name}/`, type: '5', mode, owner });
const link = (name: string, target: string): Entry => ({ name, type: '2', target });

/** What other builders than BuildKit put into layers: names in all forms, directories that are not named or named twice, and all ways to remove something. */
const layers: readonly (readonly Entry[])[] = [
  [
    directory('.'), file('./app/data/file'), file('/etc/passwd'), file('opt/dir/one'), file('opt/dir/two'), file('srv/thing'), directory('var/dir', 0o1777), file('var/dir/x'),
    directory('srv/real', 0o711, 7), link('srv/link', 'real'), { name: 'srv/hard', type: '1', target: 'srv/link' }, file(`long/${'a-name-that-is-longer-than-a-header/'.repeat(5)}file`),
    link('app/to-be-removed', '/srv'), link('app/to-be-replaced', '/srv'), directory('lib-of-all'), link('lib', 'lib-of-all'),
  ],
  [
    file('app/data/.wh.file'), file('app/.wh.to-be-removed'), directory('opt/dir', 0o700, 9), file('opt/dir/.wh..wh..opq'), file('opt/dir/three'), file('srv/.wh.thing'), directory('srv/thing', 0o750, 8),
    file('var/.wh.dir'), link('var/dir', '/srv/real'), file('app/.wh.to-be-replaced'), directory('app/to-be-replaced', 0o1770),
  ],
  [directory('app', 0o700), file('app/late'), directory('app', 0o1777, 5), { name: 'app/again', type: '1', target: 'app/late' }],
];

export interface OddBaseImageOptions {
  /** @default true */
  readonly hasHistory?: boolean;
  /** Files of one layer more. */
  readonly more?: readonly string[];
}

/** Puts it where builds look for it. It has no shell. */
export async function publishOddBaseImage(
  registry: Registry, name: string, { hasHistory = true, more = [] }: OddBaseImageOptions = {},
): Promise<void> {
  const all = [...layers, ...more.length > 0 ? [more.map(file)] : []];
  const archives = all.map(entries => Buffer.concat([...entries.map(write), Buffer.alloc(1024)]));
  const blobs = archives.map(archive => gzipSync(archive));
  const config = Buffer.from(JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: archives.map(digestOf) },
    history: hasHistory ? all.map((_, index) => ({ created_by: `layer ${index}` })) : [],
  }));
  const docker = 'application/vnd.docker';
  const manifest = {
    schemaVersion: 2,
    mediaType: `${docker}.distribution.manifest.v2+json`,
    config: { mediaType: `${docker}.container.image.v1+json`, size: config.length, digest: digestOf(config) },
    layers: blobs.map(blob => ({ mediaType: `${docker}.image.rootfs.diff.tar.gzip`, size: blob.length, digest: digestOf(blob) })),
  };
  await publishImage(registry, name, [config, ...blobs], manifest);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** One entry of an archive, in GNU's format. */
function write({ name, type, mode = 0o644, owner = 0, target = '' }: Entry): Buffer {
  const content = Buffer.from(type === '0' && !name.includes('.wh.') ? `${name}\n` : '');
  const long = name.length > 100 ? writeEntry('././@LongLink', 'L', 0, 0, '', Buffer.from(`${name}\0`)) : Buffer.alloc(0);
  return Buffer.concat([long, writeEntry(name.slice(0, 100), type, mode, owner, target, content)]);
}

function writeEntry(name: string, type: string, mode: number, owner: number, target: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) => header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(owner, 108, 8);
  octal(owner, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write(target, 157);
  header.write('ustar  \0', 257, 'latin1');
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - content.length % 512) % 512)]);
}
