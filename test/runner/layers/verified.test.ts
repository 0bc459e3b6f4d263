import { Readable } from 'stream';
import { gzipSync } from 'zlib';
import { layerEntries } from '../../../runner/layers/layer-entries';
import { verified, verifiedWhole } from '../../../runner/layers/verified';
import { digestOf, tarOf } from '../testhelpers/layers';

async function read(chunks: readonly string[], digest: string): Promise<string> {
  const found: Buffer[] = [];
  for await (const chunk of verified(Readable.from(chunks.map((text) => Buffer.from(text))) as AsyncIterable<Buffer>, digest)) found.push(chunk);
  return Buffer.concat(found).toString();
}

test('the bytes of a digest pass as they are', async () => {
  expect(await read(['a', 'b', 'c'], digestOf('abc'))).toBe('abc');
  expect(await read([], digestOf(''))).toBe('');
});

test('other bytes fail', async () => {
  await expect(read(['a', 'b'], digestOf('abc'))).rejects.toThrow(`what was read is not ${digestOf('abc')} but ${digestOf('ab')}`);
  await expect(read(['abc'], 'sha512:00')).rejects.toThrow('what was read is not sha512:00');
});

test('bytes that cannot be read fail', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from('a');
    throw new Error('the connection ended');
  }
  await expect(verified(broken(), digestOf('abc')).next().then(async () => { for await (const chunk of verified(broken(), digestOf('abc'))) void chunk; }))
    .rejects.toThrow('the connection ended');
});

describe('a layer with other bytes fails', () => {
  const rest = Buffer.alloc(3 * 1024 * 1024, 'x');

  async function list(bytes: Buffer, isGzip: boolean) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, index) => bytes.subarray(index * 65_536, (index + 1) * 65_536));
    return layerEntries(Readable.from(verified(Readable.from(chunks) as AsyncIterable<Buffer>, digestOf('another layer'))), isGzip);
  }

  test('whatever is in it', async () => {
    await expect(list(await tarOf({ name: 'a' }), false)).rejects.toThrow('what was read is not');
    await expect(list(gzipSync(await tarOf({ name: 'a' })), true)).rejects.toThrow('what was read is not');
  });

  test('where its archive ends before its bytes do', async () => {
    const tar = await tarOf({ name: 'a' });
    await expect(list(Buffer.concat([tar, Buffer.alloc(rest.length)]), false)).rejects.toThrow('what was read is not');
    await expect(list(Buffer.concat([gzipSync(tar), rest]), true)).rejects.toThrow();
    await expect(list(Buffer.concat([gzipSync(tar), gzipSync(Buffer.alloc(rest.length))]), true)).rejects.toThrow('what was read is not');
    await expect(list(Buffer.concat([gzipSync(tar), Buffer.alloc(rest.length)]), true)).rejects.toThrow();
  });
});

describe('all bytes at once', () => {
  const bytes = () => Readable.from(['abc', 'de'].map((text) => Buffer.from(text))) as AsyncIterable<Buffer>;

  test('are those of the digest', async () => {
    expect((await verifiedWhole(bytes(), digestOf('abcde'), 5)).toString()).toBe('abcde');
    await expect(verifiedWhole(bytes(), digestOf('abcd'), 5)).rejects.toThrow('what was read is not');
  });

  test('are not more than expected', async () => {
    await expect(verifiedWhole(bytes(), digestOf('abcde'), 4)).rejects.toThrow('it is larger than 4 bytes');
  });
});
