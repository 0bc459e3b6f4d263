import * as path from 'path';
import { Environment } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { DockerImageCode, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { DockerCredential } from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { AssetApp, AssetAppOptions, AssetsPublished, expectPublished } from '../../apps/asset-app';
import { BuildKit } from '../../engines/build-kit';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { readReport } from '../../machine/build-report';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

// The projects of the Assets stage as they are synthesized, with the real cdk-assets. Repositories give each role what its policy says, and nothing else.

const here: Required<Environment> = { account: '111111111111', region: 'eu-west-1' };
const there: Required<Environment> = { account: '222222222222', region: 'eu-west-1' };
const own = 'registry.example.test';
const MB = 1_000_000;

/** Of two apps with the same image, the second would find it where the first has published it. */
const dockerfile = (base: string, app: string) => `FROM ${base}
LABEL app=${app}
RUN head -c 3000000 /dev/urandom > /dependencies
COPY src /app/
`;

let lab: Lab;
let secret: string;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here, there], open: ['docker.io', 'registry-1.docker.io', own] });
  const box = await baseImages.busybox();
  lab.registry.createRepository(here, 'team/base');
  for (const image of [`${own}/team/base:1`, `${Registry.ecrHost(here)}/team/base:1`, 'docker.io/library/busybox:stable']) await box.publish(lab.registry, image);
  lab.registry.passwords.demand(own, 'somebody', 'and a password');
  ({ ARN: secret } = await lab.aws.client(here.region, 'secretsmanager', 'create-secret', '--name', 'own-registry', '--secret-string', '{"username":"somebody","secret":"and a password"}'));
}, 600_000);

afterAll(async () => lab.stop());

/** A function and a plain image. */
function assetApp(options: Partial<AssetAppOptions> & { readonly name: string }, base = 'busybox:stable'): AssetApp {
  const app = new AssetApp(lab, {
    stack: (scope, contexts) => {
      new DockerImageFunction(scope, 'Api', { code: DockerImageCode.fromImageAsset(path.join(contexts, 'api')) });
      new DockerImageAsset(scope, 'Report', { directory: path.join(contexts, 'report') });
    },
    ...options,
  });
  for (const image of ['api', 'report']) {
    app.write(`${image}/Dockerfile`, dockerfile(base, options.name));
    app.write(`${image}/src/app.py`, `first of ${image}`);
  }
  return app;
}

async function contentOf(image: string, file: string): Promise<Buffer> {
  return imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, file);
}

async function publish(app: AssetApp): Promise<AssetsPublished> {
  const buildKit = await BuildKit.fresh({ isInMemory: true });
  try {
    return expectPublished(await app.publish({ buildKit }));
  } finally {
    await buildKit.wipe();
  }
}

const login = (scope: Construct) => DockerCredential.customRegistry(own, Secret.fromSecretCompleteArn(scope, 'Login', secret));
const ownRepository = (scope: Construct) => DockerCredential.ecr([Repository.fromRepositoryName(scope, 'Base', 'team/base')]);

const cases: [string, Partial<AssetAppOptions> & { readonly name: string }, string?][] = [
  ['a project for each image, one account', { name: 'Each' }],
  ['one project, two accounts, an older cdk-assets', { name: 'All', stages: [here, there], publisher: 'cdk-assets-older', pipeline: () => ({ publishAssetsInParallel: false }) }],
  ['a project for each image, two accounts, dockerCredentials for a repository beside the cache',
    { name: 'EachPrivate', stages: [here, there], pipeline: (scope) => ({ dockerCredentials: [ownRepository(scope)] }) }, `${Registry.ecrHost(here)}/team/base:1`],
  ['one project, one account, dockerCredentials, an older cdk-assets',
    { name: 'AllPrivate', publisher: 'cdk-assets-older', pipeline: (scope) => ({ dockerCredentials: [login(scope)], publishAssetsInParallel: false }) }, `${own}/team/base:1`],
];

describe.each(cases)('%s', (_, options, base) => {
  let app: AssetApp;
  let first: AssetsPublished;

  beforeAll(async () => {
    app = assetApp(options, base);
    first = await publish(app);
  });

  test('every image is where its stages look for it', async () => {
    const { addresses, log } = first;
    expect(Object.keys(addresses)).toEqual(expect.arrayContaining([expect.stringContaining('Api'), expect.stringContaining('Report')]));
    for (const image of Object.values(addresses).flat()) {
      expect((await lab.registry.manifest(image)).mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
      expect((await contentOf(image, 'app/app.py')).toString()).toMatch(/^first of (api|report)$/);
    }
    expect(log).not.toContain('WARNING: Docker itself');
  });

  test('a new source on a new machine moves only itself, for the one image that has it', async () => {
    app.write('api/src/app.py', 'second of api');
    const second = await publish(app);
    const [image, ...others] = Object.entries(second.addresses).find(([name]) => name.includes('Api'))![1];
    expect((await contentOf(image, 'app/app.py')).toString()).toBe('second of api');
    const [before] = Object.entries(first.addresses).find(([name]) => name.includes('Api'))![1];
    expect((await contentOf(image, 'dependencies')).equals(await contentOf(before, 'dependencies'))).toBe(true);
    for (const other of others) expect((await lab.registry.manifest(other)).digest).toBe((await lab.registry.manifest(image)).digest);

    expect(readReport(second.log)).toMatchObject({ result: 'built', steps: '1 cached, 1 run', copies: 'linked: 1 (line 4)', cacheRead: 'yes', cacheWritten: 'not needed, only copies are new' });
    expect(second.log.match(/\$ docker buildx build/g)).toHaveLength(1);
    expect(second.traffic.blobs.up).toBeLessThan(0.1 * MB);
    expect(second.traffic.blobs.down).toBeLessThan(0.1 * MB);
    // what it was allowed to do, one of both did; what base images need, the CDK allows
    const [build, ...builds] = [first, second].flatMap(({ permissions }) => permissions);
    expect(build.unused(...builds).filter((grant) => grant.startsWith('ecr:') && !grant.endsWith('/team/base'))).toEqual([]);
    expect([build, ...builds].flatMap(({ missing }) => missing)).toEqual([]);
  });
});
