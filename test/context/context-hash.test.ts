import { contextFiles, ContextFile } from '../../lib/context/context-files';
import { hashFiles } from '../../lib/context/context-hash';
import { EMPTY_DIRECTORY, TempContext, TempFile } from '../testhelpers/temp-context';

function hash(files: { [path: string]: TempFile }): string {
  const { directory } = new TempContext(files);
  return hashFiles(directory, contextFiles(directory, undefined));
}

test('is a SHA-256 in hexadecimal digits', () => {
  expect(hash({})).toMatch(/^[0-9a-f]{64}$/);
});

test('never changes for the same files, or every image would be built again', () => {
  expect(hash({ 'Dockerfile': 'FROM scratch\n', 'run.sh': { content: 'true\n', mode: 0o755 }, 'link': { link: 'run.sh' }, 'empty': EMPTY_DIRECTORY }))
    .toBe('022c5d891a2154d7f01673daed38a65926ca68baa04a97a9df85b98decd98687');
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
  const files: ContextFile[] = [{ path: 'a', type: 'file', executable: false }];
  expect(hashFiles(directory, files)).toEqual(hash({ a: 'a' }));
});
