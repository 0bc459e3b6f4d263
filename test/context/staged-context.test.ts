import * as fs from 'fs';
import * as path from 'path';
import { App, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { stageContext } from '../../lib/context/staged-context';
import { EMPTY_DIRECTORY, TempContext } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

let app: App;

beforeEach(() => {
  app = new App({ outdir: temporaryDirectory() });
});

function image(scope: Construct = app): Construct {
  return new Construct(scope, 'Image');
}

test('the staged directory is named after what is in it', () => {
  const { directory } = new TempContext({ Dockerfile: 'FROM scratch\n' });
  const staged = stageContext(image(), directory, 'Dockerfile');
  expect(staged.path).toBe(`asset.${staged.manifest.hash}`);
  expect(fs.readdirSync(app.outdir)).toContain(staged.path);
});

test('the staged directory is in the root of the assembly for an image in a stage as well', () => {
  const { directory } = new TempContext({ Dockerfile: 'FROM scratch\n' });
  const staged = stageContext(image(new Stage(app, 'Tooling')), directory, 'Dockerfile');
  expect(staged.path).toBe(`asset.${staged.manifest.hash}`);
  expect(fs.existsSync(path.join(app.outdir, staged.path, 'Dockerfile'))).toBe(true);
});

test('only files are copied, links and empty directories are told', () => {
  const { directory } = new TempContext({
    'Dockerfile': 'FROM scratch\n',
    'src/run.sh': { content: 'true\n', mode: 0o755 },
    'src/link': { link: '/etc/passwd' },
    'linked': { link: 'src' },
    'empty/deep': EMPTY_DIRECTORY,
  });
  const staged = stageContext(image(), directory, 'Dockerfile');
  const names = fs.readdirSync(path.join(app.outdir, staged.path), { recursive: true }).sort();
  expect(names).toEqual(['Dockerfile', 'src', 'src/run.sh']);
  expect(staged.manifest).toEqual({
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    files: { 'Dockerfile': 13, 'src/run.sh': 5 },
    executables: ['src/run.sh'],
    emptyDirectories: ['empty/deep'],
    links: { 'linked': 'src', 'src/link': '/etc/passwd' },
  });
});

test('a context in which everything is ignored is an empty directory, with a Dockerfile beside it', () => {
  const { directory } = new TempContext({ 'Dockerfile': 'FROM scratch\n', '.dockerignore': '*\n' });
  const staged = stageContext(image(), directory, 'Dockerfile');
  expect(fs.readdirSync(path.join(app.outdir, staged.path))).toEqual([]);
  expect(staged.dockerfileContent).toBe('FROM scratch\n');
});

test('what is there already is not copied again, and nothing unfinished is left', () => {
  const { directory } = new TempContext({ Dockerfile: 'FROM scratch\n' });
  const { path: first } = stageContext(image(), directory, 'Dockerfile');
  const before = fs.statSync(path.join(app.outdir, first, 'Dockerfile')).mtimeMs;
  const other = new Construct(app, 'Other');
  expect(stageContext(other, directory, 'Dockerfile').path).toBe(first);
  expect(fs.statSync(path.join(app.outdir, first, 'Dockerfile')).mtimeMs).toBe(before);
  expect(fs.readdirSync(app.outdir).filter((name) => name.startsWith('asset.'))).toEqual([first]);
});

test('the staged directories can be read by whoever zips them', () => {
  const { directory } = new TempContext({ 'Dockerfile': 'FROM scratch\n', 'src/a': 'a' });
  const umask = process.umask(0o022);
  const { path: staged } = stageContext(image(), directory, 'Dockerfile');
  process.umask(umask);
  const modes = [staged, `${staged}/src`].map((name) => (fs.statSync(path.join(app.outdir, name)).mode % 0o1000).toString(8));
  expect(modes[0]).toEqual(modes[1]);
});

test('the Dockerfile may lie outside of the context, as it may for Docker', () => {
  const { directory } = new TempContext({ 'Dockerfile': 'FROM scratch\n', 'app/main.py': '1' });
  const staged = stageContext(image(), path.join(directory, 'app'), '../Dockerfile');
  expect(staged.dockerfileContent).toBe('FROM scratch\n');
  expect(fs.readdirSync(path.join(app.outdir, staged.path))).toEqual(['main.py']);
});

test('fails without a Dockerfile, and stages nothing', () => {
  const { directory } = new TempContext({ 'main.py': '1' });
  expect(() => stageContext(image(), directory, 'Dockerfile'))
    .toThrow(`'Image': there is no "Dockerfile" in the context ${directory}; give the property 'dockerfile' its path in the context`);
  expect(fs.readdirSync(app.outdir).filter((name) => name.startsWith('asset.'))).toEqual([]);
});

test.each(['.wh.config', 'src/.wh..wh..opq', '.wh.d/file'])('fails for %s, which no image can hold', (file) => {
  const { directory } = new TempContext({ Dockerfile: 'FROM scratch\n', [file]: '' });
  expect(() => stageContext(image(), directory, 'Dockerfile')).toThrow(`'Image': the context ${directory} has ${JSON.stringify(file)}, which would be missing in the image: a name that begins with '.wh.' stands for`
    + ' a removed file there; rename it, or exclude it with a .dockerignore');
  fs.writeFileSync(path.join(directory, '.dockerignore'), '**/.wh.*\n');
  expect(() => stageContext(new Construct(app, 'Other'), directory, 'Dockerfile')).not.toThrow();
});

test('names that only look like those of removed files are staged', () => {
  const { directory } = new TempContext({ 'Dockerfile': 'FROM scratch\n', 'a.wh.b': '', '.whx': '', '.wh': '' });
  expect(() => stageContext(image(), directory, 'Dockerfile')).not.toThrow();
});

test('fails for a pattern that Docker refuses, with the image and the ignore file', () => {
  const { directory } = new TempContext({ 'Dockerfile': 'FROM scratch\n', '.dockerignore': '[a\n' });
  expect(() => stageContext(image(), directory, 'Dockerfile')).toThrow(/'Image': .*\[a/);
});
