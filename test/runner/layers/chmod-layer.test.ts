import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { gunzipSync, gzipSync } from 'zlib';
import { chmodLayer } from '../../../runner/layers/chmod-layer';
import { layerEntries } from '../../../runner/layers/layer-entries';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { digestOf, layerOf, TarEntry, tarOf } from '../testhelpers/layers';

async function change(modes: { [path: string]: number }, ...entries: TarEntry[]) {
  return changeTar(modes, await tarOf(...entries));
}

async function changeTar(modes: { [path: string]: number }, tar: Buffer) {
  const layer = await chmodLayer(Readable.from([gzipSync(tar)]), new Map(Object.entries(modes)), path.join(temporaryDirectory(), 'layer.tar.gz'));
  const content = fs.readFileSync(layer.file);
  return { layer, content, tar: gunzipSync(content) };
}

const LONG = `${'directory/'.repeat(12)}${'n'.repeat(180)}`;
const ENTRIES: TarEntry[] = [
  { name: 'app/', mode: 0o2770, uid: 1000, gid: 100 }, { name: 'app/run', mode: 0o640, uid: 1000, gid: 100, content: 'x'.repeat(70_000) }, { name: 'app/empty' },
  { name: 'app/block', content: 'y'.repeat(512) }, { name: 'app/hard', type: 'link', linkname: 'app/run' }, { name: 'app/link', linkname: `../${LONG}`, mode: 0o777 },
  { name: LONG, content: 'z' }, { name: 'ü', content: 'é', mtime: new Date(1_234_567_890_000) }, { name: 'app/pipe', type: 'fifo' },
  { name: 'app/attributes', content: '1', pax: { 'SCHILY.xattr.user.a': 'b', 'mtime': '1700000000.25' } }, { name: 'app/set', mode: 0o4755, content: 's' },
];

test('a layer with other modes for nothing keeps every byte of its archive', async () => {
  const before = await tarOf(...ENTRIES);
  const { tar, layer, content } = await change({}, ...ENTRIES);
  expect(tar.equals(before)).toBe(true);
  expect(layer).toMatchObject({ diffId: digestOf(before), digest: digestOf(content), size: content.length });
});

test('only the modes of the entries that are named change', async () => {
  const modes = { '/app/run': 0o755, '/app/hard': 0o755, '/app': 0o700, [`/${LONG}`]: 0o600, '/ü': 0o1755, '/app/attributes': 0o711, '/not/there': 0o777 };
  const { tar, layer } = await change(modes, ...ENTRIES);
  const expected = ENTRIES.map((entry) => ({ ...entry, mode: (modes as { [path: string]: number })[`/${entry.name.replace(/\/$/, '')}`] ?? entry.mode }));
  expect(tar.equals(await tarOf(...expected))).toBe(true);
  expect(layer.diffId).toBe(digestOf(tar));
});

test('owners may be as large as numbers of users are', async () => {
  // As others write them: in seven octal digits, and beyond that beside the header.
  const tar = await tarOf({ name: 'a' }, { name: 'b', pax: { uid: '3000000000', gid: '3000000001' } });
  tar.write('1750000\0', 108, 'latin1');
  tar.write('7777777\0', 116, 'latin1');
  const sum = tar.subarray(0, 512).reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const changed = await changeTar({ '/a': 0o755, '/b': 0o755 }, tar);
  expect(await layerEntries(Readable.from([changed.content]), true)).toMatchObject([
    { path: '/a', mode: 0o755, uid: 0o1750000, gid: 0o7777777 }, { path: '/b', mode: 0o755, uid: 3_000_000_000, gid: 3_000_000_001 },
  ]);
});

test('a file of many megabytes passes as it comes', async () => {
  const content = Buffer.alloc(8 * 1024 * 1024, 'abc');
  const { tar } = await change({ '/big': 0o755 }, { name: 'big', content });
  expect(tar.equals(await tarOf({ name: 'big', content, mode: 0o755 }))).toBe(true);
});

describe('what would come out in another way fails', () => {
  test.each<[string, TarEntry, string]>([
    ['a mode that is none', { name: 'a' }, 'a has no mode at all'],
    ['an attribute that is no text', { name: 'a', pax: { 'SCHILY.xattr.security.capability': '\ufffd' } }, 'a has names or attributes that are no text'],
    ['a name that is no text', { name: '\ufffd' }, 'has names or attributes that are no text'],
    ['a target that is no text', { name: 'a', linkname: '\ufffd' }, 'a has names or attributes that are no text'],
    ['a time behind those of the format', { name: 'a', mtime: new Date('2040-01-01') }, 'a is older or newer than the format has years for'],
  ])('such as %s', async (what, entry, message) => {
    const tar = await tarOf(entry);
    if (what.includes('time')) {
      tar.write('20000000000\0', 136, 'latin1'); // the test's own archive has the same limit
      const sum = tar.subarray(0, 512).reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0);
      tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    }
    await expect(changeTar({ '/a': what.includes('mode') ? 0 : 0o755 }, tar)).rejects.toThrow(message);
  });
});

describe('a layer that is none', () => {
  test('fails', async () => {
    const into = path.join(temporaryDirectory(), 'layer.tar.gz');
    await expect(chmodLayer(Readable.from([Buffer.from('no gzip')]), new Map(), into)).rejects.toThrow('incorrect header check');
    await expect(chmodLayer(Readable.from([gzipSync('x'.repeat(1000))]), new Map(), into)).rejects.toThrow('Invalid tar header');
  });

  test('or not whole, or breaks off while it is read, fails', async () => {
    const { content } = await layerOf(...ENTRIES);
    for (const end of [0, 20, 200, content.length - 1]) {
      await expect(chmodLayer(Readable.from([content.subarray(0, end)]), new Map(), path.join(temporaryDirectory(), 'x'))).rejects.toThrow();
      async function* broken() {
        yield content.subarray(0, end);
        throw new Error('what was read is not it');
      }
      await expect(chmodLayer(Readable.from(broken()), new Map(), path.join(temporaryDirectory(), 'x'))).rejects.toThrow('what was read is not it');
    }
    const cut = gzipSync((await tarOf(...ENTRIES)).subarray(0, 3000));
    await expect(chmodLayer(Readable.from([cut]), new Map(), path.join(temporaryDirectory(), 'x'))).rejects.toThrow();
  });

  test('cannot be written where there is no place', async () => {
    await expect(chmodLayer(Readable.from([(await layerOf(...ENTRIES)).content]), new Map(), path.join(temporaryDirectory(), 'not', 'there'))).rejects.toThrow('ENOENT');
  });
});
