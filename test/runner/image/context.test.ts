import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { ContextManifest } from '../../../lib/plan/image-plan';
import { restoreContext } from '../../../runner/image/context';
import { BuildMachine } from '../testhelpers/build-machine';
import { BuildSetup, contextFiles } from '../testhelpers/build-setup';

/** Names that a careless program reads as something else. */
const ODD_NAMES = ['a b', ' ', "it's", '"quoted"', 'two\nlines', '\n', '-rf', '--help', '$(touch x)', '`touch x`', '*', 'a\\b', 'a\tb', '~', 'é😀', '#x', '&&', 'a;b'];

const REMEDY = 'run the pipeline from its synthesis again, and hand the build the cloud assembly as it is';

let setup: BuildSetup;
let context: string;

beforeEach(() => {
  setup = new BuildSetup(new BuildMachine());
  context = path.join(setup.input, 'asset.1');
  fs.mkdirSync(context);
});

/** Writes files, whose content is their name, as an artifact brings them. */
function write(...names: string[]): void {
  names.forEach((name) => setup.write(`asset.1/${name}`, name, 0o600));
}

/** What synthesis says of the files, as they are now. */
function manifest(values: Partial<Omit<ContextManifest, 'hash' | 'files'>> = {}, files = list()): ContextManifest {
  return contextFiles(context, { ...values, files: Object.fromEntries(files.map((name) => [name, fs.statSync(path.join(context, name)).size])) });
}

function list(): string[] {
  return fs.readdirSync(context, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(context, path.join(parentPath, name)));
}

const restore = (contextFilesOf: ContextManifest | undefined, values = {}) => restoreContext(setup.job({ contextFiles: contextFilesOf, ...values }));

function mode(name: string): string {
  return (fs.lstatSync(path.join(context, name)).mode % 0o10000).toString(8);
}

/** All that is in the context, links with their target. */
function tree(): { [name: string]: string } {
  const entries = fs.readdirSync(context, { recursive: true, withFileTypes: true }).map((entry) => {
    const location = path.join(entry.parentPath, entry.name);
    const name = path.relative(context, location);
    return [name, entry.isSymbolicLink() ? `-> ${fs.readlinkSync(location)}` : mode(name)];
  });
  return Object.fromEntries(entries.sort());
}

describe('what a zip has lost comes back', () => {
  test('modes, links and empty folders', () => {
    write('bin/run', 'lib/a.py');
    restore(manifest({ executables: ['bin/run'], emptyDirectories: ['empty/folder'], links: { 'bin/start': 'run', 'new/link': '../lib' } }));
    expect(tree()).toEqual({
      'bin': '755', 'bin/run': '755', 'bin/start': '-> run', 'empty': '755', 'empty/folder': '755', 'lib': '755', 'lib/a.py': '644', 'new': '755', 'new/link': '-> ../lib',
    });
  });

  test('files get the modes of a git checkout, whatever they had', () => {
    const modes = ['600', '644', '666', '400', '777', '744', '611', '4755', '2755'];
    for (const each of modes) {
      setup.write(`asset.1/files/${each}`, '', parseInt(each, 8));
      setup.write(`asset.1/programs/${each}`, '', parseInt(each, 8));
    }
    fs.mkdirSync(path.join(context, 'private'), { mode: 0o700 });
    restore(manifest({ executables: modes.map((name) => `programs/${name}`) }));
    expect(new Set(modes.map((name) => mode(`files/${name}`)))).toEqual(new Set(['644']));
    expect(new Set(modes.map((name) => mode(`programs/${name}`)))).toEqual(new Set(['755']));
    expect(mode('private')).toBe('755');
    expect(mode('.')).toBe('755');
  });

  test('the umask of the build changes nothing', () => {
    write('a');
    const files = manifest({ emptyDirectories: ['empty/folder'], links: { 'links/a': '../a' } });
    const umask = process.umask(0o077);
    try {
      restore(files);
    } finally {
      process.umask(umask);
    }
    expect(tree()).toEqual({ 'a': '644', 'empty': '755', 'empty/folder': '755', 'links': '755', 'links/a': '-> ../a' });
  });

  test('names can be any', () => {
    const executables = ODD_NAMES.map((name) => `programs/${name}/${name}`);
    const links = Object.fromEntries([...ODD_NAMES.map((name) => [`links/${name}/${name}`, name]), ...ODD_NAMES.map((name) => [name, name])]);
    const emptyDirectories = [...ODD_NAMES.map((name) => `empty/${name}/${name}`), '-p', '--mode=000'];
    write(...executables, '-R', '__proto__');
    restore(manifest({ executables: [...executables, '-R'], links, emptyDirectories }));
    expect(executables.map(mode)).toEqual(executables.map(() => '755'));
    expect(Object.fromEntries(Object.entries(tree()).filter(([, value]) => value.startsWith('->'))))
      .toEqual(Object.fromEntries(Object.entries(links).map(([name, target]) => [name, `-> ${target}`])));
    emptyDirectories.forEach((name) => expect(fs.readdirSync(path.join(context, name))).toEqual([]));
    expect(fs.readdirSync(setup.input)).toEqual(['asset.1']);
  });

  test('a context without any file is an empty folder', () => {
    const files = manifest();
    fs.rmdirSync(context);
    restore(files);
    expect(fs.readdirSync(context)).toEqual([]);
  });

  test('the path of the context can be any', () => {
    const name = "a 'b' $(touch x)";
    write('run');
    const files = manifest({ executables: ['run'] });
    fs.renameSync(context, path.join(setup.input, name));
    restore(files, { context: name });
    expect(fs.statSync(path.join(setup.input, name, 'run')).mode % 0o1000).toBe(0o755);
    expect(fs.readdirSync(setup.input)).toEqual([name]);
  });

  test('of thousands of files', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `folder/${index}`);
    write(...names);
    restore(manifest({ executables: names, emptyDirectories: names.map((name) => `${name}-empty`) }));
    expect(fs.readdirSync(path.join(context, 'folder'))).toHaveLength(2000);
    expect(mode('folder/999')).toBe('755');
  });
});

describe('links', () => {
  test('that lead outside are made, and never followed', () => {
    const outside = setup.write('outside/file', 'outside', 0o600);
    fs.chmodSync(path.dirname(outside), 0o700);
    write('a');
    const files = manifest({ links: { absolute: outside, folder: '../outside', nowhere: '/no/such/file', itself: 'itself' } });
    restore(files);
    restore(files); // a second run meets them
    expect(tree()).toEqual({ a: '644', absolute: `-> ${outside}`, folder: '-> ../outside', itself: '-> itself', nowhere: '-> /no/such/file' });
    expect(fs.statSync(outside).mode % 0o1000).toBe(0o600);
    expect(fs.statSync(path.dirname(outside)).mode % 0o1000).toBe(0o700);
    expect(fs.readFileSync(outside, 'utf8')).toBe('outside');
  });

  test('take the place of what the zip has made of them', () => {
    write('a');
    const files = manifest({ links: { 'file-link': 'a', 'folder-link': '.' } });
    write('file-link', 'folder-link/file');
    restore(files);
    expect(tree()).toEqual({ 'a': '644', 'file-link': '-> a', 'folder-link': '-> .' });
  });
});

describe('a context that is not the one of the synthesis fails the build', () => {
  const differs = (what: string) => `the context of 'App' is not the one that was synthesized: ${what}; ${REMEDY}`;

  test('when a file is missing', () => {
    write('a', 'b/c');
    const files = manifest();
    fs.rmSync(path.join(context, 'b'), { recursive: true });
    expect(() => restore(files)).toThrow(differs('b/c is missing'));
  });

  test('when a file has another size', () => {
    write('a', 'b');
    const files = manifest();
    setup.write('asset.1/b', '12345');
    expect(() => restore(files)).toThrow(differs('b is of 5 bytes instead of 1'));
  });

  test('when a file has the same size and another content', () => {
    write('a', 'b');
    const files = manifest();
    setup.write('asset.1/b', 'c');
    expect(() => restore(files)).toThrow(differs('files of asset.1 have other contents'));
  });

  test.each<[string, () => void]>([
    ['a folder', () => fs.mkdirSync(path.join(context, 'b'))],
    ['a link', () => fs.symlinkSync('a', path.join(context, 'b'))],
    ['a pipe', () => execFileSync('mkfifo', [path.join(context, 'b')])],
  ])('when a file has become %s', (_, make) => {
    write('a', 'b');
    const files = manifest();
    fs.rmSync(path.join(context, 'b'));
    make();
    expect(() => restore(files)).toThrow(differs('b is no file'));
  });

  test('when the folder of a file has become a file', () => {
    write('a', 'b/c');
    const files = manifest();
    fs.rmSync(path.join(context, 'b'), { recursive: true });
    write('b');
    expect(() => restore(files)).toThrow(differs('b/c is missing'));
  });

  test('when many files are missing, of which some are named', () => {
    write(...[...Array(9).keys()].map((index) => `f${index}`));
    const files = manifest();
    [...Array(8).keys()].forEach((index) => fs.rmSync(path.join(context, `f${index}`)));
    expect(() => restore(files)).toThrow(differs('f0 is missing, f1 is missing, f2 is missing, f3 is missing, f4 is missing, and 3 more'));
  });

  test('when all of it is missing', () => {
    write('a');
    const files = manifest();
    fs.rmSync(context, { recursive: true });
    expect(() => restore(files)).toThrow(`the input has no asset.1, the context of 'App'; ${REMEDY}`);
  });

  test('when it is a file', () => {
    write('a');
    const files = manifest();
    fs.rmSync(context, { recursive: true });
    setup.write('asset.1', '');
    expect(() => restore(files)).toThrow(`the input has no asset.1, the context of 'App'; ${REMEDY}`);
  });

  test('when it has a file that nobody synthesized', () => {
    write('a');
    const files = manifest();
    write('src/more');
    expect(() => restore(files)).toThrow(differs('src/more is not of it'));
  });

  test('when it was tampered with where a link was', () => {
    write('a');
    const files = manifest({ links: { b: 'a' } });
    expect(() => restore({ ...files, links: { b: '/etc/passwd' } })).toThrow(differs('files of asset.1 have other contents'));
  });
});

test('a link that is right already stays, since another image may be built from it just now', () => {
  write('a');
  const files = manifest({ links: { b: 'a' } });
  restore(files);
  const before = fs.lstatSync(path.join(context, 'b'));
  restore(files);
  expect(fs.lstatSync(path.join(context, 'b')).ino).toBe(before.ino);
  expect(fs.lstatSync(path.join(context, 'b')).ctimeMs).toBe(before.ctimeMs);
});

describe('a source', () => {
  test('is left as it is', () => {
    setup.write('asset.1/run', '', 0o700);
    setup.write('asset.1/Dockerfile', '', 0o640);
    restore(undefined, { dockerfileContent: undefined });
    expect(tree()).toEqual({ Dockerfile: '640', run: '700' });
  });

  test.each(['missing', 'file'])('that is %s fails the build', (name) => {
    setup.write('file', '');
    expect(() => restore(undefined, { context: name, dockerfileContent: undefined })).toThrow(`the source has no folder ${name}`);
  });
});

describe('the Dockerfile', () => {
  test.each([
    ['with a line break at its end', 'FROM scratch\n'],
    ['without one', 'FROM scratch'],
    ['with several', 'FROM scratch\n\n\n'],
    ['of Windows', 'FROM scratch\r\nCOPY a b\r\n'],
    ['with a byte order mark', '\uFEFFFROM scratch\n'],
    ['with what a shell would read', 'FROM scratch\nRUN echo "$HOME" \'%s\' `touch x` $(touch x) \\\n  && echo \\n\\t\\\\\nEND_OF_SCRIPT\n'],
    ['with characters of all lengths', '# é日😀\u0001\u007f\nFROM scratch\n'],
    ['that is empty', ''],
  ])('%s is the one of the plan, byte for byte', (_, dockerfileContent) => {
    const { dockerfile } = setup.job({ dockerfileContent });
    expect(fs.readFileSync(dockerfile, 'utf8')).toBe(dockerfileContent);
    expect(fs.readdirSync(context)).toEqual([]);
  });

  test.each(['Dockerfile', 'docker/Dockerfile.prod', '-Dockerfile', '--help', 'docker/-a', '$(touch x)', 'a b'])('may be named %j, and an empty ignore file is beside it', (name) => {
    const { dockerfile, work } = setup.job({ dockerfile: name });
    expect(dockerfile).toBe(work.path('dockerfile', path.basename(name)));
    expect(fs.readdirSync(path.dirname(dockerfile)).sort()).toEqual([path.basename(name), `${path.basename(name)}.dockerignore`]);
    expect(fs.readFileSync(`${dockerfile}.dockerignore`, 'utf8')).toBe('');
  });

  test('of a source is in it', () => {
    const { dockerfile, work } = setup.job({ context: 'services/api', dockerfile: 'docker/Dockerfile', dockerfileContent: undefined });
    expect(dockerfile).toBe(path.join(setup.input, 'services/api/docker/Dockerfile'));
    expect(fs.readdirSync(work.root)).toEqual([]);
  });
});

describe('further contexts', () => {
  function further(change: () => void = () => undefined) {
    setup.write('asset.2/tool', 'tool', 0o600);
    const files = contextFiles(path.join(setup.input, 'asset.2'), { files: { tool: 4 }, executables: ['tool'] });
    change();
    write('a');
    return () => restore(manifest(), { buildContexts: { shared: { path: 'asset.2', files }, base: { image: 'python' } } });
  }

  test('get what a zip has lost, too', () => {
    further()();
    expect(mode('../asset.2/tool')).toBe('755');
  });

  test('are the ones that were synthesized', () => {
    expect(further(() => setup.write('asset.2/tool', 'tool2')))
      .toThrow(`the context 'shared' of 'App' is not the one that was synthesized: tool is of 5 bytes instead of 4; ${REMEDY}`);
    expect(further(() => fs.rmSync(path.join(setup.input, 'asset.2'), { recursive: true }))).toThrow(`the input has no asset.2, the context 'shared' of 'App'; ${REMEDY}`);
  });
});
