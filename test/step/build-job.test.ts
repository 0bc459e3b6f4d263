import { CachedDockerBuildStep, DockerBuilder, DockerContext, ImageTag } from '../../lib';
import { BuildJob, buildJob, BuildJobOptions } from '../../lib/step/build-job';
import { TestPipeline } from '../testhelpers/test-pipeline';

function job(options: Partial<BuildJobOptions> = {}, test = new TestPipeline()): BuildJob {
  return buildJob('Build', { images: options.images ?? [test.image()], scope: test.pipeline, what: 'step', ...options });
}

test('a step takes the cloud assembly, and the source as well for an image from a source', () => {
  const test = new TestPipeline();
  const step = new CachedDockerBuildStep('Build', { images: [test.image('Other', { context: DockerContext.pipelineSource(test.source) })], pipeline: test.pipeline });
  expect(step.inputs.map(({ directory, fileSet }) => [directory, fileSet.producer])).toEqual([
    ['.', test.pipeline.cloudAssemblyFileSet.producer], ['image-source', test.source],
  ]);
  expect(test.step().inputs.map(({ directory }) => directory)).toEqual(['.']);
});

test('a job has privileges, and the builder in its settings', () => {
  const test = new TestPipeline();
  const { buildEnvironment, environment } = job({ builder: DockerBuilder.buildkit({ buildkitImage: 'mirror/buildkit' }) }, test);
  expect(buildEnvironment).toEqual({ buildImage: undefined, computeType: undefined, privileged: true, environmentVariables: {} });
  expect(JSON.parse(test.stack.resolve(environment.CACHED_DOCKER_BUILD_SETTINGS)).builder).toEqual({ kind: 'buildkit', buildkitImage: 'mirror/buildkit' });
});

test('each job has statements of its own, on the repository of its image', () => {
  const test = new TestPipeline();
  const statements = job({}, test).statements.map((statement) => test.stack.resolve(statement.toStatementJson()));
  expect(statements.map(({ Resource }) => Resource)).toEqual([{ 'Fn::GetAtt': ['ImageRepositoryD8036990', 'Arn'] }, '*']);
  expect(statements.every(({ Action }) => JSON.stringify([Action].flat()) === JSON.stringify([Action].flat().sort()))).toBe(true);
});

test('the environment of the user comes along', () => {
  expect(job({ env: { BUILDX_BUILDER: 'mine', EMPTY: '' } }).environment).toMatchObject({ BUILDX_BUILDER: 'mine', EMPTY: '' });
});

test('fails with all names at once that the build uses itself', () => {
  expect(() => job({ env: { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: 'a', FREE: 'b', CACHED_DOCKER_BUILD_SETTINGS: 'c' } }))
    .toThrow("'Build': the environment variables EXPERIMENTAL_BUILDKIT_SOURCE_POLICY, CACHED_DOCKER_BUILD_SETTINGS are used by the build itself; give yours other names");
});

test('fails without touching anything when cache and builder do not go together', () => {
  const test = new TestPipeline();
  const image = test.image('Image', { tag: ImageTag.fixed('v1') });
  expect(() => job({ images: [image], builder: DockerBuilder.dockerEngine() }, test)).toThrow('LayerCache.registry() does not go with DockerBuilder.dockerEngine()');
  expect(test.warnings()).toEqual(['cdk-cached-docker-build:imageNotBuilt']);
});

test('fails for an image of another app', () => {
  const [one, other] = [new TestPipeline(), new TestPipeline()];
  expect(() => job({ images: [other.image()] }, one)).toThrow("'Build': the image 'PipelineStack/Image' is not in the stage of the pipeline 'PipelineStack/Pipeline'");
});
