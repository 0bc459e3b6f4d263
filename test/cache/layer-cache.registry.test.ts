import { Stack, Stage } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CacheCompression, CachedDockerBuildStep, CachedDockerImage, CacheMode, CacheRepository, ImageRepository, LayerCache } from '../../lib';
import { cacheTag } from '../../lib/cache/cache-tag';
import { RepositoryIdentity } from '../../lib/image/repository-identity';
import { cacheEnvironment } from '../testhelpers/cache-environment';
import { SynthesizedStep } from '../testhelpers/synthesized-step';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const FORM = 'image-manifest=true,oci-mediatypes=true';
const SHARED_TAG = expect.stringMatching(/^cache-Image-[0-9a-f]{8}-linux-amd64$/);

test('the cache is the default', () => {
  expect(cacheEnvironment()).toEqual(cacheEnvironment({ cache: LayerCache.registry() }));
});

test('the cache is a tag of its own, with all steps of all stages, in the form that Amazon ECR takes', () => {
  expect(cacheEnvironment()).toEqual({
    CACHE_LOCATION: { 'Fn::Join': ['', ['type=registry,ref=111111111111.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }, '/images:']] },
    CACHE_TAG: 'cache-PipelineStack-Image-E30ECBDA-linux-amd64',
    CACHE_EXPORT: `mode=max,${FORM},compression=zstd`,
  });
});

describe('the tag of the cache', () => {
  test('is another for another platform', () => {
    expect(cacheEnvironment({ platform: Platform.LINUX_ARM64 }).CACHE_TAG).toBe('cache-PipelineStack-Image-E30ECBDA-linux-arm64');
  });

  test.each(['x'.repeat(200), 'a.b c', '画像', '-'])('is one that Docker takes, for an image with the id %s', (id) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const image = test.image(id, { platform: Platform.custom('linux/arm/v7') });
    const { environment } = test.synthesizeStep({ image, buildImage: codebuild.LinuxBuildImage.STANDARD_7_0 });
    expect(environment.CACHE_TAG).toMatch(/^cache-[a-zA-Z0-9_.-]{1,122}$/);
  });

  test('moves in an ImageRepository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const { environment } = test.synthesizeStep({ image: test.image('Image', { repository }) });
    expect(RepositoryIdentity.of(repository, repository).isMoving(environment.CACHE_TAG)).toBe(true);
  });

  test('is another for each of several images in one repository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    const steps = ['Api', 'Report'].map((id) => new CachedDockerBuildStep(id, { image: test.image(id, { repository }), pipeline: test.pipeline }));
    test.pipeline.addWave('Deploy', { pre: steps });
    const { template, stack } = test;
    const tags = steps.map((step) => new SynthesizedStep(template, stack, step).environment.CACHE_TAG);
    expect(new Set(tags).size).toBe(2);
  });

  test('fails to be that of another image in the repository', () => {
    const test = new TestPipeline();
    const [first, second] = ['First', 'Second'].map((id) => {
      const stack = new Stack(new Stage(test.app, id), 'Stack', { stackName: 'Pipeline' });
      return new CachedDockerImage(stack, 'Image', {
        context: new TempContext().context,
        repository: ecr.Repository.fromRepositoryName(stack, 'Shared', 'shared'),
      });
    });
    const build = (image: CachedDockerImage) => new CachedDockerBuildStep('BuildImage', {
      image,
      pipeline: new pipelines.CodePipeline(Stack.of(image), 'Pipeline', {
        synth: new pipelines.ShellStep('Synth', { input: TestPipeline.connection('example/app'), commands: ['npx cdk synth'] }),
      }),
    });
    build(first);
    expect(() => build(second)).toThrow(
      /^'Second\/Stack\/Image': the tag 'cache-Pipeline-Image-\w+-linux-amd64' of repository 'shared' is used for the image 'First\/Stack\/Image' already; give each image a repository of its own, or tags and a cache scope of its own$/);
  });
});

test('the cache needs no permission beyond those on the repository of the image', () => {
  const statements = (layerCache: LayerCache) => new TestPipeline().synthesizeStep({ layerCache }).statements;
  expect(statements(LayerCache.registry())).toEqual(statements(LayerCache.none()));
});

describe('the way the cache is written', () => {
  test('can hold the layers of the image only', () => {
    expect(cacheEnvironment({ cache: LayerCache.registry({ mode: CacheMode.MIN }) }).CACHE_EXPORT).toBe(`mode=min,${FORM},compression=zstd`);
  });

  test('can be one that every version of Docker reads', () => {
    expect(cacheEnvironment({ cache: LayerCache.registry({ compression: CacheCompression.GZIP }) }).CACHE_EXPORT).toBe(`mode=max,${FORM},compression=gzip`);
  });

  test('can fail the build, and does not by default', () => {
    expect(cacheEnvironment({ cache: LayerCache.registry({ ignoreErrors: false }) }).CACHE_REQUIRED).toBe('true');
    expect(cacheEnvironment({ cache: LayerCache.registry({ ignoreErrors: true }) })).toEqual(cacheEnvironment());
    expect(cacheEnvironment()).not.toHaveProperty('CACHE_REQUIRED');
  });
});

describe('a scope', () => {
  test('is a part of a cache that does not belong to one stack', () => {
    const environment = cacheEnvironment({ cache: LayerCache.registry({ scope: 'feature/a' }) });
    expect(environment).toMatchObject({ CACHE_SCOPE: 'feature/a', CACHE_TAG: SHARED_TAG });
    expect(environment).not.toHaveProperty('CACHE_FALLBACK_SCOPES');
  });

  test('has fallbacks that are read in their order', () => {
    const environment = cacheEnvironment({ cache: LayerCache.registry({ scope: 'feature', fallbackScopes: ['release', 'main'] }) });
    expect(environment).toMatchObject({ CACHE_SCOPE: 'feature', CACHE_FALLBACK_SCOPES: 'release main' });
  });

  test('is not read twice when it is its own fallback', () => {
    expect(cacheEnvironment({ cache: LayerCache.registry({ scope: 'main', fallbackScopes: ['main'] }) })).not.toHaveProperty('CACHE_FALLBACK_SCOPES');
    expect(cacheEnvironment({ cache: LayerCache.registry({ scope: 'main', fallbackScopes: ['main', 'next'] }) }).CACHE_FALLBACK_SCOPES).toBe('next');
  });

  test('can be a pipeline variable, which the action gives to the build', () => {
    expect(cacheEnvironment({ cache: (test) => LayerCache.registry({ scope: test.source.sourceAttribute('BranchName') }) }).CACHE_SCOPE)
      .toMatch(/^#\{Source@.*\.BranchName\}$/);
  });

  test.each([
    ['', '""'], ['a b', '"a b"'], [' ', '" "'], ['a\n', '"a\\n"'],
  ])('fails to be %j, and so do fallbacks', (scope, said) => {
    expect(() => LayerCache.registry({ scope })).toThrow(`LayerCache.registry(): scope takes names without spaces, got ${said}; for example the name of a branch`);
    expect(() => LayerCache.registry({ fallbackScopes: ['main', scope] })).toThrow(`LayerCache.registry(): fallbackScopes takes names without spaces, got ${said}; for example the name of a branch`);
  });

  test('fails to be that of an image with the same id in the same repository', () => {
    const test = new TestPipeline();
    const other = new Stack(test.app, 'Other');
    const repository = ecr.Repository.fromRepositoryName(test.stack, 'Shared', 'shared');
    const image = new CachedDockerImage(other, 'Image', { context: new TempContext().context, repository });
    const pipeline = new pipelines.CodePipeline(other, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['true'] }) });
    const cache = LayerCache.registry({ scope: 'main' });
    test.step({ image: test.image('Image', { repository }), layerCache: cache });
    expect(() => test.step({ image, pipeline, layerCache: cache })).toThrow(
      /^'Other\/Image': the tag 'cache-Image-\w+-linux-amd64_main' of repository 'shared' is used for the image 'PipelineStack\/Image' already; give each image a repository of its own, or tags and a cache scope of its own$/);
    test.step({ image, pipeline, layerCache: LayerCache.registry({ scope: 'other' }) });
  });
});

describe('a repository for the cache', () => {
  const ARN = 'arn:aws:ecr:us-east-1:222222222222:repository/team/layers';
  const foreign = (test: TestPipeline) => ecr.Repository.fromRepositoryArn(test.stack, 'Layers', ARN);

  test('holds it instead of that of the image, and is not there by default', () => {
    const { CACHE_LOCATION } = cacheEnvironment({ cache: (test) => LayerCache.registry({ repository: foreign(test) }) });
    expect(CACHE_LOCATION).toEqual({ 'Fn::Join': ['', ['type=registry,ref=222222222222.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }, '/team/layers:']] });
    expect(JSON.stringify(cacheEnvironment().CACHE_LOCATION)).toContain('/images:');
  });

  test('may be read and written as that of the image, and by this build only what it needs', () => {
    const test = new TestPipeline();
    const { statements } = test.synthesizeStep({ layerCache: LayerCache.registry({ repository: foreign(test) }) });
    const [image, layers, ...others] = statements.filter(({ Action }) => JSON.stringify(Action).includes('ecr:'));
    expect(layers).toEqual({ ...image, Resource: ARN });
    expect(others).toEqual([{ Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' }]);
  });

  test('takes the caches of several images', () => {
    const test = new TestPipeline();
    const cache = LayerCache.registry({ repository: new CacheRepository(test.stack, 'Layers') });
    ['Api', 'Report'].forEach((id) => test.step({ image: test.image(id), layerCache: cache }));
  });

  test('fails when its tags are immutable', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Layers', { imageTagMutability: ecr.TagMutability.IMMUTABLE });
    expect(() => test.step({ layerCache: LayerCache.registry({ repository }) })).toThrow(
      "'BuildImage': the tag 'cache-PipelineStack-Image-E30ECBDA-linux-amd64' is the same for each build, but immutable in repository 'PipelineStack/Layers', so the second build could not set it; add it to the mutableTags of the ImageRepository, or to the exclusions of another repository");
  });

  test('that is said, but is that of an image, has its tags in common with the image', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const [api, other] = ['Api', 'Other'].map((id) => test.image(id, { repository }));
    test.step({ image: api, layerCache: LayerCache.registry({ repository }) });
    expect(() => test.step({ image: other, layerCache: LayerCache.none(), additionalTags: [cacheTag(api)] })).toThrow(
      `'PipelineStack/Other': the tag '${cacheTag(api)}' of repository 'images' is used for the image 'PipelineStack/Api' already`);
  });

  test('fails to hold one scope for two images with the same id, though each has a repository of its own', () => {
    const test = new TestPipeline();
    const other = new Stack(test.app, 'Other');
    const cache = LayerCache.registry({ repository: ecr.Repository.fromRepositoryName(test.stack, 'Layers', 'layers'), scope: 'main' });
    const image = new CachedDockerImage(other, 'Image', { context: new TempContext().context });
    const pipeline = new pipelines.CodePipeline(other, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['true'] }) });
    test.step({ layerCache: cache });
    expect(() => test.step({ image, pipeline, layerCache: cache })).toThrow(
      /^'Other\/Image': the tag 'cache-Image-\w+-linux-amd64_main' of repository 'layers' is used for the image 'PipelineStack\/Image' already; give each image a repository of its own, or tags and a cache scope of its own$/);
  });

  test('leaves its tags free for the image', () => {
    const test = new TestPipeline();
    const cache = LayerCache.registry({ repository: new CacheRepository(test.stack, 'Layers') });
    test.step({ layerCache: cache, additionalTags: ['cache-PipelineStack-Image-E30ECBDA-linux-amd64'] });
  });
});
