import { Lazy } from 'aws-cdk-lib';
import { DockerBuilder, LayerCache } from '../lib';
import { TestPipeline } from './testhelpers/test-pipeline';

describe('DockerBuilder.buildKit()', () => {
  test('is the default', () => {
    const [given, byDefault] = [{ builder: DockerBuilder.buildKit() }, {}].map((props) => new TestPipeline().synthesizeStep(props));
    expect(byDefault.environment).toEqual(given.environment);
    expect(byDefault.buildSpec).toEqual(given.buildSpec);
  });

  test('pins the version of BuildKit', () => {
    expect(new TestPipeline().synthesizeStep().environment.BUILDKIT_IMAGE).toMatch(/^moby\/buildkit:v\d+\.\d+\.\d+$/);
  });

  test.each([
    'public.ecr.aws/vend/moby/buildkit:v0.32.2',
    '111111111111.dkr.ecr.eu-west-1.amazonaws.com/mirror/moby/buildkit:v0.32.2',
    `moby/buildkit@sha256:${'0'.repeat(64)}`,
    'localhost:5000/buildkit',
  ])('takes BuildKit from elsewhere: %s', (image) => {
    const { environment } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.buildKit({ image }) });
    expect(environment.BUILDKIT_IMAGE).toBe(image);
  });

  test.each(['', ' ', '-v', 'a b', 'a,network=none', 'a;id', '$(id)', 'a"', "a'", 'a\n', '/a'])('fails for an image with the name %j', (image) => {
    expect(() => DockerBuilder.buildKit({ image })).toThrow(
      `DockerBuilder.buildKit(): image must be the name of an image, known at synthesis, got ${JSON.stringify(image)}; for example 'moby/buildkit:v`);
  });

  test('fails for an image that is known at deployment only', () => {
    expect(() => DockerBuilder.buildKit({ image: Lazy.string({ produce: () => 'late' }) }))
      .toThrow(/^DockerBuilder\.buildKit\(\): image must be the name of an image, known at synthesis, got /);
  });

  test('may be shared by several steps', () => {
    const builder = DockerBuilder.buildKit({ image: 'mirror/buildkit' });
    const [first, second] = [1, 2].map(() => new TestPipeline().synthesizeStep({ builder }));
    expect(first.environment).toEqual(second.environment);
  });
});

describe('DockerBuilder.docker()', () => {
  test('starts no builder, and builds and pushes with the engine', () => {
    const { buildSpec, environment } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.docker(), cache: LayerCache.inline() });
    const commands = [...buildSpec.phases.install.commands, ...buildSpec.phases.build.commands].filter((command) => command.startsWith('bash '));
    expect(commands.map((command) => /\/([\w-]+\.sh)"$/.exec(command)?.[1])).toEqual(
      ['login.sh', 'lookup.sh', 'context.sh', 'build-with-engine.sh', 'publish.sh', 'push-stages-with-engine.sh', 'report.sh']);
    expect(environment).not.toHaveProperty('BUILDKIT_IMAGE');
  });

  test('fails with the layer cache that is the default', () => {
    expect(() => new TestPipeline().step({ builder: DockerBuilder.docker() })).toThrow(
      "'BuildImage': LayerCache.registry() does not go with DockerBuilder.docker(); use DockerBuilder.buildKit() with it, or LayerCache.inline() or LayerCache.codeBuildLocal() or LayerCache.none() with DockerBuilder.docker()");
  });

  test('warns with LayerCache.inline(), which every second build misses on an older engine', () => {
    const test = new TestPipeline();
    test.synthesizeStep({ builder: DockerBuilder.docker(), cache: LayerCache.inline() });
    expect(test.warnings()).toEqual(['cdk-cached-docker-build:inlineCacheAlternates']);
  });

  test('does not warn without a cache', () => {
    const test = new TestPipeline();
    test.synthesizeStep({ builder: DockerBuilder.docker(), cache: LayerCache.none() });
    expect(test.warnings()).toEqual([]);
  });
});
