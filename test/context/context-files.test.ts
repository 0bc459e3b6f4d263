import { execFileSync } from 'child_process';
import fs from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { ContextFile, contextFiles } from '../../lib/context/context-files';

let root: string;

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'context-files-'));
});

afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(root, { recursive: true });
});

/** Creates files, and directories for the paths with a slash at the end. */
function create(...entries: string[]): void {
  for (const path of entries) {
    const location = join(root, path);
    if (path.endsWith('/')) {
      fs.mkdirSync(location, { recursive: true });
    } else {
      fs.mkdirSync(dirname(location), { recursive: true });
      fs.writeFileSync(location, '', { mode: 0o644 });
    }
  }
}

function file(path: string, executable = false): ContextFile {
  return { path, type: 'file', executable, size: 0 };
}

function paths(ignoreFileContent?: string): string[] {
  return contextFiles(root, ignoreFileContent).map(({ path, type }) => type === 'directory' ? `${path}/` : path);
}

test('without an ignore file everything is in the context', () => {
  create('Dockerfile', '.git/HEAD', 'src/main.ts');
  expect(contextFiles(root, undefined)).toEqual([file('.git/HEAD'), file('Dockerfile'), file('src/main.ts')]);
});

test('an empty context is an empty list', () => {
  expect(contextFiles(root, undefined)).toEqual([]);
});

test('a directory that is not there is an error', () => {
  expect(() => contextFiles(join(root, 'missing'), undefined)).toThrow('ENOENT');
});

test('the Dockerfile and the ignore file are files like any other', () => {
  create('Dockerfile', '.dockerignore', 'a');
  expect(paths('x')).toEqual(['.dockerignore', 'Dockerfile', 'a']);
  expect(paths('Dockerfile\n.dockerignore')).toEqual(['a']);
});

test('the order is that of the code units, whatever the locale', () => {
  create('a/b', 'a-b', 'B', 'ä', 'b', '10', '9', '_x');
  expect(paths()).toEqual(['10', '9', 'B', '_x', 'a-b', 'a/b', 'b', 'ä']);
});

test('a directory is listed when the context holds nothing in it', () => {
  create('empty/', 'nested/empty/', 'filtered/a.log', 'full/a', 'excluded/');
  expect(paths('**/*.log\nexcluded')).toEqual(['empty/', 'filtered/', 'full/a', 'nested/empty/']);
});

test('an excluded directory comes back with what is excepted in it', () => {
  create('a/b/c', 'a/b/d', 'a/e', 'f/g');
  expect(paths('*\n!a/b/c')).toEqual(['a/b/c']);
  expect(paths('*\n!a/b\na/b/c')).toEqual(['a/b/d']);
});

test('an excluded directory comes back with an empty directory that is excepted', () => {
  create('a/empty/', 'a/other/');
  expect(paths('a\n!a/empty')).toEqual(['a/empty/']);
});

test('a file is executable when anybody may execute it', () => {
  const modes = [0o644, 0o744, 0o654, 0o645, 0o666, 0o4644];
  for (const mode of modes) {
    create(mode.toString(8));
    fs.chmodSync(join(root, mode.toString(8)), mode);
  }
  expect(contextFiles(root, undefined).filter(({ executable }) => executable).map(({ path }) => path)).toEqual(['645', '654', '744']);
});

test('links are listed with their target and never followed', () => {
  create('dir/a');
  fs.symlinkSync('dir', join(root, 'relative'));
  fs.symlinkSync('/nowhere/../x', join(root, 'absolute'));
  fs.symlinkSync('.', join(root, 'dir', 'loop'));
  expect(contextFiles(root, undefined)).toEqual([
    { path: 'absolute', type: 'link', target: '/nowhere/../x' },
    file('dir/a'),
    { path: 'dir/loop', type: 'link', target: '.' },
    { path: 'relative', type: 'link', target: 'dir' },
  ]);
});

test('links are excluded by their own path', () => {
  create('dir/a');
  fs.symlinkSync('dir', join(root, 'link'));
  expect(paths('dir')).toEqual(['link']);
  expect(paths('link/')).toEqual(['dir/a']);
});

test('the context itself may be given as a link', () => {
  create('dir/a');
  fs.symlinkSync('dir', join(root, 'link'));
  expect(contextFiles(join(root, 'link'), undefined)).toEqual([file('a')]);
});

test('pipes are left out', () => {
  create('dir/');
  execFileSync('mkfifo', [join(root, 'dir', 'pipe')]);
  expect(paths()).toEqual(['dir/']);
});

describe('directories that are not read', () => {
  /** The directories read, relative to the context. */
  function directoriesRead(ignoreFileContent: string): string[] {
    const read = jest.spyOn(fs, 'readdirSync');
    contextFiles(root, ignoreFileContent);
    return read.mock.calls.map(([location]) => String(location).slice(root.length + 1));
  }

  beforeEach(() => create('node_modules/a/b', 'src/c', 'tmp/d/e'));

  test('an excluded directory is not read', () => {
    expect(directoriesRead('node_modules\ntmp\n').sort()).toEqual(['', 'src']);
  });

  test('nor is it because of an exception elsewhere', () => {
    expect(directoriesRead('node_modules\ntmp/*\n!tmp/.keep\n').sort()).toEqual(['', 'src', 'tmp']);
  });

  test('an exception that can be anywhere makes it read', () => {
    expect(directoriesRead('node_modules\n!**/.keep\n')).toContain('node_modules/a');
  });
});

describe('directories that cannot be read', () => {
  beforeEach(() => {
    create('secret/a', 'b');
    const original = fs.readdirSync;
    jest.spyOn(fs, 'readdirSync').mockImplementation(((location: string, options: never) => {
      if (location.endsWith('secret')) {
        throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
      }
      return original(location, options);
    }) as never);
  });

  test('they are an error when the context needs them', () => {
    expect(() => paths()).toThrow('EACCES');
  });

  test('they are passed over when they are excluded', () => {
    expect(paths('secret\n!**/*.md')).toEqual(['b']);
  });
});

test('fifty thousand files are listed in a moment', () => {
  for (let directory = 0; directory < 100; directory++) {
    fs.mkdirSync(join(root, 'src', String(directory)), { recursive: true });
    for (let index = 0; index < 500; index++) {
      fs.writeFileSync(join(root, 'src', String(directory), `${index}.ts`), '');
    }
  }
  const start = Date.now();
  expect(contextFiles(root, 'node_modules\n**/*.md\n!**/README.md\n**/.DS_Store\n')).toHaveLength(50_000);
  expect(Date.now() - start).toBeLessThan(10_000);
}, 60_000);
