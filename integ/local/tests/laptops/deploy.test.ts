import * as path from 'path';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { AssetApp, expectPublished } from '../../apps/asset-app';
import { Laptop } from '../../apps/laptop';
import { bootstrap } from '../../aws/bootstrap';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { Registry } from '../../registry/registry';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

// `cdk deploy` of the real CLI, by somebody with an engine of their own, after a pipeline has filled the cache.

const here = { account: '111111111111', region: 'eu-west-1' };

const dockerfile = `FROM busybox:stable
RUN head -c 3000000 /dev/urandom > /dependencies
COPY src /app/
`;

let lab: Lab;
let app: AssetApp;
let dependencies: Buffer;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here], open: ['docker.io', 'registry-1.docker.io'] });
  await (await baseImages.busybox()).publish(lab.registry, 'docker.io/library/busybox:stable');
  app = new AssetApp(lab, {
    name: 'Laptop',
    stack: (scope, contexts) => {
      const { imageUri } = new DockerImageAsset(scope, 'Image', { directory: path.join(contexts, 'image') });
      new CfnParameter(scope, 'Uri', { type: 'String', value: imageUri, name: 'image' });
    },
  });
  app.write('image/Dockerfile', dockerfile);
  app.write('image/src/app.py', 'of the pipeline');
  const buildKit = await BuildKit.fresh({ isInMemory: true });
  const { addresses } = expectPublished(await app.publish({ buildKit }));
  await buildKit.wipe();
  dependencies = await contentOf(Object.values(addresses)[0][0], 'dependencies');

  await bootstrap(lab, here);
}, 600_000);

afterAll(async () => lab.stop());

async function contentOf(image: string, file: string): Promise<Buffer> {
  return imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, file);
}

/** Deploys by hand. Gives what was deployed, and what the CLI printed. */
async function deploy(laptop: Laptop, ...readable: string[]): Promise<{ image: string; log: string }> {
  const { assembly } = app.synth();
  const lines: string[] = [];
  await execute(process.execPath, [path.resolve(__dirname, '../../../../node_modules/aws-cdk/bin/cdk'), 'deploy', '--app', assembly, '--require-approval', 'never', '--verbose', '--method', 'direct', 'LaptopStage0/Stack'], {
    cwd: freshDirectory('laptop'),
    env: laptop.environment(assembly, readable),
    timeoutSeconds: 200,
    onLine: (line) => {
      lines.push(line);
      if (process.env.PLAY_VERBOSE) process.stderr.write(`${line}\n`);
    },
  });
  const { Parameter: { Value: image } } = await lab.aws.client(here.region, 'ssm', 'get-parameter', '--name', 'image');
  await lab.aws.client(here.region, 'cloudformation', 'delete-stack', '--stack-name', 'LaptopStage0-Stack'); // the emulation cannot update it
  return { image, log: lines.join('\n') };
}

// The first is that of Docker 28 and older, the second that of a new Docker Desktop and of Docker 29.
describe.each(['overlay2', 'containerd'] as const)('with an engine whose image store is %s', (store) => {
  let engine: Engine;
  let laptop: Laptop;

  beforeAll(async () => {
    engine = await Engine.fresh({ suite: 'sid', store });
    laptop = new Laptop(lab, engine, here);
  });

  afterAll(async () => engine.wipe());

  test('who may read the cache deploys a new source with the layers of the pipeline, from an engine that knows none, and leaves nothing in the cache', async () => {
    app.write('image/src/app.py', `of the laptop with ${store}`);
    const before = lab.registry.traffic.snapshot();
    const cached = await lab.registry.tags(Registry.ecrHost(here), app.cacheRepository);
    const { image, log } = await deploy(laptop, app.cacheRepository);

    expect((await contentOf(image, 'app/app.py')).toString()).toBe(`of the laptop with ${store}`);
    expect((await contentOf(image, 'dependencies')).equals(dependencies)).toBe(true);
    expect(await engine.docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')).toContain(image); // where Docker would have it
    expect(log).toContain(`--cache-from type=registry,ref=${Registry.ecrHost(here)}/${app.cacheRepository}:cache-`);
    expect(await lab.registry.tags(Registry.ecrHost(here), app.cacheRepository)).toEqual(cached);
    expect(lab.registry.traffic.since(before).blobs.down).toBeGreaterThan(1_000_000);
  });

  test('the next source moves nothing but itself', async () => {
    app.write('image/src/app.py', `the next one with ${store}`);
    const before = lab.registry.traffic.snapshot();
    const { image } = await deploy(laptop, app.cacheRepository);
    expect((await contentOf(image, 'app/app.py')).toString()).toBe(`the next one with ${store}`);
    expect((await contentOf(image, 'dependencies')).equals(dependencies)).toBe(true);
    const { up, down } = lab.registry.traffic.since(before).blobs;
    expect(up + down).toBeLessThan(20_000);
  });

  test('who may not read it deploys as before', async () => {
    await engine.docker('builder', 'prune', '--all', '--force');
    await engine.docker('image', 'prune', '--all', '--force');
    app.write('image/src/app.py', `of another laptop with ${store}`);
    const { image } = await deploy(laptop, 'other');
    expect((await contentOf(image, 'app/app.py')).toString()).toBe(`of another laptop with ${store}`);
    expect((await contentOf(image, 'dependencies')).equals(dependencies)).toBe(false);
  });
});
