import { execFileSync } from 'child_process';
import fs from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { ContextFile, contextFiles as filesWithSizes } from '../../../../lib/context/context-files';
import { BuildKit } from '../../engines/build-kit';
import { parts } from '../../parts/parts';

// Compares what the library takes for the build context with what BuildKit makes of it. To save time, many contexts are named
// contexts of one build; BuildKit treats them as it treats the main one, which a test makes sure of.

interface Context {
  readonly tree: readonly string[];
  readonly ignore: string;
}

// One tree for all patterns; a slash at the end makes an empty directory.
const TREE = [
  'Dockerfile', '.git/HEAD', '.git/refs/x', '.env', 'readme.md', 'README.md', 'docs/readme.md', 'docs/deep/guide.md', 'src/main.ts',
  'src/a/b/c.ts', 'src/a/b/c.test.ts', 'src/a/keep', 'src/empty/', 'node_modules/x/index.js', 'node_modules/x/.keep',
  'packages/p/node_modules/y/index.js', 'packages/p/src/i.ts', 'foo', 'foobar', 'bar/foo', 'bar/foo1/x', 'a b', '#hash', '!bang', 'é.txt', '日本',
  '[x]', 'x', 'a*', '{a,b}', 'aa', 'a+b', 'a|b', 'b', 'zab', 'star*dir/f', '1', 'tmp/.gitkeep', 'tmp/cache/big', 'tmp/deep/er/.gitkeep',
  't\u2028n', 'B/c', 'e/e/', 'app.log', 'log/app.log', 'a.Debug', 'binXebug/x', 'v1.2', 'v1x2', '$d', '^c', 'build/out/x.js',
  'build/out/x.js.map', '-d', '9', 'c/d/e/f', 'c/d/g',
];

const CORPUS = [
  '', '\n\n', '# comment\n#foo\n', ' #hash\n', '\\#hash', '\ufefffoo\nb', '\ufeff#foo\n', '\n\ufefffoo', 'foo\r\nbar\r\n', '  foo  ', '\tfoo\t',
  '\u00a0foo\u0085', '/foo', 'foo/', '/src/', './src', 'src/.', 'src/./a', 'src/../foo', '.', './', '..', '/', '**', '*', '*\n!src', '*\n!src/a',
  '*\n!src/a/b/c.ts', '*\n!src/a/keep', '*\n!/src/', '*\n!./src/**', '*\n!src/*', '*\n!**/*.ts', '*\n!**/c.ts', '**\n!src/**/c.ts',
  '**/*\n!**/.gitkeep', 'tmp/*\n!tmp/.gitkeep', 'tmp\n!tmp/.gitkeep', 'tmp/**\n!tmp/**/.gitkeep', 'tmp/*\n!tmp/*/**', 'tmp/*\n!tmp/*/*',
  'src\n!src/a\nsrc/a/b', 'src\n!src/empty', 'src/empty', 'src/a', '*.md\n!README.md', '!README.md\n*.md', '**/*.md\n!docs/**/*.md', '*.md',
  '**/readme.md', 'README.MD', 'node_modules', '**/node_modules', '**/node_modules\n!**/.keep', 'node_modules/\n!node_modules/x', '*/foo',
  '**foo', 'foo**', '**/foo**', 'foo*', '?oo', 'fo?', 'b*/foo?', '***', '***.ts', 'src/**/c.ts', 'src/**', 'src/**/', 'src**', '**/src/**',
  'a**b', '**/a/**/c.ts', '[fb]oo', '[a-c]', '[^a-c]', 'foo[^x]', 'bar[^x]foo', '[!b]*', '[[:alpha:]]', '[[:^alpha:]]', '[[:digit:][:space:]]*',
  '[*]', '[?]', '[.]env', '\\[x\\]', '[[]x]', 'a\\*', 'star\\*dir', '\\a', 'a\\ b', 'a\\|b', '{a,b}', '{a*', 'a{2}*', 'a{1,}[a]', 'a|b', 'a|b*',
  'a*|', 'a+*', 'v1.2*', '$*', '^*', '^c', '*^c', 'a.\\Debug', 'bin\\Debug', '\\x61*', '[\\x61]', '[\\d]', '\\d', '[^\\D]', '\\w', '\\W*',
  '\\bfoo*', 'é*', '?本', '日?', '!foo', '!!bang\nx', '!bang', '! foo\nfoo', 'foo\n! foo', 'foo\n!  /foo', '/!foo', '*\n! / foo', '/ foo', '/#hash',
  '?/c\n!B', '*/c\n!B', '*\n!B/c', '[B]/c\n!B', '*/d\n!c', 'c\n!c/d\nc/d/g', 'c/*\n!c/d\nc/d/e', 'foo\n!foo\nfoo\n!foo', '*\n!*/', '*\n!.',
  '*\n!..', '*\n!\\foo', '*\n!fo[o]', 'Dockerfile\n.dockerignore', '*\n!Dockerfile', '**/.dockerignore', '**\n!**', '-d', '[\\-]d', '*.log',
  '**/*.log\n!app.log', 'log\n!*.log', 'build\n!build/out/*.js', 'build/**/*.map', 'build/out/**.map', 't*n', 't?n', 'x*[b-]', 'x*\\', 'app*\\',
  '*.[jt]s', '**/*.[jt]s', 'a*[^/]b', '.*', '.*\n!.env', '.[^.]*', '..?*', '*\n!src\nsrc/**/*.test.ts', 'e', 'e/e', '*/*', '*/*/*', '!*',
  'e\n!e/e', '[a-zA-Z]*[a-z]', 'packages/*/node_modules', 'packages/*\n!packages/*/src',
];

const REFUSED = [
  '*[a-]', '!', '!/', '! ', '[', '[a', '[]', '[]a]', '[a-]', '[-a]', 'a\\', '\\y*', '.*[x', 'x\n!', '*[', 'a*[b', '{2}{3}*', '[b-a]', '[[:foo:]]',
  '\\1*', '**\\', '!src\\',
];

/** Which files are in a context; how large they are is no matter of ignore files. */
function contextFiles(directory: string, ignore: string | undefined): ContextFile[] {
  return filesWithSizes(directory, ignore).map(({ size, ...file }) => file);
}

let buildKit: BuildKit;
let root: string;

beforeAll(async () => {
  buildKit = await BuildKit.fresh();
});

afterAll(async () => buildKit.wipe());

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'context-files-'));
});

afterEach(() => {
  fs.rmSync(root, { recursive: true });
});

function create(directory: string, { tree, ignore }: Context): string {
  fs.mkdirSync(directory, { recursive: true });
  for (const path of tree) {
    const location = join(directory, path);
    fs.mkdirSync(path.endsWith('/') ? location : dirname(location), { recursive: true });
    if (!path.endsWith('/')) {
      fs.writeFileSync(location, '');
    }
  }
  fs.writeFileSync(join(directory, '.dockerignore'), ignore);
  return directory;
}

/** Builds and hands back the directory of the result. */
function build(dockerfile: string, context: string, ...options: string[]): string {
  const output = join(root, 'output');
  const archive = join(root, 'output.tar');
  fs.rmSync(output, { recursive: true, force: true });
  fs.mkdirSync(output);
  const args = ['buildx', 'build', '--progress=plain', `--output=type=tar,dest=${archive}`, '--file=-', ...options, context];
  execFileSync('docker', args, { input: dockerfile, stdio: 'pipe', env: { ...process.env, ...buildKit.environment, PATH: `${parts.bin}:${process.env.PATH}` } });
  execFileSync('tar', ['--extract', '--preserve-permissions', '--no-same-owner', `--file=${archive}`, `--directory=${output}`]);
  return output;
}

/** What is really there, found in a way of its own. */
function filesIn(directory: string): ContextFile[] {
  // Not by a recursive readdir, which follows links.
  const paths = execFileSync('find', [directory, '-mindepth', '1', '-printf', '%P\\0'], { encoding: 'utf8' }).split('\0').slice(0, -1);
  return paths.sort().flatMap((path): ContextFile[] => {
    const stats = fs.lstatSync(join(directory, path));
    if (stats.isDirectory()) {
      return fs.readdirSync(join(directory, path)).length === 0 ? [{ path, type: 'directory' }] : [];
    }
    if (stats.isSymbolicLink()) {
      return [{ path, type: 'link', target: fs.readlinkSync(join(directory, path)) }];
    }
    return [{ path, type: 'file', executable: [0o100, 0o010, 0o001].some(bit => Math.floor(stats.mode / bit) % 2 === 1) }];
  });
}

/** Sends the contexts through builds of a few dozen each and compares. */
function expectSameAsBuildKit(contexts: readonly Context[]): void {
  for (let start = 0; start < contexts.length; start += 40) {
    const batch = contexts.slice(start, start + 40);
    const directories = batch.map((context, index) => create(join(root, String(start + index)), context));
    const copies = batch.map((_, index) => `COPY --from=context${index} . /${index}/`);
    const output = build(
      ['FROM scratch', ...copies].join('\n'),
      create(join(root, 'main'), { tree: [], ignore: '' }),
      ...directories.map((directory, index) => `--build-context=context${index}=${directory}`),
    );
    batch.forEach(({ ignore }, index) => {
      const built = join(output, String(index));
      const expected = fs.existsSync(built) ? filesIn(built) : [];
      expect({ ignore, files: contextFiles(directories[index], ignore) }).toEqual({ ignore, files: expected });
    });
  }
}

/** The same numbers on every run (Park and Miller). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 16_807) % 2_147_483_647;
    return state % below;
  };
}

function randomContext(random: (below: number) => number): Context {
  const pick = (from: readonly string[]) => from[random(from.length)];
  const names = ['a', 'b', 'c', 'ab', 'abc', 'A', 'a.js', 'b.js', '.x', 'foo'];
  const globs = ['a', 'b', 'c', 'ab', '*', '**', '?', '*.js', 'a*', '.*', '[ab]', '[^a]', 'foo', '..', '.'];
  const tree = new Set<string>();
  for (let count = 6 + random(14); count > 0; count--) {
    const path = Array.from({ length: 1 + random(4) }, () => pick(names)).join('/');
    // Nothing below a file, and no file where a directory is.
    if (![...tree].some(other => `${other}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${other}/`.replace('//', '/')))) {
      tree.add(random(6) === 0 ? `${path}/` : path);
    }
  }
  const lines = Array.from({ length: 1 + random(6) }, () => {
    const glob = Array.from({ length: 1 + random(3) }, () => pick(globs) + (random(5) === 0 ? pick(globs) : '')).join('/');
    return `${pick(['', '', '!', '! '])}${pick(['', '', '', './', 'x/../'])}${glob}${pick(['', '', '', '/', ' '])}`;
  });
  return { tree: [...tree], ignore: [pick(['', '*', '**', 'a', '**/a']), ...lines].join(pick(['\n', '\n', '\r\n'])) };
}

test('a table of patterns gives the same files', () => {
  expectSameAsBuildKit(CORPUS.map(ignore => ({ tree: TREE, ignore })));
});

test.each([1, 2, 3])('random patterns and trees give the same files (seed %i)', seed => {
  const random = randomNumbers(seed);
  expectSameAsBuildKit(Array.from({ length: 120 }, () => randomContext(random)));
});

test.each(CORPUS.filter((_, index) => index % 12 === 0))('the main context is no different: %j', ignore => {
  const directory = create(join(root, 'context'), { tree: TREE, ignore });
  expect(contextFiles(directory, ignore)).toEqual(filesIn(build('FROM scratch\nCOPY . /', directory)));
});

test.each(REFUSED)('BuildKit and the library refuse %j', ignore => {
  const directory = create(join(root, 'context'), { tree: TREE, ignore });
  expect(() => build('FROM scratch\nCOPY . /', directory)).toThrow(/syntax error in pattern|illegal exclusion pattern/);
  expect(() => contextFiles(directory, ignore)).toThrow('Docker refuses the ignore pattern');
});

test('links, hard links and modes arrive as they are listed', () => {
  const directory = create(join(root, 'context'), { tree: ['dir/a', 'run', 'empty/'], ignore: '' });
  fs.chmodSync(join(directory, 'run'), 0o610);
  fs.linkSync(join(directory, 'run'), join(directory, 'same'));
  fs.symlinkSync('dir', join(directory, 'relative'));
  fs.symlinkSync('/nowhere/../x', join(directory, 'absolute'));
  fs.symlinkSync('.', join(directory, 'dir', 'loop'));
  expect(contextFiles(directory, '')).toEqual(filesIn(build('FROM scratch\nCOPY . /', directory)));
});

test('the ignore file and the Dockerfile may be ignored, and the build still reads them', () => {
  const directory = create(join(root, 'context'), { tree: ['Dockerfile', 'a', 'b'], ignore: 'Dockerfile\n.dockerignore\nb' });
  const output = build('FROM scratch\nCOPY . /', directory);
  expect(filesIn(output)).toEqual([{ path: 'a', type: 'file', executable: false }]);
  expect(contextFiles(directory, 'Dockerfile\n.dockerignore\nb')).toEqual(filesIn(output));
});
