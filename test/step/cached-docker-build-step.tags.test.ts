import { CfnParameter } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DockerBuilder, ImageRepository, ImageTag, LayerCache } from '../../lib';
import { TestPipeline } from '../testhelpers/test-pipeline';

describe('a step with additional tags', () => {
  test('gives fixed ones to the project', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { mutableTags: ['main-*'] });
    const { settings, actionEnvironment } = test.synthesizeStep({ images: [test.image('Image', { repository })], additionalTags: ['latest', 'main-api'] });
    expect(settings.additionalTags).toEqual(['latest', 'main-api']);
    expect(actionEnvironment).toEqual({});
  });

  test('gives pipeline variables to the action, and they need not be mutable tags', () => {
    const test = new TestPipeline();
    const { settings, environment, actionEnvironment } = test.synthesizeStep({ additionalTags: ['latest', test.source.sourceAttribute('CommitId'), 'build-#{codepipeline.PipelineExecutionId}'] });
    expect(settings.additionalTags).toEqual(['latest', { variable: 'CACHED_DOCKER_BUILD_ADDITIONAL_TAG_1' }, { variable: 'CACHED_DOCKER_BUILD_ADDITIONAL_TAG_2' }]);
    expect(Object.keys(environment)).toEqual(['CACHED_DOCKER_BUILD_SETTINGS']);
    expect(JSON.stringify(environment)).not.toContain('#{');
    expect(actionEnvironment).toEqual({
      CACHED_DOCKER_BUILD_ADDITIONAL_TAG_1: expect.stringMatching(/^#\{Source@[\w-]+\.CommitId\}$/),
      CACHED_DOCKER_BUILD_ADDITIONAL_TAG_2: 'build-#{codepipeline.PipelineExecutionId}',
    });
  });

  test('gives values of CloudFormation to the project, in variables of their own', () => {
    const test = new TestPipeline();
    const parameter = new CfnParameter(test.stack, 'Release');
    const { settings, environment, actionEnvironment } = test.synthesizeStep({ additionalTags: [parameter.valueAsString] });
    expect(settings.additionalTags).toEqual([{ variable: 'CACHED_DOCKER_BUILD_ADDITIONAL_TAG_0' }]);
    expect(environment.CACHED_DOCKER_BUILD_ADDITIONAL_TAG_0).toEqual({ Ref: 'Release' });
    expect(actionEnvironment).toEqual({});
  });

  test.each([[1, 0], [8, 0], [9, 1]])('with more pipeline variables than an action takes is warned of: %i', (count, warnings) => {
    const test = new TestPipeline();
    const tags = Array.from({ length: count }, (_, index) => `v${index}-#{codepipeline.PipelineExecutionId}`);
    const { action } = test.synthesizeStep({ additionalTags: tags });
    expect(action.Configuration.EnvironmentVariables.length > 1000).toBe(warnings > 0);
    expect(test.warnings().filter((id) => id === 'cdk-cached-docker-build:longVariables')).toHaveLength(warnings);
  });

  test('names each once', () => {
    expect(new TestPipeline().synthesizeStep({ additionalTags: ['latest', 'latest'] }).settings.additionalTags).toEqual(['latest']);
  });

  test('leaves nothing behind when there are none', () => {
    expect(new TestPipeline().synthesizeStep({ additionalTags: [] }).settings).not.toHaveProperty('additionalTags');
  });

  test.each(['', '-a', '.a', 'a b', 'a:b', 'a/b', 'a;id', '$(id)', 'ä', 'a'.repeat(129)])('fails when Docker cannot take them: %j', (tag) => {
    expect(() => new TestPipeline().step({ additionalTags: [tag] }))
      .toThrow(`'BuildImage': additionalTags must be letters, digits, '_', '.' and '-', at most 128 of them, got ${JSON.stringify(tag)}`);
  });

  test.each(['a', '_', '1.0.0', 'A_b-c.d', 'a'.repeat(128)])('takes everything that Docker takes: %s', (tag) => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { mutableTags: [tag] });
    expect(test.synthesizeStep({ images: [test.image('Image', { repository })], additionalTags: [tag] }).settings.additionalTags).toEqual([tag]);
  });

  test('fails when they are fixed, but immutable in the repository', () => {
    expect(() => new TestPipeline().step({ additionalTags: ['stable'] }))
      .toThrow("'BuildImage': the tag 'stable' is the same for each build, but immutable in repository 'pipelinestack-image-repository-3a4999ec', so the second build could not set it; add it to the mutableTags of the ImageRepository, or to the exclusions of another repository");
  });

  test('fails for a cache whose tag is immutable in a repository of another kind, too', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'plain', imageTagMutability: ecr.TagMutability.IMMUTABLE });
    expect(() => test.step({ images: [test.image('Image', { repository })] }))
      .toThrow(/^'BuildImage': the tag 'cache-\S+' is the same for each build, but immutable in repository 'plain', so the second build could not set it; /);
  });

  test('may have fixed ones in a repository of another kind where all tags move', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'plain' });
    expect(test.synthesizeStep({ images: [test.image('Image', { repository })], additionalTags: ['stable'] }).settings.additionalTags).toEqual(['stable']);
  });

  test('fails when one is the tag of a layer cache', () => {
    expect(() => new TestPipeline().step({ additionalTags: ['cache-PipelineStack-Image-E30ECBDA-linux-amd64'] })).toThrow(
      "'BuildImage': the tag 'cache-PipelineStack-Image-E30ECBDA-linux-amd64' of additionalTags holds the layer cache; give the image another one");
  });

  test('may have fixed ones in a repository whose rules are not known', () => {
    const test = new TestPipeline();
    const repository = ecr.Repository.fromRepositoryName(test.stack, 'Foreign', 'foreign');
    expect(test.synthesizeStep({ images: [test.image('Image', { repository })], additionalTags: ['stable'] }).settings.additionalTags).toEqual(['stable']);
  });

  test('fails when another image of the repository has the same', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.step({ images: [api], additionalTags: ['latest'] });
    expect(() => test.step({ images: [report], additionalTags: ['latest'] })).toThrow(
      "'PipelineStack/Report': the tag 'latest' of repository 'images' is used for the image 'PipelineStack/Api' already; give each image a repository of its own, or tags and a cache scope of its own");
  });

  test('fails when one is the tag of another image', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'images' });
    test.image('Api', { repository, tag: ImageTag.fixed('v1') });
    expect(() => test.step({ images: [test.image('Report', { repository })], additionalTags: ['v1'] })).toThrow("is used for the image 'PipelineStack/Api' already");
  });

  test('fails when it builds two images of one repository, which would take them from each other', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const images = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    expect(() => test.step({ images, additionalTags: ['latest'] })).toThrow(
      "'PipelineStack/Report': the tag 'latest' of repository 'images' is used for the image 'PipelineStack/Api' already; give each image a repository of its own, or tags and a cache scope of its own");
  });

  test('fails for pipeline variables as well when it builds two images of one repository', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const images = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    expect(() => test.step({ images, additionalTags: [test.source.sourceAttribute('CommitId')] })).toThrow(
      "'PipelineStack/Report': a pipeline variable as a tag of repository 'images' is used for the image 'PipelineStack/Api' already; give each image a repository of its own, or tags and a cache scope of its own");
  });

  test('gives them to each of its images', () => {
    const test = new TestPipeline();
    const { settings } = test.synthesizeStep({ images: ['Api', 'Report'].map((id) => test.image(id)), additionalTags: ['latest'] });
    expect(settings.additionalTags).toEqual(['latest']);
  });

  test('may have the same as a step with another repository', () => {
    const test = new TestPipeline();
    for (const id of ['Api', 'Report']) {
      test.step({ images: [test.image(id)], additionalTags: ['latest'] });
    }
  });

  test('may have the same as another step for the image', () => {
    const test = new TestPipeline();
    const image = test.image();
    for (const cache of [LayerCache.registry(), LayerCache.registry()]) {
      test.step({ images: [image], layerCache: cache, additionalTags: ['latest'] });
    }
  });

  test('names a tag once that the cache moves as well', () => {
    const { settings } = new TestPipeline().synthesizeStep({ layerCache: LayerCache.inline(), additionalTags: ['latest'] });
    expect(settings.layerCache.tags).toEqual(['latest']);
    expect(settings).not.toHaveProperty('additionalTags');
  });

  test('leaves the tag that stages deploy as it is', () => {
    const test = new TestPipeline();
    const image = test.image();
    test.synthesizeStep({ images: [image], additionalTags: ['latest'] });
    expect(test.plan(image)).toMatchObject({ tag: image.imageTag });
  });

  test('may use the Docker engine', () => {
    const { settings } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.none(), additionalTags: ['latest'] });
    expect(settings.additionalTags).toEqual(['latest']);
  });
});
