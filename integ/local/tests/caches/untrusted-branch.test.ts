import { App, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { publishBaseImages } from '../../images/base-images';
import { refuseBuild } from '../../registry/ecr-needs';
import { Registry } from '../../registry/registry';
import { parseRegistryRequest } from '../../registry/request';
import { Lab } from '../../world/lab';

// The builds of branches and pull requests begin with the layers of the main branch, and can change nothing that it reads or deploys.

const home = { account: '111111111111', region: 'eu-west-1' };
const host = Registry.ecrHost(home);
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const [ofMain, ofBranches] = ['main-layers', 'branch-layers'].map(name => Repository.fromRepositoryName(elsewhere, name, name));

let lab: Lab;
let main: ExampleApp;
let branch: ExampleApp;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
  for (const { repositoryName } of [ofMain, ofBranches]) lab.registry.createRepository(home, repositoryName);
  main = new ExampleApp(lab, { name: 'Main', cache: () => LayerCache.registry({ repository: ofMain, scope: 'main' }) });
  branch = new ExampleApp(lab, {
    name: 'Branch',
    cache: () => LayerCache.registry({ repository: ofBranches, scope: 'feature', fallbackScopes: ['main'], fallbackRepository: ofMain }),
  });
}, 600_000);

afterAll(async () => lab.stop());

function repositoryOf({ image }: ExampleBuild): string {
  return image.slice(host.length + 1).split(':')[0];
}

/** Every tag, and what it points at. */
async function contentOf(...repositories: readonly string[]): Promise<{ [tag: string]: string }> {
  const content: { [tag: string]: string } = {};
  for (const repository of repositories) {
    for (const tag of await lab.registry.tags(host, repository)) content[`${repository}:${tag}`] = (await lab.registry.manifest(`${host}/${repository}:${tag}`)).digest;
  }
  return content;
}

async function layersOf({ image }: ExampleBuild): Promise<string[]> {
  return (await lab.registry.manifest(image)).manifest.layers.map(({ digest }: { digest: string }) => digest);
}

test('a branch begins with the layers of the main branch, and leaves all that the main branch has as it is', async () => {
  const first = await main.build('Report');
  await expectImage(lab, first, 'report');
  const places = ['main-layers', repositoryOf(first)];
  const before = await contentOf(...places);

  branch.changeSource('Report', 'from the branch');
  const fresh = await branch.build('Report');
  await expectImage(lab, fresh, 'from the branch');
  expect(fresh.report.steps).toBe('5 cached, 1 run');
  branch.changeDependency('Report', '2.0.0');
  expect((await branch.build('Report')).report.cacheWritten).toBe('yes');
  branch.changeSource('Report', 'again');
  expect((await branch.build('Report')).report).toMatchObject({ steps: '5 cached, 1 run', cacheWritten: 'not needed, only copies are new' });
  expect(await contentOf(...places)).toEqual(before);

  // With the token of its role, a step of the branch may try what it likes.
  const writes = [
    ['PUT', 'manifests/latest'], ['PUT', `manifests/${before[Object.keys(before)[0]]}`], ['DELETE', 'manifests/latest'],
    ['POST', 'blobs/uploads/'], ['PATCH', 'blobs/uploads/1'], ['PUT', 'blobs/uploads/1'], ['DELETE', 'blobs/sha256:0'],
  ];
  const refused = (repository: string) => writes.map(([method, path]) => refuseBuild(fresh.permissions!, parseRegistryRequest(method, host, `/v2/${repository}/${path}`))?.status);
  for (const place of places) expect(refused(place)).toEqual(writes.map(() => 403));
  expect(refused('branch-layers')).toEqual(writes.map(([method]) => (method === 'DELETE' ? 403 : undefined)));
  const readsImages = refuseBuild(fresh.permissions!, parseRegistryRequest('GET', host, `/v2/${repositoryOf(first)}/manifests/latest`));
  expect(readsImages?.status).toBe(403);

  main.changeSource('Report', 'next');
  const next = await main.build('Report');
  await expectImage(lab, next, 'next');
  expect(next.report).toMatchObject({ steps: '5 cached, 1 run', copies: expect.stringMatching(/^linked: /) });
  expect((await layersOf(next)).slice(0, -1)).toEqual((await layersOf(first)).slice(0, -1));
});

test('the build of the branch has no permission that it does not use', async () => {
  branch.changeDependency('Report', '1.0.0');
  branch.changeSource('Report', 'last');
  const { permissions } = await branch.build('Report');
  expect(permissions!.unused()).toEqual([]);
});
