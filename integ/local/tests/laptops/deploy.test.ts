import * as path from 'path';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { AssetApp, expectPublished } from '../../apps/asset-app';
import { bootstrap, endpointsOfCli } from '../../aws/bootstrap';
import { BuildPermissions } from '../../aws/build-permissions';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { parts } from '../../parts/parts';
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
let engine: Engine;
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
  dependencies = await contentOf(addresses.Image?.[0] ?? Object.values(addresses)[0][0], 'dependencies');

  await bootstrap(lab, here);
  engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
}, 600_000);

afterAll(async () => {
  await engine.wipe();
  await lab.stop();
});

async function contentOf(image: string, file: string): Promise<Buffer> {
  return imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, file);
}

/** Somebody who may pull from the repositories that are given. */
function credentialsOf(...repositories: string[]): { [name: string]: string } {
  return lab.aws.environment(here.region, lab.aws.callers.add({
    account: here.account,
    permissions: new BuildPermissions([
      { Effect: 'Allow', Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'], Resource: repositories.map((name) => `arn:aws:ecr:${here.region}:${here.account}:repository/${name}`) },
      { Effect: 'Allow', Action: ['ecr:GetAuthorizationToken', 'sts:AssumeRole', 'sts:GetCallerIdentity'], Resource: '*' },
    ]),
  }));
}

/** Deploys by hand. Gives what was deployed, and what the CLI printed. */
async function deploy(credentials: { [name: string]: string }): Promise<{ image: string; log: string }> {
  const { assembly } = app.synth();
  const lines: string[] = [];
  await execute(process.execPath, [path.resolve(__dirname, '../../../../node_modules/aws-cdk/bin/cdk'), 'deploy', '--app', assembly, '--require-approval', 'never', '--verbose', '--method', 'direct', 'LaptopStage0/Stack'], {
    cwd: freshDirectory('laptop'),
    env: {
      ...credentials,
      ...endpointsOfCli(lab.aws),
      HOME: freshDirectory('home'),
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
      CDK_DOCKER: path.join(assembly, 'cached-docker.cjs'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      PATH: [engine.environment.PATH, path.dirname(process.execPath), parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    },
    timeoutSeconds: 200,
    onLine: (line) => {
      lines.push(line);
      if (process.env.PLAY_VERBOSE) process.stderr.write(`${line}\n`);
    },
  });
  const { Parameter: { Value: image } } = await lab.aws.client(here.region, 'ssm', 'get-parameter', '--name', 'image');
  return { image, log: lines.join('\n') };
}

test('who may read the cache deploys a new source with the layers of the pipeline, from an engine that knows none, and leaves nothing in the cache', async () => {
  app.write('image/src/app.py', 'of the laptop');
  const before = lab.registry.traffic.snapshot();
  const cached = await lab.registry.tags(Registry.ecrHost(here), app.cacheRepository);
  const { image, log } = await deploy(credentialsOf(app.cacheRepository));

  expect((await contentOf(image, 'app/app.py')).toString()).toBe('of the laptop');
  expect((await contentOf(image, 'dependencies')).equals(dependencies)).toBe(true);
  expect(await engine.docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')).toContain(image); // where Docker would have it
  expect(log).toContain(`--cache-from type=registry,ref=${Registry.ecrHost(here)}/${app.cacheRepository}:cache-`);
  expect(await lab.registry.tags(Registry.ecrHost(here), app.cacheRepository)).toEqual(cached);
  expect(lab.registry.traffic.since(before).blobs.down).toBeGreaterThan(1_000_000);
});

test('who may not read it deploys as before', async () => {
  await lab.aws.client(here.region, 'cloudformation', 'delete-stack', '--stack-name', 'LaptopStage0-Stack'); // the emulation cannot update it
  await engine.docker('builder', 'prune', '--all', '--force');
  await engine.docker('image', 'prune', '--all', '--force');
  app.write('image/src/app.py', 'of another laptop');
  const { image } = await deploy(credentialsOf('other'));
  expect((await contentOf(image, 'app/app.py')).toString()).toBe('of another laptop');
  expect((await contentOf(image, 'dependencies')).equals(dependencies)).toBe(false);
});
