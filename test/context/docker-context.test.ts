import * as fs from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { DockerContext, ImageTag, LayerCache } from '../../lib';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { resolveCommit } from '../testhelpers/resolved-commit';
import { EMPTY_DIRECTORY, HELLO, TempContext } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';
import { TestPipeline } from '../testhelpers/test-pipeline';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** All files below a directory. */
function filesIn(directory: string): string[] {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}

describe('DockerContext.directory()', () => {
  test('needs no source beside the cloud assembly', () => {
    const { action } = new TestPipeline().synthesizeStep();
    expect(action.InputArtifacts).toEqual([{ Name: 'Synth_Output' }]);
    expect(action.Configuration).not.toHaveProperty('PrimarySource');
  });

  test('puts just the files of the context into the cloud assembly', () => {
    const pipeline = new TestPipeline();
    const { context } = new TempContext({
      ...HELLO,
      '.dockerignore': 'node_modules\n**/*.log\n!keep.log\n.dockerignore\n',
      '.git/HEAD': 'ref',
      'keep.log': 'kept',
      'node_modules/a/index.js': '1',
      'src/a b/ü.py': 'print()',
      'src/debug.log': 'no',
      'link': { link: 'app.py' },
      'empty': EMPTY_DIRECTORY,
    });
    const plan = pipeline.plan(pipeline.image('Image', { context }));
    const staged = path.join(pipeline.app.outdir, plan.context);
    expect(filesIn(staged)).toEqual(['.git/HEAD', 'Dockerfile', 'app.py', 'keep.log', 'src/a b/ü.py']);
    expect(fs.readFileSync(path.join(staged, 'app.py'), 'utf-8')).toEqual(HELLO['app.py']);
  });

  test('has the ignore file of the Dockerfile count before that of the context', () => {
    const pipeline = new TestPipeline();
    const { context } = new TempContext({
      ...HELLO,
      'Dockerfile.prod': 'FROM scratch\n',
      'Dockerfile.prod.dockerignore': '*\n!app.py\n',
      '.dockerignore': 'app.py\n',
    });
    const plan = pipeline.plan(pipeline.image('Image', { context, dockerfile: 'Dockerfile.prod' }));
    expect(filesIn(path.join(pipeline.app.outdir, plan.context))).toEqual(['app.py']);
    expect(plan.dockerfileContent).toBe('FROM scratch\n');
  });

  test('is not read again after the image was defined', () => {
    const pipeline = new TestPipeline();
    const context = new TempContext(HELLO);
    const image = pipeline.image('Image', { context: context.context });
    context.write({ 'Dockerfile': 'FROM changed\n', 'app.py': 'changed' });
    const plan = pipeline.plan(image);
    expect(plan.dockerfileContent).toEqual(HELLO.Dockerfile);
    expect(pipeline.read(plan.context, 'app.py')).toEqual(HELLO['app.py']);
  });

  test('is in the assembly once for several images', () => {
    const pipeline = new TestPipeline();
    const { context } = new TempContext();
    pipeline.image('One', { context });
    pipeline.image('Other', { context, target: 'test' });
    pipeline.app.synth();
    expect(fs.readdirSync(pipeline.app.outdir).filter((name) => name.startsWith('asset.'))).toHaveLength(1);
  });

  test('fails for a directory that is not there', () => {
    const directory = path.join(temporaryDirectory(), 'missing');
    expect(() => new TestPipeline().image('Image', { context: DockerContext.directory(directory) }))
      .toThrow(`'PipelineStack/Image': the context must be a directory, got ${JSON.stringify(directory)}, which is ${directory} here; make the path with path.join(__dirname, ...)`);
  });

  test('fails for a relative path, with the place where it was looked for', () => {
    expect(() => new TestPipeline().image('Image', { context: DockerContext.directory('no/such/context') }))
      .toThrow(`got "no/such/context", which is ${path.resolve('no/such/context')} here`);
  });

  test('fails for a file', () => {
    const context = DockerContext.directory(new TempContext().path('Dockerfile'));
    expect(() => new TestPipeline().image('Image', { context })).toThrow("'PipelineStack/Image': the context must be a directory, got ");
  });
});

describe('DockerContext.pipelineSource()', () => {
  test('gives the build the source beside the cloud assembly, which has the plan', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source, 'api'), target: 'prod' });
    const step = test.synthesizeStep({ images: [image] });
    expect(step.action.InputArtifacts).toEqual([{ Name: 'Synth_Output' }, { Name: 'example_app_Source' }]);
    expect(step.action.Configuration.PrimarySource).toBe('Synth_Output');
    expect(test.plan(image)).toEqual({
      version: PLAN_VERSION,
      name: 'Image',
      repository: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/pipelinestack-image-repository-3a4999ec',
      tag: COMMIT,
      stagingTag: `${image._cacheName}_pushed`,
      context: 'image-source/api',
      dockerfile: 'Dockerfile',
      target: 'prod',
      platform: 'linux/amd64',
      buildArgs: {},
      linkCopies: true,
      cacheName: image._cacheName,
      sharedCacheName: image._sharedCacheName,
      runsOnLambda: true,
    });
    expect(step.buildSpec.phases.build.commands).toEqual([expect.stringMatching(new RegExp(` ${image._planFile}$`))]);
    const [link] = step.buildSpec.phases.install.commands;
    expect(link).toContain('ln -s -- "$CODEBUILD_SRC_DIR_example_app_Source" "image-source"');
    expect(JSON.stringify(step.project)).not.toContain(COMMIT);
    expect(step.actionEnvironment).toEqual({});
  });

  test('puts no files into the cloud assembly but the plan and the runner', () => {
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source) });
    test.app.synth();
    expect(fs.readdirSync(test.app.outdir).filter((name) => /^(asset\.|image-|cached-)/.test(name))).toEqual(['cached-docker-build.cjs', image._planFile]);
  });

  test('is the whole source unless a folder is given', () => {
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source) });
    expect(test.plan(image).context).toBe('image-source');
  });

  test.each([['./api', 'api'], ['api/../report', 'report'], ['a//b', 'a/b'], ['..api', '..api']])('may have the folder %s', (folder, normal) => {
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source, folder) });
    expect(test.plan(image).context).toBe(`image-source/${normal}`);
  });

  test.each(['..', '../api', 'api/../..', '/api', '/'])('fails for the folder %s, which is not in the source', (folder) => {
    const test = new TestPipeline();
    expect(() => test.image('Image', { context: DockerContext.pipelineSource(test.source, folder) }))
      .toThrow(`'PipelineStack/Image': the folder of a source must be inside the source, got ${JSON.stringify(folder)}`);
  });

  test('goes with a given tag, which is then in the plan', () => {
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source), tag: ImageTag.fixed('v1') });
    const step = test.synthesizeStep({ images: [image] });
    expect(test.plan(image).tag).toBe('v1');
    expect(step.actionEnvironment).toEqual({});
  });

  test.each<[string, (stack: Stack, source: pipelines.CodePipelineSource) => pipelines.ShellStepProps]>([
    ['another source', () => ({ input: TestPipeline.connection('example/other'), commands: ['npx cdk synth'] })],
    ['an additional input of the synth step', (_, source) => ({
      input: TestPipeline.connection('example/other'), additionalInputs: { app: source }, commands: ['npx cdk synth'],
    })],
    ['the source of a step before the synth step', (_, source) => ({
      input: new pipelines.ShellStep('Prepare', { input: source, commands: ['make'], primaryOutputDirectory: 'out' }), commands: ['npx cdk synth'],
    })],
  ])('fails for %s, whose commit is not known at synthesis', (_, synth) => {
    const test = new TestPipeline();
    const pipeline = new pipelines.CodePipeline(test.stack, 'Other', { synth: new pipelines.ShellStep('OtherSynth', synth(test.stack, test.source)) });
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source) });
    expect(() => test.step({ images: [image], pipeline })).toThrow(
      "'BuildImage': the context of 'PipelineStack/Image' is not the source that the pipeline's synth step starts from, so its commit is not known at synthesis; use that source, or DockerContext.directory()");
  });

  test('goes with a synth step that is a CodeBuildStep', () => {
    const test = new TestPipeline();
    const pipeline = new pipelines.CodePipeline(test.stack, 'Other', {
      synth: new pipelines.CodeBuildStep('OtherSynth', { input: test.source, commands: ['npx cdk synth'] }),
    });
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source) });
    expect(test.step({ images: [image], pipeline, layerCache: LayerCache.none() }).id).toBe('BuildImage');
  });

  test('fails for a bucket, whose revisions are no commits', () => {
    const test = new TestPipeline();
    const source = pipelines.CodePipelineSource.s3(new s3.Bucket(test.stack, 'Bucket', { versioned: true }), 'app.zip');
    const pipeline = new pipelines.CodePipeline(test.stack, 'Other', { synth: new pipelines.ShellStep('OtherSynth', { input: source, commands: ['npx cdk synth'] }) });
    expect(() => test.step({ pipeline, images: [test.image('Image', { context: DockerContext.pipelineSource(source) })] })).toThrow(/commit/);
  });
});
