import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { BuildKit } from '../../engines/build-kit';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const host = '111111111111.dkr.ecr.eu-west-1.amazonaws.com';

let lab: Lab;
let app: ExampleApp;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());

beforeEach(() => {
  app = new ExampleApp(lab, { name: `Answers${apps++}`, additionalTags: ['latest'] });
});

afterEach(() => lab.registry.clearFaults());

/** The name of the repository that a build of the app will push to. */
function repositoryName(): string {
  const { stack } = app.synth();
  return stack.ref(stack.ofType('AWS::ECR::Repository').find((id) => id.startsWith('ApiImage'))!);
}

function expectFailure(build: ExampleBuild, message: string | RegExp) {
  expect(build.log).toMatch(message);
  expect(build.ok).toBe(false);
}

describe('what the registry answers to the question for the tag', () => {
  test('a repository that is not there is an error that says so', async () => {
    lab.registry.deleteRepository({ account: '111111111111', region: 'eu-west-1' }, repositoryName());
    expectFailure(await app.build('Api', { buildKit: null }), /ERROR: the repository \S+ does not exist/);
  });
});

describe('what the registry answers to the cache', () => {
  test('a cache that cannot be written fails nothing and is said', async () => {
    lab.registry.fault({ host, method: /PUT/, url: /manifests\/cache-/ }, { kind: 'refuse', status: 403, message: 'not for you' });
    const build = expectSuccess(await app.build('Api')) as ExampleBuild;
    expect(build.log).toMatch(/WARNING: the layer cache was not written/);
    expect(build.report.cacheWritten).toMatch(/^no, ERROR: .*not for you/);
    expect((await lab.registry.manifest(build.image)).digest).toBe(build.exported.IMAGE_DIGEST_0);
  });
});

describe('tags', () => {
  test('two builds of the same tag at once both succeed, with the same image', async () => {
    app.synth();
    const [one, other] = await Promise.all([app.build('Api'), app.build('Api')]);
    expectSuccess(one);
    expectSuccess(other);
    expect(one.exported.IMAGE_DIGEST_0).toBe(other.exported.IMAGE_DIGEST_0);
    expect([one.report.result, other.report.result].sort()).toEqual(['built', 'built by another build at the same time']);
    expect((await lab.registry.manifest(one.image)).digest).toBe(one.exported.IMAGE_DIGEST_0);
  });

  test('a retry of the same build builds nothing, and still sets the additional tags', async () => {
    const first = expectSuccess(await app.build('Api')) as ExampleBuild;
    const latest = first.image.replace(/:[^:]+$/, ':latest');
    app.changeSource('Api', 'another');
    expectSuccess(await app.build('Api'));
    expect((await lab.registry.manifest(latest)).digest).not.toBe(first.exported.IMAGE_DIGEST_0);

    app.changeSource('Api', 'hello');
    const third = expectSuccess(await app.build('Api')) as ExampleBuild;
    const again = expectSuccess(await app.build('Api', { buildKit: null })) as ExampleBuild;
    expect(again.report.result).toBe('already there');
    expect((await lab.registry.manifest(latest)).digest).toBe(third.exported.IMAGE_DIGEST_0);
  });

  test('an archived image keeps its tag, and the build says how to restore it', async () => {
    const first = expectSuccess(await app.build('Api')) as ExampleBuild;
    const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(first.image)!;
    const tags = (await lab.registry.tags(host, repository)).filter((name) => name === tag || name.startsWith('cache-'));
    const [restore] = await Promise.all(tags.sort((one) => (one === tag ? -1 : 1)).map(async (name) => lab.registry.archive(`${host}/${repository}:${name}`)));
    const build = await app.build('Api');
    expectFailure(build, /ERROR: the tag '\w+' of \S+ is taken by an image that cannot be pulled, as an archived one\. Restore it: aws ecr update-image-storage-class /);
    expect(build.log).toContain(`--repository-name ${repository} --image-id imageTag=${tag} --target-storage-class STANDARD`);
    restore();
    const again = expectSuccess(await app.build('Api', { buildKit: null })) as ExampleBuild;
    expect(again.report.result).toBe('already there');
    expect(again.exported.IMAGE_DIGEST_0).toBe(first.exported.IMAGE_DIGEST_0);
  });

  test('a build that makes the very image that was archived restores it', async () => {
    const first = expectSuccess(await app.build('Api')) as ExampleBuild;
    await lab.registry.archive(first.image);
    const again = expectSuccess(await app.build('Api')) as ExampleBuild; // with the layers of the cache
    expect(again.report.result).toBe('built');
    expect(again.exported.IMAGE_DIGEST_0).toBe(first.exported.IMAGE_DIGEST_0);
  });

  test('an index under the tag fails the build, since Lambda refuses it', async () => {
    const first = expectSuccess(await app.build('Api')) as ExampleBuild;
    const { digest, mediaType, manifest } = await lab.registry.manifest(first.image);
    const size = JSON.stringify(manifest).length;
    const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{ mediaType, digest, size }] };
    await put(first.image, index);
    expectFailure(await app.build('Api', { buildKit: null }), /ERROR: \S+ has an image index instead of an image/);
  });

  test('a layer that Lambda cannot read fails the build', async () => {
    const first = expectSuccess(await app.build('Api')) as ExampleBuild;
    const { manifest } = await lab.registry.manifest(first.image);
    manifest.layers[0].mediaType = 'application/vnd.oci.image.layer.v1.tar+zstd';
    await put(first.image, manifest);
    expectFailure(await app.build('Api', { buildKit: null }), 'ERROR: the image has a layer of type application/vnd.oci.image.layer.v1.tar+zstd, which Lambda refuses');
  });

  async function put(tagged: string, manifest: any) {
    const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(tagged)!;
    const answer = await lab.registry.direct(host, `/v2/${repository}/manifests/${tag}`, {
      method: 'PUT', body: JSON.stringify(manifest), headers: { 'Content-Type': manifest.mediaType },
    });
    expect(answer.status).toBe(201);
  }
});

test('no password stands in the log or in the layers of the build', async () => {
  const build = expectSuccess(await app.build('Api')) as ExampleBuild;
  const password = await lab.aws.client('eu-west-1', 'ecr', 'get-authorization-token');
  const token: string = password.authorizationData[0].authorizationToken;
  expect(build.log).not.toContain(token);
  expect(build.log).not.toContain(Buffer.from(token, 'base64').toString().split(':')[1]);
});

test('a builder that does not answer is said, and another way is tried', async () => {
  const buildKit = await BuildKit.fresh();
  await buildKit.stop();
  const build = await app.build('Api', { buildKit });
  expectFailure(build, /WARNING: the builder 'buildkit-\w+' given in BUILDX_BUILDER does not answer/);
  expect(build.log).toMatch(/ERROR: no BuildKit could be started/);
  await buildKit.wipe();
});
