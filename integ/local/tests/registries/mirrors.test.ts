import { App, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, LayerCache, MirrorOptions, PullThroughCache, RegistryMirror, UpstreamRegistry } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { PullThroughRegistry } from '../../registry/pull-through';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const near = Registry.ecrHost(home);
const hub = ['docker.io', 'registry-1.docker.io'];
const upstreams = ['public.ecr.aws', ...hub];
const own = 'registry.example.test';

// the rules of the account, as a pipeline imports them
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const imported = (id: string, upstream: UpstreamRegistry) => PullThroughCache.fromPullThroughCacheAttributes(elsewhere, id, { upstream }).mirror;
const hubMirror = imported('Hub', UpstreamRegistry.dockerHub());
const publicMirror = imported('Public', UpstreamRegistry.ecrPublic());
const password = 'pass:word "of" the mirror';
const credentials = secretsmanager.Secret.fromSecretNameV2(elsewhere, 'MirrorSecret', 'own-mirror');

/** Every way in which a Dockerfile names an image. */
const dockerfile = `ARG VARIANT=3.11-slim
FROM python:\${VARIANT} AS python
FROM public.ecr.aws/docker/library/busybox:stable
COPY --from=python /usr/bin/python3.11 /opt/
COPY --from=docker.io/library/python:3.11-slim /etc/passwd /opt/
RUN --mount=from=python:3.11-slim,target=/python ls /python > /opt/files
COPY --link src /var/task/
`;

/** One that needs little. */
const small = 'FROM public.ecr.aws/docker/library/busybox:stable\nRUN echo made > /made\nCOPY --link src /var/task/\n';

/** One that nothing of its base image is needed for. */
const linked = 'FROM public.ecr.aws/docker/library/busybox:stable\nCOPY --link src /var/task/\n';

let lab: Lab;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start({ open: [...upstreams, own] });
  await publishBaseImages(lab.registry, { dependencies: 4 });
  for (const [endpoint, upstream] of [[`${near}/ecr-public`, 'public.ecr.aws'], [`${near}/docker-hub`, 'registry-1.docker.io']]) {
    lab.registry.addCopy(await PullThroughRegistry.start({ endpoint, upstream, keepsTags: true }));
  }
  lab.registry.addCopy(await PullThroughRegistry.start({ endpoint: `${own}/proxies/docker-hub`, upstream: 'registry-1.docker.io' }));
  lab.registry.passwords.demand(own, 'puller', password);
  await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', 'own-mirror', '--secret-string', JSON.stringify({ username: 'puller', password }));
}, 600_000);

afterAll(async () => lab.stop());

beforeEach(() => lab.registry.clearFaults());

function example(builder: DockerBuilder, content: string, cache: () => LayerCache = () => LayerCache.none()): ExampleApp {
  const app = new ExampleApp(lab, { name: `Mirrors${apps++}`, builder, cache });
  app.write('report/Dockerfile', content);
  return app;
}

const baseImagesOf = ({ log }: { log: string }) => /^base images +(.*)$/m.exec(log)?.[1];
const requestsTo = ({ traffic }: ExampleBuild, hosts: string[]) => traffic.requestsMade.filter(({ host }) => hosts.includes(host));
/** What the build itself asks the upstream registries for. Mirrors do so under another name. */
const detours = (build: ExampleBuild) => requestsTo(build, upstreams).filter(({ userAgent }) => !userAgent.startsWith('Go-http-client'));
const pulledFrom = ({ traffic }: ExampleBuild, host: string) =>
  [...new Set(traffic.downloaded.filter(blob => blob.host === host).map(({ repository }) => repository))].sort();

/** On two new machines, the second time with another source and so another tag. Nothing is cached, so both need every base image. */
async function buildTwice(builder: DockerBuilder, content: string): Promise<[ExampleBuild, ExampleBuild]> {
  const app = example(builder, content);
  const first = expectSuccess(await app.build('Report')) as ExampleBuild;
  app.changeSource('Report', 'second');
  const second = expectSuccess(await app.build('Report')) as ExampleBuild;
  return [first, second];
}

describe('pull-through caches of Amazon ECR', () => {
  const mirrors = [hubMirror, publicMirror];

  test('are asked for every base image, and ask the registries themselves for each once', async () => {
    const [first, second] = await buildTwice(DockerBuilder.buildkit({ mirrors, fallbackToUpstream: false }), dockerfile);
    const repositories = ['docker-hub/library/python', 'ecr-public/docker/library/busybox'];
    expect(baseImagesOf(first)).toBe(`docker.io by ${near}/docker-hub, public.ecr.aws by ${near}/ecr-public`);
    expect(detours(first)).toEqual([]);
    expect(requestsTo(first, upstreams)).not.toEqual([]);
    expect(pulledFrom(first, near)).toEqual(repositories);

    expect(second.image).not.toBe(first.image);
    expect(pulledFrom(second, near)).toEqual(repositories);
    expect(requestsTo(second, upstreams)).toEqual([]);
  });

  test('are asked for what reads the Dockerfile, too', async () => {
    const builder = DockerBuilder.buildkit({ mirrors, fallbackToUpstream: false });
    const done = await example(builder, `# syntax=docker/dockerfile:1-none\n${small}`).build('Report');
    expect(done.ok).toBe(false);
    expect(requestsTo(done, [near]).map(({ url }) => url.split('?')[0])).toContain('/v2/docker-hub/docker/dockerfile/manifests/1-none');
    expect(detours(done)).toEqual([]);
  });
});

describe('a mirror of one\'s own, with a password in AWS Secrets Manager', () => {
  const builder = (options?: MirrorOptions) => DockerBuilder.buildkit({
    mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: `${own}/proxies/docker-hub`, credentials })], ...options,
  });

  test('is asked for every image of Docker Hub', async () => {
    const [first, second] = await buildTwice(builder({ fallbackToUpstream: false }), dockerfile);
    for (const build of [first, second]) {
      expect(baseImagesOf(build)).toBe(`docker.io by ${own}/proxies/docker-hub`);
      expect(pulledFrom(build, own)).toEqual(['proxies/docker-hub/library/python']);
      expect(detours(build).filter(({ host }) => hub.includes(host))).toEqual([]);
      expect(build.log).not.toContain(password);
    }
    // a proxy asks each time whether a tag has moved; Docker Hub does not count that
    const asked = requestsTo(second, hub).filter(({ url }) => url !== '/v2/').map(({ method, kind }) => `${method} ${kind}`);
    expect([...new Set(asked)]).toEqual(['HEAD manifest']);
  });

  test('that does not take the password is said, and why', async () => {
    lab.registry.passwords.demand(own, 'puller', 'another one');
    try {
      const done = expectSuccess(await example(builder(), 'FROM busybox:stable\nCOPY src /\n').build('Report')) as ExampleBuild;
      expect(done.log).toMatch(new RegExp(`WARNING: the mirror ${own}/proxies/docker-hub of docker.io failed, base images come from docker.io itself: ERROR: .*incorrect username or password`));
      expect(baseImagesOf(done)).toBe('docker.io itself, since its mirror failed');
      expect(done.log).not.toContain(password);
    } finally {
      lab.registry.passwords.demand(own, 'puller', password);
    }
  });
});

describe('a mirror that fails', () => {
  const mirrors = [publicMirror];
  const fault = { host: near, url: /\/ecr-public\// };

  test.each([
    ['denies', fault, { kind: 'refuse', status: 403 }],
    ['is broken', fault, { kind: 'refuse', status: 500 }],
    ['has no such image', fault, { kind: 'refuse', status: 404, code: 'MANIFEST_UNKNOWN' }],
    ['drops connections', fault, { kind: 'drop' }],
    ['drops them in the middle of an image', { host: near, url: /\/ecr-public\/.*\/blobs\// }, { kind: 'drop' }],
  ] as const)('because it %s is said, and its upstream registry used', async (_, match, effect) => {
    const stop = lab.registry.fault(match, effect);
    const done = expectSuccess(await example(DockerBuilder.buildkit({ mirrors }), small).build('Report')) as ExampleBuild;
    expect(stop()).toBeGreaterThan(0);
    expect(done.log).toContain(`WARNING: the mirror ${near}/ecr-public of public.ecr.aws failed, base images come from public.ecr.aws itself: ERROR: `);
    expect(baseImagesOf(done)).toBe('public.ecr.aws itself, since its mirror failed');
    expect(detours(done)).not.toEqual([]);
  });

  test('because its layers are on another host that refuses them is said, too', async () => {
    const { manifest: { layers } } = await lab.registry.manifest('public.ecr.aws/docker/library/busybox:stable');
    const to = `https://${own}/v2/layers/blobs/${layers[0].digest}`;
    const stop = lab.registry.fault({ host: near, url: new RegExp(`/ecr-public/.*/blobs/${layers[0].digest}`) }, { kind: 'lead', to });
    const done = expectSuccess(await example(DockerBuilder.buildkit({ mirrors }), small).build('Report')) as ExampleBuild;
    expect(stop()).toBeGreaterThan(0);
    expect(done.log).toMatch(new RegExp(`WARNING: the mirror ${near}/ecr-public of public.ecr.aws failed, base images come from public.ecr.aws itself: ERROR: .*${to}`));
    expect(baseImagesOf(done)).toBe('public.ecr.aws itself, since its mirror failed');
  });

  test.each([
    ['refuses', { kind: 'refuse', status: 403 }],
    ['drops', { kind: 'drop' }],
  ] as const)('because it %s a layer that only the push needs is said, too', async (_, effect) => {
    const { manifest: { layers } } = await lab.registry.manifest('public.ecr.aws/docker/library/busybox:stable');
    const stop = lab.registry.fault({ host: near, method: /GET/, url: new RegExp(`/ecr-public/.*/blobs/${layers[0].digest}`) }, effect);
    const done = expectSuccess(await example(DockerBuilder.buildkit({ mirrors }), linked).build('Report')) as ExampleBuild;
    expect(stop()).toBeGreaterThan(0);
    expect(done.log).toContain(`WARNING: the mirror ${near}/ecr-public of public.ecr.aws failed, base images come from public.ecr.aws itself: ERROR: `);
    expect(baseImagesOf(done)).toBe('public.ecr.aws itself, since its mirror failed');
  });

  test('is not what is said when it is the push that is refused', async () => {
    lab.registry.fault({ host: near, method: /POST/, url: /\/blobs\/uploads\// }, { kind: 'refuse', status: 403 });
    const done = await example(DockerBuilder.buildkit({ mirrors }), linked).build('Report');
    expect(done.ok).toBe(false);
    expect(done.log).not.toContain('WARNING: the mirror');
  });

  test('because it never answers is said, and its upstream registry used', async () => {
    const stop = lab.registry.fault(fault, { kind: 'delay', ms: 3_600_000 });
    const done = expectSuccess(await example(DockerBuilder.buildkit({ mirrors: [hubMirror, ...mirrors] }), small).build('Report')) as ExampleBuild;
    expect(stop()).toBeGreaterThan(0);
    expect(done.log).toContain(`WARNING: the mirror ${near}/ecr-public of public.ecr.aws failed, base images come from public.ecr.aws itself: nothing came for 90 seconds during '[internal] load metadata for public.ecr.aws/`);
    expect(baseImagesOf(done)).toBe('docker.io itself, since its mirror failed, public.ecr.aws itself, since its mirror failed');
  });

  test.each([
    ['nobody knows', 'gone.example.test/hub'],
    ['nobody answers at', `${own}:444/hub`],
  ])('because %s its name is said, too', async (_, endpoint) => {
    const builder = DockerBuilder.buildkit({ mirrors: [RegistryMirror.of({ upstream: 'public.ecr.aws', endpoint })] });
    const done = expectSuccess(await example(builder, small).build('Report')) as ExampleBuild;
    expect(done.log).toMatch(new RegExp(`WARNING: the mirror ${endpoint} of public.ecr.aws failed, base images come from public.ecr.aws itself: (getaddrinfo|connect) E`));
    expect(baseImagesOf(done)).toBe('public.ecr.aws itself, since its mirror failed');
  });

  test('fails the build where it has to be there, and nobody asks its upstream registry', async () => {
    lab.registry.fault(fault, { kind: 'refuse', status: 403 });
    const done = await example(DockerBuilder.buildkit({ mirrors, fallbackToUpstream: false }), small).build('Report');
    expect(done.ok).toBe(false);
    expect(done.log).toMatch(new RegExp(`ERROR: the image could not be built or pushed: .* \\(base images come from mirrors only, those of public.ecr.aws from ${near}/ecr-public, since`));
    expect(requestsTo(done, upstreams)).toEqual([]);
  });

  test('leaves a cache that fits, and finds one', async () => {
    const app = example(DockerBuilder.buildkit({ mirrors }), small, () => LayerCache.registry());
    expect((expectSuccess(await app.build('Report')) as ExampleBuild).report.steps).toBe('0 cached, 2 run');
    lab.registry.fault(fault, { kind: 'refuse', status: 403 });
    for (const source of ['without', 'with']) {
      app.changeSource('Report', source);
      const done = expectSuccess(await app.build('Report')) as ExampleBuild;
      expect(done.report.steps).toBe('1 cached, 1 run');
      expect(baseImagesOf(done)).toBe(source === 'with' ? `public.ecr.aws by ${near}/ecr-public` : 'public.ecr.aws itself, since its mirror failed');
      lab.registry.clearFaults();
    }
  });
});
