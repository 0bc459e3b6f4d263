import { Readable } from 'stream';
import { gzipSync } from 'zlib';
import { absolutePath, layerEntries } from '../../../runner/layers/layer-entries';
import { dir, file, link, TarEntry, tarOf } from '../testhelpers/layers';

async function list(...entries: TarEntry[]) {
  return layerEntries(Readable.from([await tarOf(...entries)]), false);
}

test('a layer is listed with kinds, modes and owners', async () => {
  expect(await list(
    { name: 'app/', mode: 0o2775, uid: 1000, gid: 2000 }, { name: 'app/run', mode: 0o4755, uid: 3, content: 'x'.repeat(1000) },
    { name: 'app/current', linkname: '../v1' }, { name: 'app/hard', type: 'link', linkname: 'app/run' }, { name: 'app/pipe', type: 'fifo' }, { name: 'app/.wh.old' },
  )).toEqual([
    dir('/app', { mode: 0o2775, uid: 1000, gid: 2000 }), file('/app/run', { mode: 0o4755, uid: 3 }), { ...link('/app/current', '../v1'), mode: 0o644 },
    file('/app/hard'), file('/app/pipe'), file('/app/.wh.old'),
  ]);
});

test('a layer may be compressed', async () => {
  const tar = await tarOf({ name: 'a' });
  expect(await layerEntries(Readable.from([gzipSync(tar)]), true)).toEqual([file('/a')]);
});

test('names are absolute, however they are written', async () => {
  expect((await list({ name: './a/' }, { name: '/b' }, { name: './' }, { name: 'c//d' })).map(({ path }) => path)).toEqual(['/a', '/b', '/', '/c/d']);
  expect(absolutePath('./')).toBe('/');
});

test('long names and targets are whole', async () => {
  const long = `${'a'.repeat(90)}/${'b'.repeat(200)}`;
  expect(await list({ name: long }, { name: 'ü' }, { name: 'x', linkname: long })).toMatchObject([{ path: `/${long}` }, { path: '/ü' }, { path: '/x', target: long }]);
});

test('a hard link to a symbolic link is one, too', async () => {
  expect(await list({ name: 'a', linkname: '/data' }, { name: 'b', type: 'link', linkname: './a' }, { name: 'c', type: 'link', linkname: 'b' })).toMatchObject([
    { path: '/a', kind: 'link', target: '/data' }, { path: '/b', kind: 'link', target: '/data' }, { path: '/c', kind: 'link', target: '/data' },
  ]);
});

test('owners that the plain header has no place for are read', async () => {
  expect(await list({ name: 'a', pax: { uid: '3000000000', gid: '4294967294' } })).toMatchObject([{ uid: 3_000_000_000, gid: 4_294_967_294 }]);
});

test('extended attributes are seen', async () => {
  expect(await list({ name: 'a/', pax: { 'SCHILY.xattr.user.x': '1' } }, { name: 'b/', pax: { mtime: '1.5' } })).toEqual([dir('/a', { hasAttributes: true }), dir('/b')]);
});

describe('the content of a file', () => {
  const listed = async (content: string) => layerEntries(Readable.from([await tarOf({ name: 'etc/passwd', content }, { name: 'etc/other', content })]), false, ['/etc/passwd']);

  test('is read where it is asked for', async () => {
    expect(await listed('root:x:0:0\n')).toEqual([file('/etc/passwd', { content: 'root:x:0:0\n' }), file('/etc/other')]);
    expect(await listed('')).toMatchObject([{ content: '' }, {}]);
  });

  test('is not read where it is larger than any list of users', async () => {
    expect((await listed('x'.repeat(1024 * 1024 + 1)))[0]).not.toHaveProperty('content');
  });

  test('is not that of a link', async () => {
    const tar = await tarOf({ name: 'etc/passwd', linkname: 'users' });
    expect((await layerEntries(Readable.from([tar]), false, ['/etc/passwd']))[0]).not.toHaveProperty('content');
  });
});

test('100,000 entries are listed at once', async () => {
  const some = (await tarOf(...Array.from({ length: 100 }, (_, index) => ({ name: `usr/lib/${index}`, content: 'x' })))).subarray(0, -1024);
  const tar = Buffer.concat(Array<Buffer>(1000).fill(some));
  const started = Date.now();
  expect(await layerEntries(Readable.from(chunks(tar)), false)).toHaveLength(100_000);
  expect(Date.now() - started).toBeLessThan(10_000);
});

describe('what is no layer', () => {
  test.each([
    ['plain text', Buffer.from('x'.repeat(2000)), false, /Invalid tar header/],
    ['an archive that is not compressed', Buffer.alloc(2000), true, /incorrect header check/],
    ['an archive that ends in an entry', undefined, false, /Unexpected end of data/],
    ['a compressed archive that ends too early', undefined, true, /unexpected end of file/],
  ])('such as %s fails', async (_, bytes, isGzip, message) => {
    const tar = await tarOf({ name: 'a', content: Buffer.alloc(5000, 1) });
    const cut = (isGzip ? gzipSync(tar) : tar).subarray(0, isGzip ? 40 : 1500);
    await expect(layerEntries(Readable.from([bytes ?? cut]), isGzip)).rejects.toThrow(message);
  });
});

function chunks(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) => bytes.subarray(index * 65_536, (index + 1) * 65_536));
}
