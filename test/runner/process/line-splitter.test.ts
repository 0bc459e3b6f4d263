import { LineSplitter } from '../../../runner/process/line-splitter';

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk as string));
  splitter.end();
  return lines;
}

test('lines are made of pieces, wherever those are cut', () => {
  expect(linesOf('a', 'b\nc', 'd\n\n', 'e')).toEqual(['ab', 'cd', '', 'e']);
});

test('a last line without an end counts, and an end without a line does not', () => {
  expect(linesOf('a')).toEqual(['a']);
  expect(linesOf('a\n')).toEqual(['a']);
  expect(linesOf()).toEqual([]);
});

test('a line is told as soon as it has ended', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  splitter.push(Buffer.from('a\nb'));
  expect(lines).toEqual(['a']);
  splitter.push(Buffer.from('\n'));
  expect(lines).toEqual(['a', 'b']);
});

test('characters of several bytes may be cut in two', () => {
  const text = Buffer.from('é日😀\n');
  expect(linesOf(...[...text].map((byte) => Buffer.from([byte])))).toEqual(['é日😀']);
});

test('half a character at the end is no error', () => {
  expect(linesOf('a', Buffer.from('日').subarray(0, 2))).toEqual(['a\uFFFD']);
  expect(linesOf(Buffer.from('日').subarray(0, 2))).toEqual(['\uFFFD']);
});

test('a megabyte in one line stays one line', () => {
  const text = 'x'.repeat(1_000_000);
  expect(linesOf(text, '\n', 'after')).toEqual([text, 'after']);
});

test('a line without an end is told in pieces instead of filling the memory', () => {
  const piece = 'x'.repeat(1024 * 1024);
  const lines = linesOf(...Array.from({ length: 20 }, () => piece));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join('')).toHaveLength(20 * piece.length);
});

test('a long line in tiny pieces takes no longer than one in large ones', () => {
  const start = Date.now();
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (let piece = 0; piece < 300_000; piece++) splitter.push(Buffer.from('xy'));
  splitter.end();
  expect(lines.map(({ length }) => length)).toEqual([600_000]);
  expect(Date.now() - start).toBeLessThan(2000);
});
