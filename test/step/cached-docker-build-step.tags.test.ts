import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DockerBuilder, ImageRepository, ImageTag, LayerCache } from '../../lib';
import { TestPipeline } from '../testhelpers/test-pipeline';

describe('a step with additional tags', () => {
  test('gives fixed ones to the project', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { mutableTags: ['main-*'] });
    const { environment, actionEnvironment } = test.synthesizeStep({ image: test.image('Image', { repository }), additionalTags: ['latest', 'main-api'] });
    expect(environment.IMAGE_EXTRA_TAGS).toBe('latest main-api');
    expect(actionEnvironment).toEqual({});
  });

  test('gives pipeline variables to the action, and they need not be mutable tags', () => {
    const test = new TestPipeline();
    const { environment, actionEnvironment } = test.synthesizeStep({ additionalTags: ['latest', test.source.sourceAttribute('CommitId'), 'build-#{codepipeline.PipelineExecutionId}'] });
    expect(environment).not.toHaveProperty('IMAGE_EXTRA_TAGS');
    expect(actionEnvironment).toEqual({
      IMAGE_EXTRA_TAGS: expect.stringMatching(/^latest #\{Source@[\w-]+\.CommitId\} build-#\{codepipeline\.PipelineExecutionId\}$/),
    });
  });

  test('leaves nothing behind when there are none', () => {
    expect(new TestPipeline().synthesizeStep({ additionalTags: [] }).environment).not.toHaveProperty('IMAGE_EXTRA_TAGS');
  });

  test.each(['', '-a', '.a', 'a b', 'a:b', 'a/b', 'a;id', '$(id)', 'ä', 'a'.repeat(129)])('fails when Docker cannot take them: %j', (tag) => {
    expect(() => new TestPipeline().step({ additionalTags: [tag] }))
      .toThrow(`'BuildImage': additionalTags must be letters, digits, '_', '.' and '-', at most 128 of them, got ${JSON.stringify(tag)}`);
  });

  test.each(['a', '_', '1.0.0', 'A_b-c.d', 'a'.repeat(128)])('takes everything that Docker takes: %s', (tag) => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { mutableTags: [tag] });
    expect(test.synthesizeStep({ image: test.image('Image', { repository }), additionalTags: [tag] }).environment.IMAGE_EXTRA_TAGS).toBe(tag);
  });

  test('fails when they are fixed, but immutable in the repository', () => {
    expect(() => new TestPipeline().step({ additionalTags: ['stable'] }))
      .toThrow("'BuildImage': the tag 'stable' is the same for each build, but immutable in repository 'pipelinestack-image-repository-3a4999ec', so the second build could not set it; add it to the mutableTags of the ImageRepository, or to the exclusions of another repository");
  });

  test('fails for a cache whose tag is immutable in a repository of another kind, too', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'plain', imageTagMutability: ecr.TagMutability.IMMUTABLE });
    expect(() => test.step({ image: test.image('Image', { repository }) }))
      .toThrow(/^'BuildImage': the tag 'cache-\S+' is the same for each build, but immutable in repository 'plain', so the second build could not set it; /);
  });

  test('may have fixed ones in a repository of another kind where all tags move', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'plain' });
    expect(test.synthesizeStep({ image: test.image('Image', { repository }), additionalTags: ['stable'] }).environment.IMAGE_EXTRA_TAGS).toBe('stable');
  });

  test('fails when one is the tag of a layer cache', () => {
    expect(() => new TestPipeline().step({ additionalTags: ['cache-PipelineStack-Image-E30ECBDA-linux-amd64'] })).toThrow(
      "'BuildImage': the tag 'cache-PipelineStack-Image-E30ECBDA-linux-amd64' of additionalTags holds the layer cache; give the image another one");
  });

  test('may have fixed ones in a repository whose rules are not known', () => {
    const test = new TestPipeline();
    const repository = ecr.Repository.fromRepositoryName(test.stack, 'Foreign', 'foreign');
    expect(test.synthesizeStep({ image: test.image('Image', { repository }), additionalTags: ['stable'] }).environment.IMAGE_EXTRA_TAGS).toBe('stable');
  });

  test('fails when another image of the repository has the same', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.step({ image: api, additionalTags: ['latest'] });
    expect(() => test.step({ image: report, additionalTags: ['latest'] })).toThrow(
      "'PipelineStack/Report': the tag 'latest' of repository 'images' is used for the image 'PipelineStack/Api' already; give each image a repository of its own, or tags and a cache scope of its own");
  });

  test('fails when one is the tag of another image', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'images' });
    test.image('Api', { repository, tag: ImageTag.fixed('v1') });
    expect(() => test.step({ image: test.image('Report', { repository }), additionalTags: ['v1'] })).toThrow("is used for the image 'PipelineStack/Api' already");
  });

  test('may have the same as a step with another repository', () => {
    const test = new TestPipeline();
    for (const id of ['Api', 'Report']) {
      test.step({ image: test.image(id), additionalTags: ['latest'] });
    }
  });

  test('may have the same as another step for the image', () => {
    const test = new TestPipeline();
    const image = test.image();
    for (const cache of [LayerCache.registry(), LayerCache.registry()]) {
      test.step({ image, layerCache: cache, additionalTags: ['latest'] });
    }
  });

  test('names a tag once that the cache moves as well', () => {
    const { environment } = new TestPipeline().synthesizeStep({ layerCache: LayerCache.inline(), additionalTags: ['latest'] });
    expect(environment.IMAGE_EXTRA_TAGS).toBe('latest');
  });

  test('leaves the tag that stages deploy as it is', () => {
    const test = new TestPipeline();
    const image = test.image();
    test.synthesizeStep({ image, additionalTags: ['latest'] });
    expect(test.plan(image)).toMatchObject({ tag: image.imageTag });
  });

  test('may use the Docker engine', () => {
    const { environment } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.none(), additionalTags: ['latest'] });
    expect(environment.IMAGE_EXTRA_TAGS).toBe('latest');
  });
});
