import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, BUILDSPEC, plan } from './build-machine';

/** Names that a careless script reads as something else. */
const ODD_NAMES = ['a b', ' ', "it's", '"quoted"', 'two\nlines', '\n', '-rf', '--help', '$(touch x)', '`touch x`', '*', 'a\\b', 'a\tb', '~', 'é😀', '#x', '&&', 'a;b'];

let machine: BuildMachine;
let context: string;

beforeEach(() => {
  machine = new BuildMachine({ IMAGE_PLAN_FILE: 'image-App.json' });
  context = path.join(machine.sourceDirectory, 'asset.1');
});

function write(name: string, permissions = 0o644): void {
  machine.write(`asset.1/${name}`, name, permissions);
}

async function restore(values: { [name: string]: unknown } = {}) {
  machine.remember({ 'plan.json': plan(values) });
  return machine.run('context.sh');
}

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

test('what a zip has lost comes back', async () => {
  // what a zip without modes, links and empty folders brings
  write('bin/run', 0o600);
  write('lib/a.py', 0o600);

  expect(await restore({ executables: ['bin/run'], emptyDirectories: ['empty/folder'], links: { 'bin/start': 'run' } }))
    .toEqual({ code: 0, stdout: '', stderr: '' });
  expect(tree()).toEqual({
    'bin': '755',
    'bin/run': '755',
    'bin/start': '-> run',
    'empty': '755',
    'empty/folder': '755',
    'lib': '755',
    'lib/a.py': '644',
  });
  expect(fs.readFileSync(path.join(context, 'bin', 'start'), 'utf-8')).toBe('bin/run');
});

test('files get the modes of a git checkout, whatever they had', async () => {
  for (const each of ['600', '644', '666', '400', '777', '744', '611', '4755', '2755']) {
    write(`files/${each}`, parseInt(each, 8));
    write(`programs/${each}`, parseInt(each, 8));
  }
  fs.mkdirSync(path.join(context, 'private'));
  fs.chmodSync(path.join(context, 'private'), 0o700);
  expect((await restore({ executables: fs.readdirSync(path.join(context, 'programs')).map((name) => `programs/${name}`) })).code).toBe(0);
  expect(new Set(fs.readdirSync(path.join(context, 'files')).map((name) => mode(`files/${name}`)))).toEqual(new Set(['644']));
  expect(new Set(fs.readdirSync(path.join(context, 'programs')).map((name) => mode(`programs/${name}`)))).toEqual(new Set(['755']));
  expect(mode('private')).toBe('755');
});

test('the umask of the build changes nothing', async () => {
  write('a');
  machine.remember({ 'plan.json': plan({ emptyDirectories: ['empty/folder'], links: { 'links/a': '../a' } }) });
  expect((await machine.bash(`umask 077; bash --norc --noprofile '${BUILDSPEC}/context.sh'`)).code).toBe(0);
  expect(tree()).toEqual({ 'a': '644', 'empty': '755', 'empty/folder': '755', 'links': '755', 'links/a': '-> ../a' });
});

test('names can be any', async () => {
  const executables = ODD_NAMES.map((name) => `programs/${name}/${name}`);
  const links = Object.fromEntries([...ODD_NAMES.map((name) => [`links/${name}/${name}`, name]), ...ODD_NAMES.map((name) => [name, name])]);
  const emptyDirectories = [...ODD_NAMES.map((name) => `empty/${name}/${name}`), '-p', '--mode=000'];
  executables.forEach((name) => write(name));
  write('-R');
  const { code, stderr } = await restore({ executables: [...executables, '-R'], links, emptyDirectories });
  expect([code, stderr]).toEqual([0, '']);
  expect(executables.map(mode)).toEqual(executables.map(() => '755'));
  expect(Object.fromEntries(Object.entries(tree()).filter(([, value]) => value.startsWith('->'))))
    .toEqual(Object.fromEntries(Object.entries(links).map(([name, target]) => [name, `-> ${target}`])));
  for (const name of emptyDirectories) {
    expect(fs.readdirSync(path.join(context, name))).toEqual([]);
  }
  expect(fs.readdirSync(context)).toHaveLength(3 + ODD_NAMES.length + 3);
  expect(fs.readdirSync(machine.sourceDirectory)).toEqual(['asset.1']);
});

test('the path of the context can be any', async () => {
  machine.write("a 'b' $(touch x)/run", '');
  expect((await restore({ context: "a 'b' $(touch x)", executables: ['run'] })).code).toBe(0);
  expect(fs.statSync(path.join(machine.sourceDirectory, "a 'b' $(touch x)", 'run')).mode % 0o1000).toBe(0o755);
  expect(fs.readdirSync(machine.sourceDirectory)).toHaveLength(1);
});

test('links that lead outside are made, and never followed', async () => {
  const outside = machine.write('outside/file', 'outside', 0o600);
  fs.chmodSync(path.dirname(outside), 0o700);
  write('a');
  const links = { absolute: outside, folder: '../outside', nowhere: '/no/such/file', itself: 'itself' };
  expect((await restore({ links })).code).toBe(0);
  // A second run meets them
  expect((await restore({ links })).code).toBe(0);
  expect(tree()).toEqual({ a: '644', absolute: `-> ${outside}`, folder: '-> ../outside', itself: '-> itself', nowhere: '-> /no/such/file' });
  expect(fs.statSync(outside).mode % 0o1000).toBe(0o600);
  expect(fs.statSync(path.dirname(outside)).mode % 0o1000).toBe(0o700);
  expect(fs.readdirSync(path.dirname(outside))).toEqual(['file']);
});

test('a link takes the place of what the zip has made of it', async () => {
  write('file-link');
  write('folder-link/file');
  write('a');
  expect((await restore({ links: { 'file-link': 'a', 'folder-link': '.' } })).code).toBe(0);
  expect(tree()).toEqual({ 'a': '644', 'file-link': '-> a', 'folder-link': '-> .' });
});

test('a context without any file is an empty folder', async () => {
  expect((await restore()).code).toBe(0);
  expect(fs.readdirSync(context)).toEqual([]);
});

test('there may be more names than one command takes', async () => {
  const folder = Array.from({ length: 12 }, (_, index) => String.fromCharCode(97 + index).repeat(250)).join('/');
  const names = Array.from({ length: 800 }, (_, index) => `${folder}/${index}`); // 2.4 MB; Linux takes 2 MB
  fs.mkdirSync(path.join(context, folder), { recursive: true });
  names.forEach((name) => fs.writeFileSync(path.join(context, name), '', { mode: 0o600 }));
  const emptyDirectories = names.map((name) => `${name}-empty`);
  expect(await restore({ executables: names, emptyDirectories })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect([mode(names[0]), mode(names[799])]).toEqual(['755', '755']);
  expect(fs.readdirSync(path.join(context, folder))).toHaveLength(1600);
});

test('a file of the plan that the input lacks is an error', async () => {
  write('a');
  const { code, stderr } = await restore({ executables: ['missing'] });
  expect(code).not.toBe(0);
  expect(stderr).toContain('missing');
});

test('links that cannot be read from the plan are an error, instead of an image without them', async () => {
  write('a');
  machine.breakJq('.links', 5);
  expect((await restore({ links: { b: 'a' } })).code).not.toBe(0);
});

test('nothing is touched when the image is there already', async () => {
  write('run', 0o600);
  machine.remember({ result: 'already there' });
  expect(await restore({ executables: ['run'], links: { a: 'run' } })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(tree()).toEqual({ run: '600' });
  expect(machine.recall('phases')).toBeUndefined();
});

test('nothing is touched in a source', async () => {
  write('run', 0o700);
  expect(await restore({ dockerfileContent: undefined })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(tree()).toEqual({ run: '700' });
});

test('a context whose Dockerfile is empty is no source', async () => {
  write('run', 0o600);
  expect((await restore({ dockerfileContent: '', executables: ['run'] })).code).toBe(0);
  expect(tree()).toEqual({ run: '755' });
});

test('the phase is noted', async () => {
  await restore();
  expect(machine.recall('phases')).toMatch(/^context \d+\n$/);
});
