import { Lazy } from 'aws-cdk-lib';
import { CachedDockerImageProps, DockerBuilder, DockerContext } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

const DOCKERFILE = { Dockerfile: 'FROM node\nCOPY --from=shared . /shared/\n' };

let app: TestPipeline;

beforeEach(() => { app = new TestPipeline(); });

const image = (props: Partial<CachedDockerImageProps> = {}, id = 'Image') => app.image(id, { context: new TempContext(DOCKERFILE).context, ...props });
const shared = (files: { [name: string]: string } = { 'a.txt': 'a' }) => new TempContext(files).context;

test('an image has one context only, unless it is given more', () => {
  expect(app.plan(image())).not.toHaveProperty('buildContexts');
});

test('a directory is in the cloud assembly, without what it ignores', () => {
  const plan = app.plan(image({ buildContexts: { shared: shared({ 'a.txt': 'a', 'b.log': 'b', '.dockerignore': '*.log' }) } }));
  const { path, files } = plan.buildContexts.shared;
  expect(files).toMatchObject({ files: { 'a.txt': 1, '.dockerignore': 5 }, hash: path.replace('asset.', '') });
  expect(app.read(path, 'a.txt')).toBe('a');
});

test('an image is an address', () => {
  expect(app.plan(image({ buildContexts: { shared: DockerContext.image('docker.io/library/python:3.12') } })).buildContexts).toEqual({ shared: { image: 'docker.io/library/python:3.12' } });
});

test('the files and addresses are part of the tag, and their names too', () => {
  const all: { [name: string]: DockerContext }[] = [
    {}, { shared: shared() }, { shared: shared({ 'a.txt': 'b' }) }, { other: shared() }, { shared: DockerContext.image('python:3.12') }, { shared: DockerContext.image('python:3.13') },
  ];
  const tags = all.map((buildContexts, index) => image({ buildContexts }, `Image${index}`).imageTag);
  expect(new Set(tags).size).toBe(tags.length);
  expect(image({ buildContexts: { shared: shared() } }, 'Same').imageTag).toBe(tags[1]);
});

test('a name is not taken for a stage that is missing', () => {
  image({ buildContexts: { shared: shared() } });
  expect(infos()).not.toContain('unknownStage');
  image({}, 'Second');
  expect(infos()).toContain('unknownStage');
});

function infos(): string {
  return JSON.stringify(app.stack.node.findAll().flatMap(({ node }) => node.metadata.map(({ data }) => String(data))));
}

test.each(['', 'Shared', 'a b', '-a', 'a=b', '$(x)', 'a/', 'a:', '3__', '67.', 'a:B', 'a//b', 'a--', 'a._b', `a@sha256:${'0'.repeat(64)}`, 'c'.repeat(64), 'scratch'])('what cannot be a name is refused: %j', (name) => {
  expect(() => image({ buildContexts: { [name]: shared() } })).toThrow(`'PipelineStack/Image': buildContexts takes names as those of stages or images, in lower case, but not 'scratch', got ${JSON.stringify(name)}`);
});

test.each(['shared', 'a/b:1.2', 'localhost:5000/x', 'ghcr.io/a/b_c__d-e', 'c'.repeat(63)])('what can be a name is taken: %s', (name) => {
  expect(() => image({ buildContexts: { [name]: shared() } })).not.toThrow();
});

test('a source is no further context', () => {
  expect(() => image({ buildContexts: { shared: DockerContext.pipelineSource(app.source) } }))
    .toThrow("'PipelineStack/Image': buildContexts.shared cannot be a source of the pipeline; use DockerContext.directory() or DockerContext.image()");
});

test('an image is no context to build', () => {
  expect(() => app.image('Image', { context: DockerContext.image('python') }))
    .toThrow('\'PipelineStack/Image\': the context cannot be an image, got "python"; begin the Dockerfile with FROM, or give the image as one of the buildContexts');
});

test.each(['', '-x', 'a b', 'docker-image://$(x)', 'A/b', 'a//b', 'a:', 'a@sha256:0', Lazy.string({ produce: () => 'late' })])('what is no address is refused: %j', (address) => {
  expect(() => DockerContext.image(address)).toThrow(`DockerContext.image(): address must be that of an image, known at synthesis, got ${JSON.stringify(address)}; for example`);
});

test('kaniko knows one context only', () => {
  const some = image({ buildContexts: { shared: shared() } });
  expect(() => app.step({ images: [some], builder: DockerBuilder.kaniko() }))
    .toThrow("'BuildImage': DockerBuilder.kaniko() knows one context only, and 'PipelineStack/Image' has buildContexts; use DockerBuilder.buildkit(), or put the files into the context");
});
