import * as fs from 'fs';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CachedDockerImage, CacheRepository, DockerBuilder, DockerContext, ImageTag, LayerCache } from '../../lib';
import { resolveCommit } from '../testhelpers/resolved-commit';
import { TempContext } from '../testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

interface Assembly {
  readonly outdir: string;
  readonly image: CachedDockerImage;
}

interface Options {
  readonly explicit?: boolean;
  readonly cache?: (pipeline: TestPipeline) => LayerCache;
  readonly builder?: DockerBuilder;
  readonly context?: (pipeline: TestPipeline) => DockerContext;
  readonly tag?: ImageTag;
}

/** Synthesizes a pipeline with a stage, twice, each into a directory of its own. Both from one line, since CDK notes the line in the assembly. */
function synthesizeTwice(options: Options, change: () => void): Assembly[] {
  const files = new TempContext();
  return [() => {}, change].map((before) => {
    before();
    return synthesize({ context: () => files.context, ...options });
  });
}

function synthesize({ explicit, cache, builder, context, tag }: Options): Assembly {
  const pipeline = new TestPipeline({
    env: explicit ? PIPELINE_ENV : undefined,
    options: { crossAccountKeys: true },
  });
  const image = pipeline.image('Image', { context: context?.(pipeline), tag });
  pipeline.pipeline.addWave('Deploy', { pre: [pipeline.step({ images: [image], layerCache: cache?.(pipeline), builder })] })
    .addStage(pipeline.functionStage('Prod', image, explicit ? OTHER_ENV : undefined));
  pipeline.app.synth();
  return { outdir: pipeline.app.outdir, image };
}

/** The files below a folder of two assemblies that are not the same. */
function differingFiles([first, second]: Assembly[], folder: string = '.'): string[] {
  const contents = [first, second].map(({ outdir }) => new Map(fs.readdirSync(path.join(outdir, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [name, fs.readFileSync(path.join(outdir, folder, name), 'utf-8')])));
  const names = new Set(contents.flatMap((files) => [...files.keys()]));
  return [...names].filter((name) => contents[0].get(name) !== contents[1].get(name)).sort();
}

/** The lines that the templates of the stage differ in, in pairs. */
function differingLines(assemblies: Assembly[]): string[][] {
  const [a, b] = assemblies.map(({ outdir }) => {
    const folder = path.join(outdir, 'assembly-PipelineStack-Prod');
    const [template] = fs.readdirSync(folder).filter((name) => name.endsWith('.template.json'));
    return fs.readFileSync(path.join(folder, template), 'utf-8').split('\n');
  });
  expect(a).toHaveLength(b.length);
  return a.flatMap((line, i) => (line === b[i] ? [] : [[line, b[i]]]));
}

const PLAN = 'image-PipelineStackImageE30ECBDA.json';

/** Everything in the root of an assembly but the plans and CDK's list of constructs, which no deployment reads. */
const PIPELINE_FILES = ['PipelineStack.assets.json', 'PipelineStack.template.json', 'manifest.json'];

describe.each([
  ['in the environment of the pipeline', false],
  ['in another account', true],
])('a changed context, with a stage %s', (_, explicit) => {
  let assemblies: Assembly[];

  beforeEach(() => {
    const files = new TempContext();
    assemblies = synthesizeTwice({ explicit, context: () => files.context }, () => {
      files.write({ 'app.py': 'def handler(event, context): return "changed"\n' });
    });
  });

  test.each(PIPELINE_FILES)('leaves %s as it is, byte for byte', (file) => {
    const [first, second] = assemblies.map(({ outdir }) => fs.readFileSync(path.join(outdir, file)));
    expect(first.equals(second)).toBe(true);
  });

  test('changes nothing in the root of the assembly but the plan and the list of constructs', () => {
    expect(differingFiles(assemblies)).toEqual([PLAN, 'tree.json']);
  });

  test('changes one line of the template of the stage, and in it the tag only', () => {
    const lines = differingLines(assemblies);
    const [before, after] = assemblies.map(({ image }) => image.imageTag);
    expect(before).not.toEqual(after);
    expect(lines).toEqual([[expect.stringContaining(`:${before}"`), expect.stringContaining(`:${after}"`)]]);
    expect(lines[0][0].replace(before, after)).toEqual(lines[0][1]);
  });
});

test.each<[string, () => Options]>([
  ['LayerCache.registry() with everything', () => ({
    cache: ({ stack }) => LayerCache.registry({ repository: new CacheRepository(stack, 'Layers'), scope: 'a', fallbackScopes: ['b'], ignoreErrors: false }),
  })],
  ['LayerCache.inline()', () => ({ cache: () => LayerCache.inline({ stages: ['deps'] }) })],
  ['LayerCache.s3()', () => ({ cache: ({ stack }) => LayerCache.s3(new s3.Bucket(stack, 'Layers')) })],
  ['LayerCache.codeBuildLocal()', () => ({ cache: () => LayerCache.codeBuildLocal(), builder: DockerBuilder.dockerEngine() })],
  ['LayerCache.none()', () => ({ cache: () => LayerCache.none() })],
  ['DockerBuilder.dockerEngine()', () => ({ cache: () => LayerCache.inline(), builder: DockerBuilder.dockerEngine() })],
  ['ImageTag.contentHash({ refreshEvery })', () => ({ tag: ImageTag.contentHash({ refreshEvery: Duration.days(100_000) }) })],
])('a context whose every kind of file changes leaves the pipeline as it is with %s', (_, options) => {
  const files = new TempContext();
  const assemblies = synthesizeTwice({ ...options(), context: () => files.context }, () => {
    files.write({ 'Dockerfile': 'FROM scratch AS deps\n', 'tool.sh': { content: 'true\n', mode: 0o755 }, 'link': { link: 'app.py' } });
  });
  // What is said about the Dockerfile is metadata, which no deployment reads.
  expect(differingFiles(assemblies).filter((file) => file !== 'PipelineStack.metadata.json')).toEqual([PLAN, 'tree.json']);
});

test('another commit leaves the pipeline as it is, and changes one line of the template of the stage', () => {
  resolveCommit('a'.repeat(40));
  const assemblies = synthesizeTwice({ context: (pipeline) => DockerContext.pipelineSource(pipeline.source, 'api') }, () => {
    resolveCommit('b'.repeat(40));
  });
  expect(differingFiles(assemblies)).toEqual([PLAN, 'tree.json']);
  expect(differingLines(assemblies)).toEqual([[
    expect.stringContaining(`:${'a'.repeat(40)}"`),
    expect.stringContaining(`:${'b'.repeat(40)}"`),
  ]]);
});

test('another period leaves the pipeline as it is, and changes one line of the template of the stage', () => {
  const start = 2900 * Duration.days(7).toMilliseconds();
  jest.useFakeTimers({ now: start, doNotFake: ['nextTick', 'setImmediate'] });
  try {
    const files = new TempContext();
    const options = { context: () => files.context, tag: ImageTag.contentHash({ refreshEvery: Duration.days(7) }) };
    const assemblies = synthesizeTwice(options, () => { jest.setSystemTime(start + Duration.days(7).toMilliseconds()); });
    expect(differingFiles(assemblies)).toEqual([PLAN, 'tree.json']);
    const [before, after] = assemblies.map(({ image }) => image.imageTag);
    expect(differingLines(assemblies)).toEqual([[expect.stringContaining(`:${before}"`), expect.stringContaining(`:${after}"`)]]);
    const sameWeek = synthesizeTwice(options, () => { jest.setSystemTime(start + Duration.days(13).toMilliseconds()); });
    expect(differingFiles(sameWeek)).toEqual([]);
  } finally {
    jest.useRealTimers();
  }
});

test('an unchanged context gives the same assembly, wherever it lies', () => {
  const assemblies = synthesizeTwice({ context: () => new TempContext().context }, () => {});
  expect(differingFiles(assemblies)).toEqual([]);
  expect(differingFiles(assemblies, 'assembly-PipelineStack-Prod')).toEqual([]);
});

test('an image adds no asset that would have to be published', () => {
  const pipeline = new TestPipeline();
  const { template } = pipeline.synthesizeStep();
  const [definition] = Object.values(template.findResources('AWS::CodePipeline::Pipeline'));
  expect(definition.Properties.Stages.map(({ Name }: { Name: string }) => Name)).toEqual(['Source', 'Build', 'UpdatePipeline', 'Prod']);
});
