import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { WorkDirectory } from '../../../runner/process/work-directory';
import { Failure } from '../../../runner/report/failure';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

let parent: string;

beforeEach(() => {
  parent = temporaryDirectory();
  jest.spyOn(jest.requireActual<typeof os>('os'), 'tmpdir').mockReturnValue(parent);
});

afterEach(() => jest.restoreAllMocks());

function mode(file: string): string {
  return (fs.statSync(file).mode % 0o1000).toString(8);
}

test('it is a new one each time, in the temporary directory of the system, which nobody else can read', () => {
  const [one, other] = [WorkDirectory.create(), WorkDirectory.create()];
  expect(path.dirname(one.root)).toBe(parent);
  expect(one.root).not.toBe(other.root);
  expect(mode(one.root)).toBe('700');
});

test('files in it are for nobody else, whatever the umask', () => {
  const umask = process.umask(0);
  try {
    const work = WorkDirectory.create();
    expect(mode(work.write('password', 'x'))).toBe('600');
    expect(mode(work.directory('a', 'b'))).toBe('700');
    expect(fs.readFileSync(work.path('password'), 'utf8')).toBe('x');
  } finally {
    process.umask(umask);
  }
});

test('a part of it is for one image, and not removed before the whole', () => {
  const work = WorkDirectory.create();
  const part = work.within('image-0');
  expect(part.write('a', '')).toBe(path.join(work.root, 'image-0', 'a'));
  expect(part.path('b', 'c')).toBe(path.join(work.root, 'image-0', 'b', 'c'));
});

test('nothing of it is left at the end, and that may happen twice', () => {
  const work = WorkDirectory.create();
  work.within('image-0').write('a', '');
  work.remove();
  work.remove();
  expect(fs.readdirSync(parent)).toEqual([]);
});

test('without a place for it, the failure names the place and the way out', () => {
  jest.spyOn(jest.requireActual<typeof os>('os'), 'tmpdir').mockReturnValue(path.join(parent, 'missing'));
  expect(() => WorkDirectory.create()).toThrow(Failure);
  expect(() => WorkDirectory.create()).toThrow(`no temporary directory can be made in ${parent}/missing: ENOENT`);
  expect(() => WorkDirectory.create()).toThrow('set TMPDIR to a directory that can be written');
});
