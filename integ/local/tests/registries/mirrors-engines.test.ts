import { App, Stack } from 'aws-cdk-lib';
import { BuildkitOptions, DockerBuilder, LayerCache, PullThroughCache, UpstreamRegistry } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { Engine, EngineOptions } from '../../engines/engine';
import { baseImages, publishBaseImages, playedBuildkitImage } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { PullThroughRegistry } from '../../registry/pull-through';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const near = Registry.ecrHost(home);
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const mirrors = [UpstreamRegistry.dockerHub(), UpstreamRegistry.ecrPublic()]
  .map((upstream, index) => PullThroughCache.fromPullThroughCacheAttributes(elsewhere, `Cache${index}`, { upstream }).mirror);
const always = { mirrors, fallbackToUpstream: false };

const dockerfile = `FROM public.ecr.aws/docker/library/busybox:stable
COPY --from=python:3.11-slim /usr/bin/python3.11 /opt/
RUN echo made > /made
COPY src /var/task/
`;

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  const buildKit = await baseImages.buildKit();
  for (const tag of ['v0.32.2', 'other']) await buildKit.publish(lab.registry, `docker.io/moby/buildkit:${tag}`);
  for (const [prefix, upstream] of [['ecr-public', 'public.ecr.aws'], ['docker-hub', 'registry-1.docker.io']]) {
    lab.registry.addCopy(await PullThroughRegistry.start({ endpoint: `${near}/${prefix}`, upstream, keepsTags: true }));
  }
}, 600_000);

afterAll(async () => lab.stop());

beforeEach(() => lab.registry.clearFaults());

async function build(engine: Engine, builder: DockerBuilder, content = dockerfile): Promise<ExampleBuild> {
  const app = new ExampleApp(lab, { name: `MirrorsOfEngines${apps++}`, builder, cache: () => LayerCache.none() });
  app.write('report/Dockerfile', content);
  return expectSuccess(await app.build('Report', { buildKit: null, environment: engine.environment })) as ExampleBuild;
}

async function onMachineWith(options: EngineOptions, play: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = await Engine.fresh(options);
  try {
    await play(engine);
  } finally {
    await engine.wipe();
  }
}

const baseImagesOf = ({ log }: ExampleBuild) => /^base images +(.*)$/m.exec(log)?.[1];

/** What a build asks the upstream registries for, past their mirrors. */
const detours = ({ traffic }: ExampleBuild) => traffic.requestsMade
  .filter(({ host, userAgent }) => /public\.ecr\.aws|docker\.io/.test(host) && !userAgent.startsWith('Go-http-client'));

function expectMirrors(done: ExampleBuild): void {
  expect(baseImagesOf(done)).toBe(`docker.io by ${near}/docker-hub, public.ecr.aws by ${near}/ecr-public`);
  expect(detours(done)).toEqual([]);
  const repositories = done.traffic.downloaded.filter(({ host }) => host === near).map(({ repository }) => repository);
  expect(repositories).toEqual(expect.arrayContaining(['docker-hub/library/python', 'ecr-public/docker/library/busybox']));
}

describe('an engine with the classic store, as CodeBuild has it,', () => {
  let engine: Engine;
  beforeAll(async () => engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' }));
  afterAll(async () => engine.wipe());

  test('takes base images from the mirrors when another is started beside it', async () => {
    const done = await build(engine, DockerBuilder.buildkit({ ...always, buildkitImage: playedBuildkitImage }));
    expect(done.report.builder).toContain('a Docker engine beside the running one');
    expectMirrors(done);
  });

  test('takes them from there when it builds itself', async () => {
    const done = await build(engine, DockerBuilder.dockerEngine(always));
    expect(done.report.builder).toContain('the Docker engine, 28.5');
    expectMirrors(done);
  });

  test('goes on without a mirror that never answers, and says so', async () => {
    lab.registry.fault({ host: near, url: /\/docker-hub\// }, { kind: 'delay', ms: 3_600_000 });
    const done = await build(engine, DockerBuilder.dockerEngine({ mirrors }));
    expect(done.log).toContain(`WARNING: the mirror ${near}/docker-hub of docker.io failed, base images come from docker.io itself: nothing came for 90 seconds during '[internal] load metadata for docker.io/`);
    expect(baseImagesOf(done)).toBe('docker.io itself, since its mirror failed, public.ecr.aws itself, since its mirror failed');
  });

  describe('and BuildKit in a container of it', () => {
    const settings: BuildkitOptions = { maxParallelism: 1, config: '[worker.oci.labels]\n  "play.team" = "mirrors"\n' };
    // fails when both steps run at the same time
    const oneAtATime = ['one', 'two'].map((name) => `FROM public.ecr.aws/docker/library/busybox:stable AS ${name}
RUN --mount=type=cache,target=/shared mkdir /shared/running && sleep 2 && rmdir /shared/running && echo ${name} > /made
`).join('') + `${dockerfile}COPY --from=one /made /one\nCOPY --from=two /made /two\n`;

    test('come from the mirrors, with the settings of the builder', async () => {
      const done = await build(engine, DockerBuilder.buildkit({ ...always, ...settings, buildkitImage: playedBuildkitImage }), oneAtATime);
      expect(done.report.builder).toBe(`a container of ${near}/docker-hub/moby/buildkit:v0.32.2`);
      expectMirrors(done);
      const workers = await engine.docker('exec', 'buildx_buildkit_cached-docker-build0', 'buildctl', 'debug', 'workers', '--verbose');
      expect(workers).toMatch(/play\.team:\s+mirrors/);
    });

    test('come from Docker Hub, which is said, when the mirror does not have that image, though a container of the first build is there', async () => {
      lab.registry.fault({ host: near, url: /\/docker-hub\/moby\// }, { kind: 'refuse', status: 403 });
      const done = await build(engine, DockerBuilder.buildkit({ mirrors, ...settings, buildkitImage: 'moby/buildkit:other' }));
      expect(done.report.builder).toBe('a container of moby/buildkit:other');
      expect(await engine.docker('inspect', '--format', '{{ .Config.Image }}', 'buildx_buildkit_cached-docker-build0')).toBe('moby/buildkit:other\n');
      expect(done.log).toContain(`WARNING: the mirror ${near}/docker-hub of docker.io failed, base images come from docker.io itself: no container of ${near}/docker-hub/moby/buildkit:other could be started`);
      expect(baseImagesOf(done)).toBe(`docker.io itself, since its mirror failed, public.ecr.aws by ${near}/ecr-public`);
    });
  });
});

test.each([
  ['with the containerd store', { suite: 'sid', store: 'containerd' }, DockerBuilder.buildkit({ ...always, buildkitImage: playedBuildkitImage }), 'the Docker engine\'s own BuildKit, 28.5'],
  ['of the oldest kind that can', { suite: 'trixie', store: 'overlay2' }, DockerBuilder.dockerEngine(always), 'the Docker engine, 26.1'],
  ['that is a Docker server', { suite: 'sid', isServer: true }, DockerBuilder.dockerServer(always), 'the Docker server, 28.5'],
] as const)('an engine %s takes base images from the mirrors', async (_, options, builder, description) => {
  await onMachineWith(options, async (engine) => {
    const done = await build(engine, builder);
    expect(done.report.builder).toContain(description);
    expectMirrors(done);
  });
});

test('an engine that is too old for mirrors is said', async () => {
  await onMachineWith({ suite: 'bookworm', store: 'overlay2' }, async (engine) => {
    const done = await build(engine, DockerBuilder.dockerEngine({ mirrors }));
    expect(done.log).toContain('mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has Docker 20.10');
    expect(baseImagesOf(done)).toBe('docker.io itself, since its mirror failed, public.ecr.aws itself, since its mirror failed');
  });
});
