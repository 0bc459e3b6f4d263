import { Stack, Stage } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CacheCompression, CachedDockerBuildStep, CachedDockerImage, CacheMode, CacheRepository, ImageRepository, LayerCache } from '../../lib';
import { RepositoryIdentity } from '../../lib/repository/repository-identity';
import { SettingVariables } from '../../lib/values/setting-variables';
import { cacheSettings } from '../testhelpers/cache-settings';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const BY_DEFAULT = { kind: 'registry', mode: 'max', compression: 'zstd' };

test('the cache is the default', () => {
  expect(cacheSettings()).toEqual(cacheSettings({ cache: LayerCache.registry() }));
});

test('the cache has all steps of all stages, and is in the repository of the image', () => {
  expect(cacheSettings()).toEqual(BY_DEFAULT);
});

describe('the tag of the cache', () => {
  const tagOf = (image: CachedDockerImage) => {
    const [tag, ...others] = LayerCache.registry()._bind({ region: 'eu-west-1', variables: new SettingVariables() }).tagsOf!(image);
    expect(others).toEqual([]);
    return tag;
  };

  test('is that of the plan, and another for another platform', () => {
    const test = new TestPipeline();
    const [amd, arm] = [Platform.LINUX_AMD64, Platform.LINUX_ARM64].map((platform, index) => test.image(`Image${index}`, { platform }));
    expect(tagOf(amd)).toMatch(/^cache-PipelineStack-Image0-[0-9A-F]{8}-linux-amd64$/);
    expect(tagOf(arm)).toMatch(/^cache-PipelineStack-Image1-[0-9A-F]{8}-linux-arm64$/);
    expect([amd, arm].map((image) => test.plan(image).cacheName)).toEqual([amd, arm].map(tagOf));
  });

  test.each(['x'.repeat(200), 'a.b c', '画像', '-'])('is one that Docker takes, for an image with the id %s', (id) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const image = test.image(id, { platform: Platform.custom('linux/arm/v7') });
    test.synthesizeStep({ images: [image], buildImage: codebuild.LinuxBuildImage.STANDARD_7_0 });
    expect(test.plan(image).cacheName).toMatch(/^cache-[a-zA-Z0-9_.-]{1,122}$/);
  });

  test('moves in an ImageRepository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const image = test.image('Image', { repository });
    test.synthesizeStep({ images: [image] });
    expect(RepositoryIdentity.of(repository, repository).isMoving(test.plan(image).cacheName)).toBe(true);
  });

  test('is another for each of several images in one repository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    const images = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.synthesizeStep({ images });
    expect(new Set(images.map((image) => test.plan(image).cacheName)).size).toBe(2);
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
      images: [image],
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
  expect(statements(LayerCache.registry())).toEqual(statements(LayerCache.inline()));
});

describe('the way the cache is written', () => {
  test('can hold the layers of the image only', () => {
    expect(cacheSettings({ cache: LayerCache.registry({ mode: CacheMode.MIN }) })).toEqual({ ...BY_DEFAULT, mode: 'min' });
  });

  test('can be one that every version of Docker reads', () => {
    expect(cacheSettings({ cache: LayerCache.registry({ compression: CacheCompression.GZIP }) })).toEqual({ ...BY_DEFAULT, compression: 'gzip' });
  });

  test('can fail the build, and does not by default', () => {
    expect(cacheSettings({ cache: LayerCache.registry({ ignoreErrors: false }) })).toEqual({ ...BY_DEFAULT, required: true });
    expect(cacheSettings({ cache: LayerCache.registry({ ignoreErrors: true }) })).toEqual(cacheSettings());
    expect(cacheSettings()).not.toHaveProperty('required');
  });
});

describe('a scope', () => {
  test('is a part of a cache that does not belong to one stack', () => {
    const cache = LayerCache.registry({ scope: 'feature/a' });
    expect(cacheSettings({ cache })).toEqual({ ...BY_DEFAULT, scope: 'feature/a' });
    const image = new TestPipeline().image();
    expect(cache._bind({ region: 'eu-west-1', variables: new SettingVariables() }).tagsOf!(image)).toEqual([`${image._sharedCacheName}_feature/a`]);
  });

  test('has fallbacks that are read in their order', () => {
    const settings = cacheSettings({ cache: LayerCache.registry({ scope: 'feature', fallbackScopes: ['release', 'main'] }) });
    expect(settings).toEqual({ ...BY_DEFAULT, scope: 'feature', fallbackScopes: ['release', 'main'] });
  });

  test('is not read twice when it is its own fallback', () => {
    expect(cacheSettings({ cache: LayerCache.registry({ scope: 'main', fallbackScopes: ['main'] }) })).not.toHaveProperty('fallbackScopes');
    expect(cacheSettings({ cache: LayerCache.registry({ scope: 'main', fallbackScopes: ['main', 'next'] }) }).fallbackScopes).toEqual(['next']);
  });

  test('can be a pipeline variable, which the action gives to the build', () => {
    const test = new TestPipeline();
    const step = test.synthesizeStep({ layerCache: LayerCache.registry({ scope: test.source.sourceAttribute('BranchName') }) });
    expect(step.settings.layerCache).toEqual({ ...BY_DEFAULT, scope: { variable: 'CACHED_DOCKER_BUILD_CACHE_SCOPE' } });
    expect(step.actionEnvironment).toEqual({ CACHED_DOCKER_BUILD_CACHE_SCOPE: expect.stringMatching(/^#\{Source@.*\.BranchName\}$/) });
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
    test.step({ images: [test.image('Image', { repository })], layerCache: cache });
    expect(() => test.step({ images: [image], pipeline, layerCache: cache })).toThrow(
      /^'Other\/Image': the tag 'cache-Image-\w+-linux-amd64_main' of repository 'shared' is used for the image 'PipelineStack\/Image' already; give each image a repository of its own, or tags and a cache scope of its own$/);
    test.step({ images: [image], pipeline, layerCache: LayerCache.registry({ scope: 'other' }) });
  });
});

describe('a repository for the cache', () => {
  const ARN = 'arn:aws:ecr:us-east-1:222222222222:repository/team/layers';
  const foreign = (test: TestPipeline) => ecr.Repository.fromRepositoryArn(test.stack, 'Layers', ARN);

  test('holds it instead of that of the image, and is not there by default', () => {
    expect(cacheSettings({ cache: (test) => LayerCache.registry({ repository: foreign(test) }) }))
      .toEqual({ ...BY_DEFAULT, repository: '222222222222.dkr.ecr.us-east-1.${AWS::URLSuffix}/team/layers' });
    expect(cacheSettings()).not.toHaveProperty('repository');
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
    ['Api', 'Report'].forEach((id) => test.step({ images: [test.image(id)], layerCache: cache }));
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
    test.step({ images: [api], layerCache: LayerCache.registry({ repository }) });
    expect(() => test.step({ images: [other], layerCache: LayerCache.none(), additionalTags: [api._cacheName] })).toThrow(
      `'PipelineStack/Other': the tag '${api._cacheName}' of repository 'images' is used for the image 'PipelineStack/Api' already`);
  });

  test('fails to hold one scope for two images with the same id, though each has a repository of its own', () => {
    const test = new TestPipeline();
    const other = new Stack(test.app, 'Other');
    const cache = LayerCache.registry({ repository: ecr.Repository.fromRepositoryName(test.stack, 'Layers', 'layers'), scope: 'main' });
    const image = new CachedDockerImage(other, 'Image', { context: new TempContext().context });
    const pipeline = new pipelines.CodePipeline(other, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['true'] }) });
    test.step({ layerCache: cache });
    expect(() => test.step({ images: [image], pipeline, layerCache: cache })).toThrow(
      /^'Other\/Image': the tag 'cache-Image-\w+-linux-amd64_main' of repository 'layers' is used for the image 'PipelineStack\/Image' already; give each image a repository of its own, or tags and a cache scope of its own$/);
  });

  test('leaves its tags free for the image', () => {
    const test = new TestPipeline();
    const cache = LayerCache.registry({ repository: new CacheRepository(test.stack, 'Layers') });
    test.step({ layerCache: cache, additionalTags: ['cache-PipelineStack-Image-E30ECBDA-linux-amd64'] });
  });
});

describe('a repository for fallbacks', () => {
  const layers = (test: TestPipeline, name: string) => ecr.Repository.fromRepositoryName(test.stack, name, name);

  test('is read, and not written', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const cache = LayerCache.registry({ repository: layers(test, 'branches'), scope: 'feature', fallbackScopes: ['main'], fallbackRepository: layers(test, 'main') });
    const { settings, statements } = test.synthesizeStep({ layerCache: cache });
    expect(settings.layerCache).toMatchObject({ scope: 'feature', fallbackScopes: ['main'], fallbackRepository: expect.stringMatching(/\/main$/) });
    const ofMain = statements.filter(({ Resource }) => JSON.stringify(Resource).includes('repository/main'));
    expect(ofMain.map(({ Action }) => Action)).toEqual([['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']]);
  });

  test('is none unless it is given', () => {
    expect(cacheSettings({ cache: LayerCache.registry({ scope: 'feature', fallbackScopes: ['main'] }) })).not.toHaveProperty('fallbackRepository');
  });

  test.each([undefined, []])('fails without fallback scopes, got %j', (fallbackScopes) => {
    expect(() => LayerCache.registry({ fallbackRepository: layers(new TestPipeline(), 'main'), fallbackScopes })).toThrow(
      "LayerCache.registry(): fallbackRepository is where the fallbackScopes are read, and there are none; give the scopes of the builds that write there, such as ['main']");
  });
});
