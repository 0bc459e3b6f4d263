import { Lazy, Token } from 'aws-cdk-lib';
import { DockerBuilder, LayerCache } from '../../lib';
import { TestPipeline } from '../testhelpers/test-pipeline';

describe('DockerBuilder.buildkit()', () => {
  test('is the default', () => {
    const [given, byDefault] = [{ builder: DockerBuilder.buildkit() }, {}].map((props) => new TestPipeline().synthesizeStep(props));
    expect(byDefault.environment).toEqual(given.environment);
    expect(byDefault.buildSpec).toEqual(given.buildSpec);
  });

  test('pins the version of BuildKit', () => {
    expect(new TestPipeline().synthesizeStep().settings.builder.buildkitImage).toMatch(/^moby\/buildkit:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64}$/);
  });

  test.each([
    'public.ecr.aws/vend/moby/buildkit:v0.32.2',
    '111111111111.dkr.ecr.eu-west-1.amazonaws.com/mirror/moby/buildkit:v0.32.2',
    `moby/buildkit@sha256:${'0'.repeat(64)}`,
    'localhost:5000/buildkit',
  ])('takes BuildKit from elsewhere: %s', (image) => {
    const { settings } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.buildkit({ buildkitImage: image }) });
    expect(settings.builder).toEqual({ kind: 'buildkit', buildkitImage: image });
  });

  test.each(['', ' ', '-v', 'a b', 'a,network=none', 'a;id', '$(id)', 'a"', "a'", 'a\n', '/a'])('fails for an image with the name %j', (image) => {
    expect(() => DockerBuilder.buildkit({ buildkitImage: image })).toThrow(
      `DockerBuilder.buildkit(): buildkitImage must be the name of an image, known at synthesis, got ${JSON.stringify(image)}; for example 'moby/buildkit:v`);
  });

  test('fails for an image that is known at deployment only', () => {
    expect(() => DockerBuilder.buildkit({ buildkitImage: Lazy.string({ produce: () => 'late' }) }))
      .toThrow(/^DockerBuilder\.buildkit\(\): buildkitImage must be the name of an image, known at synthesis, got /);
  });

  test('hands its settings to BuildKit', () => {
    const { settings } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.buildkit({ maxParallelism: 2, config: 'debug = true\n' }) });
    expect(settings.builder).toMatchObject({ maxParallelism: 2, config: 'debug = true\n' });
  });

  test('has no settings by default', () => {
    expect(Object.keys(new TestPipeline().synthesizeStep().settings.builder)).toEqual(['kind', 'buildkitImage']);
  });

  test.each([0, -1, 1.5, NaN, Infinity, Token.asNumber({ resolve: () => 2 })])('fails for %p steps at the same time', (maxParallelism) => {
    expect(() => DockerBuilder.buildkit({ maxParallelism })).toThrow(
      `DockerBuilder.buildkit(): maxParallelism must be a whole number above 0, known at synthesis, got ${maxParallelism}; for example 4`);
  });

  test.each(['', ' \n', Lazy.string({ produce: () => 'late' })])('fails for the configuration %j', (config) => {
    expect(() => DockerBuilder.buildkit({ config })).toThrow(
      `DockerBuilder.buildkit(): config must be the text of a buildkitd.toml, known at synthesis, got ${JSON.stringify(config)}; leave it out for none`);
  });

  test('may be shared by several steps', () => {
    const builder = DockerBuilder.buildkit({ buildkitImage: 'mirror/buildkit' });
    const [first, second] = [1, 2].map(() => new TestPipeline().synthesizeStep({ builder }));
    expect(first.environment).toEqual(second.environment);
  });
});

describe('DockerBuilder.dockerEngine()', () => {
  test('has no settings, and runs the same commands as every build', () => {
    const { buildSpec, settings } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.inline() });
    expect(buildSpec).toEqual(new TestPipeline().synthesizeStep().buildSpec);
    expect(settings.builder).toEqual({ kind: 'dockerEngine' });
  });

  test('fails with the layer cache that is the default', () => {
    expect(() => new TestPipeline().step({ builder: DockerBuilder.dockerEngine() })).toThrow(
      "'BuildImage': LayerCache.registry() does not go with DockerBuilder.dockerEngine(); use DockerBuilder.buildkit() with it, or LayerCache.inline() or LayerCache.codeBuildLocal() or LayerCache.none() with DockerBuilder.dockerEngine()");
  });

  test('warns with LayerCache.inline(), which every second build misses on an older engine', () => {
    const test = new TestPipeline();
    test.synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.inline() });
    expect(test.warnings()).toEqual(['cdk-cached-docker-build:inlineCacheAlternates']);
  });

  test('does not warn without a cache', () => {
    const test = new TestPipeline();
    test.synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.none() });
    expect(test.warnings()).toEqual([]);
  });
});
