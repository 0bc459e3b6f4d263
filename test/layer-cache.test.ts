import { DockerBuilder, ImageRepository, LayerCache } from '../lib';
import { cacheEnvironment } from './testhelpers/cache-environment';
import { TestPipeline } from './testhelpers/test-pipeline';

describe('LayerCache.codeBuildLocal()', () => {
  const props = { builder: DockerBuilder.docker(), cache: LayerCache.codeBuildLocal() };

  test('has CodeBuild keep what the engine has, and reads and writes nothing itself', () => {
    const { project } = new TestPipeline().synthesizeStep(props);
    expect(project.Cache).toEqual({ Type: 'LOCAL', Modes: ['LOCAL_DOCKER_LAYER_CACHE'] });
    expect(cacheEnvironment({ cache: props.cache, step: { builder: props.builder } })).toEqual({ CACHE_KEEPER: 'the engine of this machine' });
  });

  test.each<[string, LayerCache]>([
    ['LayerCache.registry()', LayerCache.registry()], ['LayerCache.inline()', LayerCache.inline()], ['LayerCache.none()', LayerCache.none()],
  ])('is not there with %s', (_, cache) => {
    const { project, environment } = new TestPipeline().synthesizeStep({ cache });
    expect(project.Cache).toEqual({ Type: 'NO_CACHE' });
    expect(environment).not.toHaveProperty('CACHE_KEEPER');
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
