import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { TempContext, TempFile } from '../../testhelpers/temp-context';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { TestPipeline } from '../../testhelpers/test-pipeline';

const FILES = { 'Dockerfile': 'FROM scratch\nCOPY . /\n', 'lib/tool.py': 'print(1)\n', 'app/main.py': 'print(2)\n' };

function warnings(files: { [path: string]: TempFile }): string[] {
  const pipeline = new TestPipeline();
  pipeline.image('Image', { context: new TempContext({ ...FILES, ...files }, temporaryDirectory()).context });
  return Annotations.fromStack(pipeline.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data)).filter((text) => text.includes('flattenedLink'));
}

test('files that hold the path of another one, as links do after a zip file, get a warning that says how links stay links', () => {
  expect(warnings({ 'app/tool.py': '../lib/tool.py', 'shared': 'lib' })).toEqual([
    'some files of the context hold nothing but the path of another file, as symbolic links do after a zip file: app/tool.py (../lib/tool.py), shared (lib); the image would hold these paths as text.'
    + ' Give the source of the pipeline codeBuildCloneOutput: true, so that links stay links [ack: cdk-cached-docker-build:flattenedLink]',
  ]);
});

test('those of further contexts get one, too', () => {
  const pipeline = new TestPipeline();
  const shared = new TempContext({ 'lib/tool': 'tool', 'tool': 'lib/tool' }, temporaryDirectory()).context;
  pipeline.image('Image', { context: new TempContext(FILES, temporaryDirectory()).context, buildContexts: { shared } });
  expect(Annotations.fromStack(pipeline.stack).findWarning('*', Match.stringLikeRegexp('flattenedLink')).map(({ entry }) => String(entry.data)))
    .toEqual([expect.stringMatching(/^some files of the context hold nothing but .*: tool \(lib\/tool\); /)]);
});

test('of many, some are named', () => {
  const links = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`link${index}`, 'lib']));
  expect(warnings(links)).toEqual([expect.stringContaining('link0 (lib), link1 (lib), link2 (lib), and 2 more;')]);
});

test.each<[string, { [path: string]: TempFile }]>([
  ['a clone, where links are links', { '.git/HEAD': 'ref: refs/heads/main\n', 'shared': 'lib' }],
  ['real links', { shared: { link: 'lib' } }],
  ['a line of text', { name: 'lib\n' }],
  ['what leads nowhere', { name: 'library' }],
  ['a file that names itself', { name: 'name' }],
  ['an absolute path, of which nobody knows here where it leads', { name: '/' }],
  ['an empty file', { name: '' }],
])('%s gets none', (_, files) => {
  expect(warnings(files)).toEqual([]);
});
