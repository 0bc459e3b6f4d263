import { contextFiles, ContextFile } from '../../lib/context/context-files';
import { hashFiles, hashValues } from '../../lib/plan/content-hash';
import { EMPTY_DIRECTORY, TempContext, TempFile } from '../testhelpers/temp-context';

function hash(files: { [path: string]: TempFile }): string {
  const { directory } = new TempContext(files);
  return hashFiles(directory, contextFiles(directory, undefined));
}

describe('hashFiles', () => {
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
});

describe('hashValues', () => {
  test('is a SHA-256 in hexadecimal digits', () => {
    expect(hashValues({})).toMatch(/^[0-9a-f]{64}$/);
  });

  test('never changes for the same values, or every image would be built again', () => {
    expect(hashValues({ files: 'abc', target: undefined, platform: 'linux/amd64', buildArgs: { VERSION: '1' } })).toBe('04e5a8948e2d97ccef13798dc99aeb09151bb82f3f3ccd3ec6c36e263a4b59ec');
  });

  test('does not depend on the order, on any level', () => {
    expect(hashValues({ a: '1', b: { c: '2', d: '3' } })).toEqual(hashValues({ b: { d: '3', c: '2' }, a: '1' }));
  });

  test('tells apart what is not the same', () => {
    const values = [{}, { a: undefined }, { a: '' }, { a: '1' }, { b: '1' }, { a: { b: '1' } }, { a: {} }, { a: 'b', b: 'a' }, { a: 'null' }, { 'a":"': '1' }];
    expect(new Set(values.map(hashValues)).size).toBe(values.length);
  });
});
