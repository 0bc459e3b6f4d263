import * as fs from 'fs';
import * as path from 'path';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CachedDockerImageProps, DockerContext } from '../../lib';
import { EMPTY_DIRECTORY, HELLO, TempContext, TempFile } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';
import { TestPipeline } from '../testhelpers/test-pipeline';

/** The tag of an image in an app of its own. */
function tagOf(context: TempContext | DockerContext, props: Partial<CachedDockerImageProps> = {}): string {
  return new TestPipeline().image('Image', { context: context instanceof TempContext ? context.context : context, ...props }).imageTag;
}

const FILES: { [path: string]: TempFile } = {
  ...HELLO,
  'tool.sh': { content: 'true\n', mode: 0o644 },
  'link': { link: 'app.py' },
  'src/main.py': 'print()\n',
};

test('a tag is a hash that Docker takes', () => {
  expect(tagOf(new TempContext())).toMatch(/^[0-9a-f]{64}$/);
});

describe('the tag depends on', () => {
  test.each<[string, { [path: string]: TempFile }]>([
    ['the content of a file', { 'src/main.py': 'print(1)\n' }],
    ['line endings', { 'src/main.py': 'print()\r\n' }],
    ['a new file', { 'src/other.py': 'print()\n' }],
    ['a file that becomes executable', { 'tool.sh': { content: 'true\n', mode: 0o755 } }],
    ['the target of a link', { link: { link: 'tool.sh' } }],
    ['a link in place of a file', { 'app.py': { link: 'src/main.py' } }],
    ['an empty directory', { empty: EMPTY_DIRECTORY }],
    ['the Dockerfile', { Dockerfile: 'FROM scratch\n' }],
    ['a comment in the Dockerfile, which can be a directive', { Dockerfile: `# syntax=docker/dockerfile:1\n${HELLO.Dockerfile}` }],
  ])('%s', (_, change) => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    expect(tagOf(context.write(change))).not.toEqual(before);
  });

  test('the name of a file', () => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    fs.renameSync(context.path('src/main.py'), context.path('src/begin.py'));
    expect(tagOf(context)).not.toEqual(before);
  });

  test('where a name ends and a content begins', () => {
    expect(tagOf(new TempContext({ ...HELLO, ab: 'c' }))).not.toEqual(tagOf(new TempContext({ ...HELLO, a: 'bc' })));
  });

  test('a removed file', () => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    expect(tagOf(context.remove('src'))).not.toEqual(before);
  });

  test('a Dockerfile that the ignore file keeps out of the context', () => {
    const context = new TempContext({ ...FILES, '.dockerignore': 'Dockerfile\n' });
    const before = tagOf(context);
    expect(tagOf(context.write({ Dockerfile: 'FROM scratch\n' }))).not.toEqual(before);
  });

  test('which Dockerfile is used', () => {
    const context = new TempContext({ ...FILES, 'Dockerfile.prod': 'FROM scratch\n' });
    expect(tagOf(context, { dockerfile: 'Dockerfile.prod' })).not.toEqual(tagOf(context));
  });

  test('what the ignore file takes out', () => {
    const context = new TempContext({ ...FILES, '.dockerignore': '.dockerignore\n' });
    const before = tagOf(context);
    expect(tagOf(context.write({ '.dockerignore': '.dockerignore\nsrc\n' }))).not.toEqual(before);
  });

  test.each<[string, Partial<CachedDockerImageProps>]>([
    ['the target', { target: 'test' }],
    ['the platform', { platform: Platform.LINUX_ARM64 }],
    ['a build argument', { buildArgs: { VERSION: '1' } }],
    ['an empty build argument', { buildArgs: { VERSION: '' } }],
  ])('%s', (_, props) => {
    const context = new TempContext(FILES);
    expect(tagOf(context, props)).not.toEqual(tagOf(context));
  });

  test('the values of the build arguments, and which has which', () => {
    const context = new TempContext(FILES);
    const values: { [name: string]: string }[] = [{ A: '1', B: '2' }, { A: '2', B: '1' }, { A: '1', B: '1' }, { A: '1' }, { AB: '1' }];
    const tags = values.map((buildArgs) => tagOf(context, { buildArgs }));
    expect(new Set(tags).size).toBe(tags.length);
  });
});

describe('the tag does not depend on', () => {
  test('the time of a file', () => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    for (const name of ['app.py', 'Dockerfile', 'src']) {
      fs.utimesSync(context.path(name), new Date(0), new Date(0));
    }
    expect(tagOf(context)).toEqual(before);
  });

  test.each(['600', '640', '664', '666'])('the mode %s of a file, beyond the executable bit', (mode) => {
    const tags = [0o644, parseInt(mode, 8)].map((each) => tagOf(new TempContext({ ...HELLO, 'tool.sh': { content: 'true\n', mode: each } })));
    expect(tags[0]).toEqual(tags[1]);
  });

  test.each(['700', '744', '775', '777'])('who may execute a file, as with the mode %s', (mode) => {
    const tags = [0o755, parseInt(mode, 8)].map((each) => tagOf(new TempContext({ ...HELLO, 'tool.sh': { content: 'true\n', mode: each } })));
    expect(tags[0]).toEqual(tags[1]);
  });

  test('the mode of a directory', () => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    fs.chmodSync(context.path('src'), 0o700);
    expect(tagOf(context)).toEqual(before);
  });

  test('the path of the context', () => {
    const parent = temporaryDirectory();
    expect(tagOf(new TempContext(FILES, path.join(parent, 'a', 'b')))).toEqual(tagOf(new TempContext(FILES)));
  });

  test('how the path of the context is given', () => {
    const context = new TempContext(FILES);
    const relative = DockerContext.directory(path.relative(process.cwd(), context.directory));
    const withSlash = DockerContext.directory(`${context.directory}/./`);
    expect([tagOf(relative), tagOf(withSlash)]).toEqual([tagOf(context), tagOf(context)]);
  });

  test('the order in which the files were made', () => {
    const reversed = Object.fromEntries(Object.entries(FILES).reverse());
    expect(tagOf(new TempContext(reversed))).toEqual(tagOf(new TempContext(FILES)));
  });

  test('the images that were defined before, and the name of its own', () => {
    const context = new TempContext(FILES);
    const pipeline = new TestPipeline();
    pipeline.image('First');
    pipeline.image('Second', { context: context.context, target: 'test' });
    expect(pipeline.image('Third', { context: context.context }).imageTag).toEqual(tagOf(context));
  });

  test('the order of the build arguments', () => {
    const context = new TempContext(FILES);
    expect(tagOf(context, { buildArgs: { B: '2', A: '1' } })).toEqual(tagOf(context, { buildArgs: { A: '1', B: '2' } }));
  });

  test('values that are said and those that go without saying', () => {
    const context = new TempContext(FILES);
    expect(tagOf(context, { dockerfile: 'Dockerfile', platform: Platform.LINUX_AMD64, buildArgs: {} })).toEqual(tagOf(context));
  });

  test('a file that is ignored', () => {
    const context = new TempContext({ ...FILES, '.dockerignore': '**/*.log\n' });
    const before = tagOf(context);
    expect(tagOf(context.write({ 'src/debug.log': 'one\n' }))).toEqual(before);
  });

  test('a comment in an ignore file that ignores itself', () => {
    const context = new TempContext({ ...FILES, '.dockerignore': '.dockerignore\n*.log\n' });
    const before = tagOf(context);
    expect(tagOf(context.write({ '.dockerignore': '# logs\n.dockerignore\n\n*.log\n' }))).toEqual(before);
  });

  test('an ignore file that ignores itself and nothing that is there', () => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    expect(tagOf(context.write({ '.dockerignore': '.dockerignore\n*.log\n' }))).toEqual(before);
  });

  test('the region, the account and the repository', () => {
    const context = new TempContext(FILES);
    const pipeline = new TestPipeline({ env: { account: '111111111111', region: 'eu-west-1' } });
    expect(pipeline.image('Image', { context: context.context }).imageTag).toEqual(tagOf(context));
  });
});

describe('an App that writes its assembly into the context', () => {
  function tagIn(context: TempContext, directory: string = context.directory, ...outdir: string[]): string {
    const pipeline = new TestPipeline({ outdir: context.path(...outdir) });
    const image = pipeline.image('Image', { context: DockerContext.directory(directory) });
    pipeline.app.synth();
    return image.imageTag;
  }

  test.each([
    ['no ignore file', {}],
    ['an ignore file', { '.dockerignore': '*.log\n' }],
    ['an ignore file that does not end its last line', { '.dockerignore': '*.log' }],
    ['an ignore file that takes everything back in', { '.dockerignore': '*.log\n!**/*.json\n!cdk.out\n!**\n' }],
  ])('does not change the tag by it, with %s', (_, files) => {
    const context = new TempContext({ ...FILES, ...files });
    const before = tagOf(context);
    expect(tagIn(context, context.directory, 'cdk.out')).toEqual(before);
    expect(tagIn(context, context.directory, 'cdk.out')).toEqual(before);
  });

  test.each(['out put', 'out[1]', 'deep/cdk.out'])('does not change the tag by it, in the directory %s', (outdir) => {
    const context = new TempContext(FILES).write({ 'deep/file': 'so that the directory is there\n' });
    const before = tagOf(context);
    expect(tagIn(context, context.directory, outdir)).toEqual(before);
    expect(tagIn(context, context.directory, outdir)).toEqual(before);
  });

  test('does not change the tag by it when the context is reached through a link', () => {
    const context = new TempContext(FILES);
    const before = tagOf(context);
    const link = path.join(temporaryDirectory(), 'link');
    fs.symlinkSync(context.directory, link);
    expect(tagIn(context, link, 'cdk.out')).toEqual(before);
    expect(tagIn(context, link, 'cdk.out')).toEqual(before);
  });

  test('leaves a directory alone whose name only begins like that of the assembly', () => {
    const context = new TempContext({ ...FILES, 'cdk.out.d/file': '1\n' });
    const before = tagIn(context, context.directory, 'cdk.out');
    expect(tagIn(context.write({ 'cdk.out.d/file': '2\n' }), context.directory, 'cdk.out')).not.toEqual(before);
  });
});
