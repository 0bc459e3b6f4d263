import * as path from 'path';
import { DockerBuildSecret, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { DockerImageAsset, NetworkMode, Platform, TarballImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AssetApp, AssetsPublished, expectPublished } from '../../apps/asset-app';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { Registry } from '../../registry/registry';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

// One project publishes all of them, on machines with a Docker engine like that of CodeBuild.

const here = { account: '111111111111', region: 'eu-west-1' };
const ownCache = `${Registry.ecrHost(here)}/own-layers`;
const MB = 1_000_000;

const base = 'FROM busybox:stable\nRUN head -c 3000000 /dev/urandom > /dependencies\n';

let lab: Lab;
let app: AssetApp;
let tarball: string;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here] });
  await (await baseImages.busybox()).publish(lab.registry, 'docker.io/library/busybox:stable');
  lab.registry.createRepository(here, 'own-layers');
  tarball = path.join(freshDirectory('tarball'), 'tool.tar');
  app = new AssetApp(lab, {
    name: 'Options',
    stack: fill,
    pipeline: () => ({ publishAssetsInParallel: false }),
    // The CDK looks for a tarball beside the manifest of the stage, and leaves it beside that of the app.
    codeBuildOptions: () => ({
      buildEnvironment: { environmentVariables: { OWN: { value: 'of the pipeline' } } },
      partialBuildSpec: codebuild.BuildSpec.fromObject({ phases: { install: { commands: ['echo "a value $OWN" > /tmp/own'] }, pre_build: { commands: ['cp asset.*.tar assembly-*/'] }, post_build: { commands: ['cat /tmp/own'] } } }),
      rolePolicy: [new PolicyStatement({
        actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetDownloadUrlForLayer', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'],
        resources: [`arn:aws:ecr:${here.region}:${here.account}:repository/own-layers`],
      })],
    }),
  });
}, 600_000);

afterAll(async () => lab.stop());

function fill(scope: Stack, contexts: string): void {
  const directory = (name: string) => path.join(contexts, name);
  new DockerImageAsset(scope, 'All', {
    directory: directory('all'),
    file: 'images/other.Dockerfile',
    target: 'wanted',
    platform: Platform.LINUX_AMD64,
    networkMode: NetworkMode.NONE,
    buildArgs: { GREETING: '"hello" $HOME, it\'s 1=1' },
    buildSecrets: { token: DockerBuildSecret.fromSrc('token.txt') },
    buildContexts: { more: directory('more') },
    outputs: ['type=docker'],
    cacheFrom: [{ type: 'registry', params: { ref: `${ownCache}:all` } }],
    cacheTo: { type: 'registry', params: { 'ref': `${ownCache}:all`, 'mode': 'max', 'image-manifest': 'true', 'oci-mediatypes': 'true' } },
  });
  new DockerImageAsset(scope, 'Uncached', { directory: directory('uncached'), cacheDisabled: true });
  new DockerImageAsset(scope, 'Plain', { directory: directory('plain'), networkMode: NetworkMode.NONE });
  new TarballImageAsset(scope, 'Tarball', { tarballFile: tarball });
}

async function publish(prepare?: (engine: Engine) => Promise<void>): Promise<AssetsPublished> {
  const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  try {
    await prepare?.(engine);
    return expectPublished(await app.publish({ buildKit: null, environment: engine.environment }));
  } finally {
    await engine.wipe();
  }
}

async function contentOf({ addresses }: AssetsPublished, image: string, file: string): Promise<string> {
  const [address] = addresses[image];
  return (await imageFile(lab.registry, address, (await lab.registry.manifest(address)).manifest, file)).toString();
}

/** What a part of the log says that belongs to one command. */
function partOf({ log }: AssetsPublished, image: number): string {
  return log.split('Running command cdk-assets')[image + 1];
}

describe('assets with all kinds of options', () => {
  let first: AssetsPublished;

  beforeAll(async () => {
    app.write('all/images/other.Dockerfile', `${base.replace('FROM busybox:stable', 'FROM busybox:stable AS wanted')}ARG GREETING
RUN --mount=type=secret,id=token printf '%s' "$GREETING, $(cat /run/secrets/token), $(ls /sys/class/net)" > /greeting
COPY --from=more file.txt /more.txt
COPY src /app/
FROM wanted
RUN false
`);
    app.write('all/token.txt', 'a token');
    app.write('more/file.txt', 'more');
    app.write('all/src/app.py', 'first');
    app.write('uncached/Dockerfile', `${base}COPY src /app/\n`);
    app.write('uncached/src/app.py', 'first');
    app.write('plain/Dockerfile', `${base}COPY src /plain/\n`);
    app.write('plain/src/app.py', 'first');
    first = await publish(async (engine) => {
      await engine.docker('pull', 'busybox:stable');
      await engine.docker('tag', 'busybox:stable', 'team/tool:1');
      await engine.docker('save', '--output', tarball, 'team/tool:1');
      await engine.docker('rmi', 'busybox:stable', 'team/tool:1');
    });
  }, 600_000);

  test('mean what they meant', async () => {
    expect(await contentOf(first, 'All', 'greeting')).toBe('"hello" $HOME, it\'s 1=1, a token, lo');
    expect(await contentOf(first, 'All', 'more.txt')).toBe('more');
    expect(await lab.registry.tags(Registry.ecrHost(here), 'own-layers')).toContain('all');
    expect(partOf(first, 0)).toContain("--build-arg 'GREETING=***'");
    expect(partOf(first, 0)).toContain('builder       a Docker engine beside the running one, 28.');
  });

  test('go to Docker itself where they are not for a cache, with the reason', async () => {
    expect(await contentOf(first, 'Uncached', 'app/app.py')).toBe('first');
    expect(partOf(first, 1)).toContain('WARNING: Docker itself builds this image, without the layer cache: it is to be built without a cache');
    const [image] = first.addresses.Tarball;
    expect((await lab.registry.manifest(image)).manifest.layers).toHaveLength(1);
    expect(partOf(first, 3)).not.toContain('cached docker build');
  });

  test('share the layers that one of them has made on the same machine', () => {
    expect(partOf(first, 2)).toMatch(/^steps {9}1 cached, 1 run$/m);
    expect(first.log.match(/^\$ dockerd /gm)).toHaveLength(1);
  });

  test('leave the commands and variables of the pipeline as they are', () => {
    expect(first.log).toContain('\na value of the pipeline');
  });

  test('are reused with them, on a new machine', async () => {
    app.write('all/src/app.py', 'second');
    const second = await publish();
    expect(await contentOf(second, 'All', 'app/app.py')).toBe('second');
    expect(await contentOf(second, 'All', 'greeting')).toBe(await contentOf(first, 'All', 'greeting'));
    expect(partOf(second, 0)).toMatch(/^steps {9}3 cached, 1 run$/m);
    expect(second.traffic.blobs.up).toBeLessThan(0.1 * MB);
  });
});

test('an image whose cache cannot be used is published by Docker itself', async () => {
  lab.registry.deleteRepository(here, app.cacheRepository);
  app.write('plain/src/app.py', 'second');
  const done = await publish();
  lab.registry.createRepository(here, app.cacheRepository);
  expect(done.log).toMatch(/^WARNING: Docker itself builds this image again, without the layer cache: the repository .* does not exist/m);
  expect(await contentOf(done, 'Plain', 'plain/app.py')).toBe('second');
});

test('a step that fails is said once, and fails the publishing', async () => {
  app.write('plain/Dockerfile', 'FROM busybox:stable\nRUN echo this does not work >&2 && exit 3\n');
  const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  try {
    const failed = await app.publish({ buildKit: null, environment: engine.environment });
    expect([...failed.builds.values()].map(({ ok }) => ok)).toEqual([false]);
    expect(failed.log.match(/^ERROR: the image could not be built or pushed: .*did not complete successfully: exit code: 3/gm)).toHaveLength(1);
    expect(failed.log).not.toContain('WARNING: Docker itself');
  } finally {
    await engine.wipe();
  }
});
