import * as fs from 'fs';
import * as path from 'path';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { baseImages, publishBaseImages } from '../../images/base-images';
import { requirements } from '../../images/wheels';
import { CodeBuildResult, expectSuccess, playCodeBuild } from '../../machine/code-build';
import { Registry } from '../../registry/registry';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const image = `${Registry.ecrHost(home)}/api`;

const dockerfile = `FROM public.ecr.aws/lambda/python:3.11
COPY requirements.txt ./
RUN pip install -r requirements.txt -t "$LAMBDA_TASK_ROOT"
COPY --link app.py \${LAMBDA_TASK_ROOT}/
CMD ["app.handler"]
`;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  lab.registry.createRepository(home, 'api');
});
afterAll(async () => lab.stop());

function context(app: string): string {
  const directory = freshDirectory('context');
  fs.writeFileSync(path.join(directory, 'Dockerfile'), dockerfile);
  fs.writeFileSync(path.join(directory, 'requirements.txt'), requirements());
  fs.writeFileSync(path.join(directory, 'app.py'), app);
  return directory;
}

async function build(source: string, environment: Record<string, string>, commands: string[]): Promise<CodeBuildResult> {
  const stack = new SynthesizedStack('Build', {
    Resources: {
      Project: {
        Type: 'AWS::CodeBuild::Project',
        Properties: {
          Source: {
            BuildSpec: JSON.stringify({
              version: '0.2',
              env: { shell: 'bash' },
              phases: {
                install: { commands: [`aws ecr get-login-password | docker login --username AWS --password-stdin ${image.split('/')[0]}`] },
                build: { commands },
              },
            }),
          },
        },
      },
    },
  }, home);
  return expectSuccess(await playCodeBuild({ stack, aws: lab.aws, project: 'Project', source, environment }));
}

test('a fresh BuildKit builds, pushes, and finds its cache again on a new machine', async () => {
  const buildx = (tag: string) => [
    `docker buildx build --push --provenance=false --progress=plain -t ${image}:${tag} --cache-from type=registry,ref=${image}:cache `
    + `--cache-to type=registry,ref=${image}:cache,mode=max,image-manifest=true,oci-mediatypes=true .`,
  ];
  const first = await BuildKit.fresh();
  const cold = await build(context('one'), first.environment, buildx('one'));
  await first.wipe();
  expect(cold.log).toContain('Successfully installed big-numbers-1.0.0');
  const { mediaType, manifest } = await lab.registry.manifest(`${image}:one`);
  expect(mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
  const config = JSON.parse((await lab.registry.blob(image.split('/')[0], 'api', manifest.config.digest)).toString());
  expect(config.config.Cmd).toEqual(['app.handler']);

  const second = await BuildKit.fresh();
  const start = lab.registry.traffic.snapshot();
  await build(context('two'), second.environment, buildx('two'));
  await second.wipe();
  const moved = lab.registry.traffic.since(start);
  expect(moved.uploaded.map(blob => blob.bytes).every(bytes => bytes < 100_000)).toBe(true);
  expect(moved.blobs.down).toBeLessThan(100_000);
});

test('a kept BuildKit knows what it built before', async () => {
  const kept = await BuildKit.fresh();
  const command = [`docker buildx build --push --provenance=false --progress=plain -t ${image}:kept .`];
  const source = context('kept');
  await build(source, kept.environment, command);
  await kept.stop();
  await kept.start();
  const again = await build(source, kept.environment, command);
  await kept.wipe();
  expect(again.log).toMatch(/RUN pip install[^\n]*\n#\d+ CACHED/);
});

test('an engine runs BuildKit in a container', async () => {
  await (await baseImages.buildKit()).publish(lab.registry, 'docker.io/moby/buildkit:play');
  const engine = await Engine.fresh({ suite: 'sid' });
  try {
    await build(context('container'), engine.environment, [
      'docker buildx create --use --driver docker-container --driver-opt image=moby/buildkit:play,network=host --bootstrap',
      `docker buildx build --push --provenance=false --progress=plain -t ${image}:container .`,
    ]);
    expect((await lab.registry.manifest(`${image}:container`)).manifest.layers.length).toBeGreaterThan(3);
  } finally {
    await engine.wipe();
  }
});

test.each([
  ['trixie', 'overlay2'],
  ['sid', 'overlay2'],
  ['sid', 'containerd'],
  ['bookworm', 'overlay2'],
] as const)('an engine of %s with the store %s builds and pushes', async (suite, store) => {
  const engine = await Engine.fresh({ suite, store });
  try {
    const info = JSON.parse(await engine.docker('info', '--format', '{{json .}}'));
    expect(info.Driver).toBe(store === 'overlay2' ? 'overlay2' : 'overlayfs');
    expect(info.Images).toBe(0);
    const tag = `${image}:${suite}-${store}`;
    const source = context(tag);
    // the Dockerfile frontend inside 20.10 does not know --link yet
    if (suite === 'bookworm') fs.writeFileSync(path.join(source, 'Dockerfile'), dockerfile.replace('--link ', ''));
    await build(source, { ...engine.environment, DOCKER_BUILDKIT: '1' }, [`docker build -t ${tag} .`, `docker push ${tag}`]);
    expect((await lab.registry.manifest(tag)).manifest.schemaVersion).toBe(2);
  } catch (error) {
    throw new Error(`${error}\nthe engine's log ends:\n${engine.log.split('\n').slice(-30).join('\n')}`);
  } finally {
    await engine.wipe();
  }
});
