import { Stack, Stage } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, ImageRepository, LayerCache } from '../lib';
import { SynthesizedStep } from './testhelpers/synthesized-step';
import { TempContext } from './testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from './testhelpers/test-pipeline';
import { RepositoryIdentity } from '../lib/private/repository-identity';

const REPOSITORY = ['111111111111.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }];

/** The variables of the build that are about its cache. */
function cacheEnvironment(props: { cache?: LayerCache; platform?: Platform } = {}) {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
  const image = test.image('Image', { repository, platform: props.platform });
  const { environment } = test.synthesizeStep({ image, cache: props.cache });
  return Object.fromEntries(Object.entries(environment).filter(([name]) => /^CACHE_|EXTRA_TAGS/.test(name)));
}

describe('LayerCache.registry()', () => {
  test('is the default', () => {
    expect(cacheEnvironment()).toEqual(cacheEnvironment({ cache: LayerCache.registry() }));
  });

  test('reads and writes a tag of its own, all steps of all stages, in the form that Amazon ECR takes', () => {
    const tag = '/images:cache-PipelineStack-Image-E30ECBDA-linux-amd64';
    expect(cacheEnvironment()).toEqual({
      CACHE_FROM: { 'Fn::Join': ['', ['type=registry,ref=111111111111.dkr.ecr.eu-west-1.', REPOSITORY[1], tag]] },
      CACHE_EXPORT: {
        'Fn::Join': ['', ['type=registry,ref=111111111111.dkr.ecr.eu-west-1.', REPOSITORY[1], `${tag},mode=max,image-manifest=true,oci-mediatypes=true,compression=gzip`]],
      },
    });
  });

  test('has another tag for another platform', () => {
    expect(JSON.stringify(cacheEnvironment({ platform: Platform.LINUX_ARM64 }).CACHE_FROM)).toContain('E30ECBDA-linux-arm64"');
  });

  test.each(['x'.repeat(200), 'a.b c', '画像', '-'])('has a tag that Docker takes, for an image with the id %s', (id) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const image = test.image(id, { repository, platform: Platform.custom('linux/arm/v7') });
    const { environment } = test.synthesizeStep({ image, buildImage: codebuild.LinuxBuildImage.STANDARD_7_0 });
    expect(JSON.stringify(environment.CACHE_FROM)).toMatch(/images:cache-[a-zA-Z0-9_.-]{1,122}"/);
  });

  test('has a tag that moves in an ImageRepository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { movingTags: [] });
    const { environment } = test.synthesizeStep({ image: test.image('Image', { repository }) });
    const tag = /:(cache-[\w-]+)"/.exec(JSON.stringify(environment.CACHE_FROM))![1];
    expect(RepositoryIdentity.of(repository, repository).isMoving(tag)).toBe(true);
  });

  test('has a tag for each of several images in one repository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    const steps = ['Api', 'Report'].map((id) => new CachedDockerBuildStep(id, { image: test.image(id, { repository }), pipeline: test.pipeline }));
    test.pipeline.addWave('Deploy', { pre: steps });
    const { template, stack } = test;
    const tags = steps.map((step) => JSON.stringify(new SynthesizedStep(template, stack, step).environment.CACHE_FROM));
    expect(new Set(tags).size).toBe(2);
  });

  test('fails for two images with the same cache tag in one repository', () => {
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
      /^'Second\/Stack\/Image': the tag 'cache-Pipeline-Image-\w+-linux-amd64' of repository 'shared' is used for the image 'First\/Stack\/Image' already; give each image a repository of its own/);
  });

  test('needs no permission beyond those on the repository', () => {
    const [registry, none] = [LayerCache.registry(), LayerCache.none()].map((cache) => new TestPipeline().synthesizeStep({ cache }).statements);
    expect(registry).toEqual(none);
  });
});

describe('LayerCache.inline()', () => {
  test('reads the tag latest, keeps the cache within the image, and moves the tag', () => {
    expect(cacheEnvironment({ cache: LayerCache.inline() })).toEqual({
      CACHE_FROM: { 'Fn::Join': ['', [REPOSITORY[0], REPOSITORY[1], '/images:latest']] },
      CACHE_INLINE: 'true',
      IMAGE_EXTRA_TAGS: 'latest',
    });
  });

  test('does not warn with BuildKit, which has not the fault of the engine', () => {
    const test = new TestPipeline();
    test.synthesizeStep({ cache: LayerCache.inline() });
    expect(test.warnings()).toEqual([]);
  });

  test('fails for two images in one repository, which would move the same tag', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.step({ image: api, cache: LayerCache.inline() });
    expect(() => test.step({ image: report, cache: LayerCache.inline() }))
      .toThrow("'PipelineStack/Report': the tag 'latest' of repository 'images' is used for the image 'PipelineStack/Api' already; give each image a repository of its own");
  });

  test('fails when another image of the repository has the tag as an additional one', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.step({ image: api, additionalTags: ['latest'] });
    expect(() => test.step({ image: report, cache: LayerCache.inline() })).toThrow("the tag 'latest' of repository");
  });

  test('fails in an ImageRepository in which the tag latest cannot move', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { movingTags: ['main-*'] });
    expect(() => test.step({ image: test.image('Image', { repository }), cache: LayerCache.inline() }))
      .toThrow(/^'BuildImage': .*'latest'.*movingTags of the ImageRepository/);
  });
});

describe('LayerCache.none()', () => {
  test('reads and writes nothing', () => {
    expect(cacheEnvironment({ cache: LayerCache.none() })).toEqual({});
  });

  test('lets several images share a repository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    for (const id of ['Api', 'Report']) {
      test.step({ image: test.image(id, { repository }), cache: LayerCache.none() });
    }
  });
});
