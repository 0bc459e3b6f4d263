import { Lazy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DockerBuilder, DockerContext, ImageRepository, LayerCache } from '../../lib';
import { SettingVariables } from '../../lib/values/setting-variables';
import { cacheSettings } from '../testhelpers/cache-settings';
import { TestPipeline } from '../testhelpers/test-pipeline';

test('the cache is within the image, is read by the tag latest, and moves the tag', () => {
  expect(cacheSettings({ cache: LayerCache.inline() })).toEqual({ kind: 'inline', tags: ['latest'], stages: [] });
});

test('it does not warn with BuildKit, which has not the fault of the engine', () => {
  const test = new TestPipeline();
  test.synthesizeStep({ layerCache: LayerCache.inline() });
  expect(test.warnings()).toEqual([]);
});

test('it needs no permission beyond those on the repository of the image', () => {
  const statements = (layerCache: LayerCache) => new TestPipeline().synthesizeStep({ layerCache }).statements;
  const own = (Resource: unknown) => JSON.stringify(Resource).includes('ImageRepository') || Resource === '*';
  const ofCaches = [LayerCache.inline({ stages: ['deps'] }), LayerCache.none()].map((cache) => statements(cache).filter(({ Resource }) => !own(Resource)));
  expect(ofCaches[0]).toEqual(ofCaches[1]);
});

describe('the tags it reads', () => {
  test('are read each, and the first one moves alone', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { mutableTags: ['feature'] });
    const { settings } = test.synthesizeStep({ images: [test.image('Image', { repository })], layerCache: LayerCache.inline({ fromTags: ['feature', 'main'] }) });
    expect(settings.layerCache).toEqual({ kind: 'inline', tags: ['feature', 'main'], stages: [] });
    expect(settings).not.toHaveProperty('additionalTags');
  });

  test.each([
    [[], '[]'], [['latest', ''], '["latest",""]'], [['a b'], '["a b"]'], [['#{Source.BranchName}'], '["#{Source.BranchName}"]'],
  ])('fail to be %j', (from, said) => {
    expect(() => LayerCache.inline({ fromTags: from })).toThrow(
      `LayerCache.inline(): fromTags takes one tag at least, each of letters, digits, '_', '.' and '-', at most 128 of them, known at synthesis, got ${said}; for example ['latest']`);
  });

  test('fail to be known at deployment only', () => {
    expect(() => LayerCache.inline({ fromTags: [Lazy.string({ produce: () => 'late' })] })).toThrow(/^LayerCache\.inline\(\): fromTags takes one tag at least, .*, known at synthesis, got /);
  });

  test('fail when the first one cannot move in the repository, whatever the others', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images', mutableTags: ['main-*'] });
    const image = test.image('Image', { repository });
    expect(() => test.step({ images: [image], layerCache: LayerCache.inline({ fromTags: ['main', 'latest'] }) })).toThrow(
      "'BuildImage': the tag 'main' is the same for each build, but immutable in repository 'images', so the second build could not set it; add it to the mutableTags of the ImageRepository, or to the exclusions of another repository");
    test.step({ images: [image], layerCache: LayerCache.inline({ fromTags: ['main-api', 'latest'] }) });
  });

  test('fail for two images in one repository, which would move the same one', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.step({ images: [api], layerCache: LayerCache.inline() });
    expect(() => test.step({ images: [report], layerCache: LayerCache.inline() })).toThrow(
      "'PipelineStack/Report': the tag 'latest' of repository 'images' is used for the image 'PipelineStack/Api' already; give each image a repository of its own, or tags and a cache scope of its own");
  });

  test('may be read by two images that move different ones', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { mutableTags: ['api', 'report'] });
    for (const id of ['api', 'report']) {
      test.step({ images: [test.image(id, { repository })], layerCache: LayerCache.inline({ fromTags: [id, 'main'] }) });
    }
  });

  test('fail when another image of the repository has the first one as an additional one', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    test.step({ images: [api], additionalTags: ['latest'] });
    expect(() => test.step({ images: [report], layerCache: LayerCache.inline() })).toThrow("the tag 'latest' of repository");
  });
});

describe('stages', () => {
  test('are none by default', () => {
    for (const cache of [LayerCache.inline(), LayerCache.inline({ stages: [] })]) {
      expect(cacheSettings({ cache }).stages).toEqual([]);
    }
  });

  test('are kept by the runner, each once', () => {
    expect(cacheSettings({ cache: LayerCache.inline({ stages: ['deps', 'compiler', 'deps'] }) })).toEqual({
      kind: 'inline', tags: ['latest'], stages: ['deps', 'compiler'],
    });
  });

  test('have tags of the image and of the tag that it moves', () => {
    const image = new TestPipeline().image();
    const cache = LayerCache.inline({ stages: ['deps'] })._bind({ region: 'eu-west-1', variables: new SettingVariables() });
    expect(cache.tagsOf?.(image)).toEqual(['latest', `${image._sharedCacheName}_latest/deps`]);
    expect(image._sharedCacheName).toMatch(/^cache-Image-[0-9a-f]{8}-linux-amd64$/);
  });

  test('fail when the Dockerfile does not have them', () => {
    expect(() => new TestPipeline().step({ layerCache: LayerCache.inline({ stages: ['deps', 'missing'] }) })).toThrow(new Error(
      "'BuildImage': stages of LayerCache.inline() must be a stage of the Dockerfile, got \"missing\"; it has deps, compiler, test, prod"));
  });

  test('are not checked for a source, whose Dockerfile is not known at synthesis', () => {
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source) });
    expect(test.synthesizeStep({ images: [image], layerCache: LayerCache.inline({ stages: ['missing'] }) }).settings.layerCache.stages).toEqual(['missing']);
  });

  test('are kept with the engine as well', () => {
    const { settings } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.inline({ stages: ['deps'] }) });
    expect(settings).toMatchObject({ layerCache: { stages: ['deps'] }, builder: { kind: 'dockerEngine' } });
  });

  test('fail in a repository in which their tags cannot move', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', {
      repositoryName: 'plain',
      imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: [ecr.ImageTagMutabilityExclusionFilter.wildcard('latest')],
    });
    const image = test.image('Image', { repository });
    expect(() => test.step({ images: [image], layerCache: LayerCache.inline({ stages: ['deps'] }) })).toThrow(/^'BuildImage': the tag 'cache-\S+deps' is the same for each build, but immutable in repository 'plain'/);
    test.step({ images: [image], layerCache: LayerCache.inline() });
  });
});
