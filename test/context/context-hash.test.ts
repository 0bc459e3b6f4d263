import { contextFiles } from '../../lib/context/context-files';
import { manifestOf } from '../../lib/context/staged-context';
import { hashContext } from '../../lib/plan/context-hash';
import { EMPTY_DIRECTORY, TempContext, TempFile } from '../testhelpers/temp-context';

function hash(files: { [path: string]: TempFile }): string {
  const { directory } = new TempContext(files);
  return manifestOf(directory, contextFiles(directory, undefined)).hash;
}

test('is a SHA-256 in hexadecimal digits', () => {
  expect(hash({})).toMatch(/^[0-9a-f]{64}$/);
});

test('never changes for the same files, or every image would be built again', () => {
  expect(hash({ 'Dockerfile': 'FROM scratch\n', 'run.sh': { content: 'true\n', mode: 0o755 }, 'link': { link: 'run.sh' }, 'empty': EMPTY_DIRECTORY }))
    .toBe('b7ba9161546b9f6ce5d2dc993e0217c78421b1a6135452b3d137b021354b0dc8');
});

test('tells apart what a build can tell apart', () => {
  const contexts: { [path: string]: TempFile }[] = [
    {},
    { a: '' },
    { a: 'b' },
    { a: { content: 'b', mode: 0o755 } },
    { a: { link: 'b' } },
    { a: EMPTY_DIRECTORY },
    { 'a/b': '' },
    { a: '', b: '' },
    { b: 'b' },
    { ab: '' },
  ];
  expect(new Set(contexts.map(hash)).size).toBe(contexts.length);
});

test('reads files that are larger than its buffer to their end', () => {
  const large = 'x'.repeat(1024 * 1024);
  const hashes = [`${large}`, `${large}a`, `${large}b`, `${large}${large}a`, `a${large}`].map((content) => hash({ a: content }));
  expect(new Set(hashes).size).toBe(hashes.length);
});

test('reads only the files that it is told', () => {
  const { directory } = new TempContext({ a: 'a', b: 'b' });
  expect(hashContext(directory, { files: { a: 1 }, executables: [], emptyDirectories: [], links: {} })).toEqual(hash({ a: 'a' }));
});
