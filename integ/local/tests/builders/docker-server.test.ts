import { DockerBuilder, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { Engine, EngineOptions } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

function example(cache?: () => LayerCache): ExampleApp {
  return new ExampleApp(lab, { name: `Server${apps++}`, builder: DockerBuilder.dockerServer(), cache });
}

/** A server that lives as long as `use` lasts. */
async function withServer(options: EngineOptions, use: (server: Engine) => Promise<void>): Promise<void> {
  const server = await Engine.fresh({ ...options, isServer: true });
  try {
    await use(server);
  } finally {
    await server.wipe();
  }
}

/** A build that has nothing but the way to the server. */
async function build(app: ExampleApp, source: string, environment: Record<string, string>): Promise<ExampleBuild> {
  app.changeSource('Api', source);
  return expectSuccess(await app.build('Api', { buildKit: null, environment })) as ExampleBuild;
}

test.each(['overlay2', 'containerd'] as const)('the server keeps the layers and the base image, and no image, with the store %s', async (store) => {
  await withServer({ suite: 'sid', store }, async (server) => {
    const app = example();
    const first = await build(app, 'first', server.environment);
    const second = await build(app, 'second', server.environment);
    expect([first, second].map(({ report }) => report.steps)).toEqual(['0 cached, 4 run', '3 cached, 1 run']);
    expect(second.report).toMatchObject({ cacheRead: 'what the Docker server has', cacheWritten: 'in the Docker server' });
    expect(second.report.builder).toMatch(/^the Docker server, 28\./);
    expect(second.traffic.blobs.down).toBeLessThan(10_000);
    expect(second.traffic.blobs.up).toBeLessThan(100_000);
    expect(await server.docker('image', 'ls', '--quiet')).toBe('');
  });
});

test('a server that a Docker context leads to is pushed from, as it was built with', async () => {
  await withServer({ suite: 'sid' }, async (server) => {
    const config = freshDirectory('docker');
    const { PATH } = server.environment;
    const docker = async (...args: string[]) => execute('docker', args, { env: { PATH: `${PATH}:/usr/bin:/bin`, HOME: config, DOCKER_CONFIG: config } });
    await docker('context', 'create', 'server', '--docker', `host=${server.address}`);
    await docker('context', 'use', 'server');
    const done = await build(example(), 'first', { PATH, DOCKER_CONFIG: config });
    expect(done.report.result).toBe('built');
  });
});

test('another server finds the layers in the last image, with LayerCache.inline()', async () => {
  const app = example(() => LayerCache.inline());
  await withServer({ suite: 'sid' }, async ({ environment }) => void await build(app, 'first', environment));
  await withServer({ suite: 'sid' }, async ({ environment }) => {
    const second = await build(app, 'second', environment);
    expect(second.report.steps).toBe('3 cached, 1 run');
    expect(second.report).toMatchObject({ cacheRead: 'yes', cacheWritten: 'yes, within the image' });
  });
});

test('a server that does not answer ends the build, and says so', async () => {
  const done = await example().build('Api', { buildKit: null, environment: { DOCKER_HOST: 'unix:///run/docker-server.sock' } });
  expect(done.ok).toBe(false);
  expect(done.log).toContain('ERROR: no Docker engine answers');
});
