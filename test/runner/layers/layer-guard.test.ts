import { Readable } from 'stream';
import { createGzip, gzipSync } from 'zlib';
import { layerEntries } from '../../../runner/layers/layer-entries';
import { LAYER_LIMITS, LayerLimits } from '../../../runner/layers/layer-guard';
import { tarOf } from '../testhelpers/layers';

// A base image is made by anybody, and what is in its layers is read by the build.

const MB = 1024 * 1024;

async function read(layer: Readable, limits: Partial<LayerLimits> = {}) {
  return layerEntries(layer, true, [], { ...LAYER_LIMITS, ...limits });
}

/** An archive whose only entry says that it is this large, in gzip, without end. */
function bomb(type: string, size: number): Readable {
  const header = Buffer.alloc(512);
  header.write('bomb', 0);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')} `, 124);
  header.fill(' ', 148, 156);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  header.write(header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0'), 148);
  const zeros = Buffer.alloc(MB);
  function* bytes() {
    yield header;
    for (;;) yield zeros;
  }
  return Readable.from(bytes()).pipe(createGzip({ level: 1 }));
}

test('a usual layer is read to its end', async () => {
  const tar = await tarOf({ name: 'a', content: 'x'.repeat(3 * MB) }, { name: 'b' });
  expect(await read(Readable.from([gzipSync(tar)]), { entries: 2, header: 2 * MB, size: tar.length })).toHaveLength(2);
});

test('a file that never ends is given up', async () => {
  await expect(read(bomb('0', 8 ** 11 - 1), { size: 50 * MB })).rejects.toThrow(`a layer has more than ${50 * MB} bytes`);
});

test.each([['name', 'L'], ['target of a link', 'K'], ['attribute', 'x'], ['attribute of all', 'g']])('a %s that takes the memory is given up', async (_, type) => {
  const before = process.memoryUsage().rss;
  await expect(read(bomb(type, 8 ** 11 - 1))).rejects.toThrow(`a layer has more than ${16 * MB} bytes without a file`);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * MB);
});

test('what goes on after the end of the archive is given up', async () => {
  const tar = await tarOf({ name: 'a' });
  function* bytes() {
    yield tar;
    for (;;) yield Buffer.alloc(MB);
  }
  await expect(read(Readable.from(bytes()).pipe(createGzip({ level: 1 })))).rejects.toThrow('bytes without a file');
});

test('more files than any image has are given up', async () => {
  const many = Array.from({ length: 2000 }, (_, index) => ({ name: `file-${index}` }));
  await expect(read(Readable.from([gzipSync(await tarOf(...many))]), { entries: 1000 })).rejects.toThrow('a layer has more than 1000 files');
});

test.each([{ name: 'a/'.repeat(3000) }, { name: 'link', linkname: 'x/'.repeat(1_000_000) }])('a path that no system takes is given up', async (entry) => {
  await expect(read(Readable.from([gzipSync(await tarOf(entry))]))).rejects.toThrow('a layer has a path that is longer than any');
});
