import * as fs from 'fs';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import { ImageTag } from '../../../../lib';
import { describeWithKaniko, KanikoApp, pulledImage } from '../../apps/kaniko-app';
import { BuildKit } from '../../engines/build-kit';
import { baseImages, publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { buildOciImage } from '../../images/oci-image';
import { requirements } from '../../images/wheels';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

describeWithKaniko('kaniko, in an unprivileged container', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({ open: ['public.ecr.aws', 'docker.io', 'registry-1.docker.io', 'index.docker.io'] });
    await publishBaseImages(lab.registry, { dependencies: 4 });
    // as kaniko calls Docker Hub
    await (await baseImages.busybox()).publish(lab.registry, 'index.docker.io/library/busybox:stable');
  }, 600_000);
  afterAll(async () => lab.stop());
  beforeEach(() => lab.registry.clearFaults());

  describe('a function in two stages', () => {
    let app: KanikoApp;

    beforeAll(() => {
      app = new KanikoApp(lab, 'Function', { additionalTags: ['latest'], imageProps: { target: 'function', buildArgs: { GREETING: 'hello, "you"\n$(id)' } } });
      app.write({
        'Dockerfile': `FROM public.ecr.aws/lambda/python:3.11 AS builder
WORKDIR /build
COPY requirements.txt ./
RUN pip install -r requirements.txt -t /build/packages
FROM public.ecr.aws/docker/library/python:3.11-slim AS function
ARG GREETING
RUN printf '%s' "$GREETING" > /greeting
COPY --from=builder /build/packages /var/task/
COPY src /var/task/
CMD ["app.handler"]
FROM function AS tests
RUN exit 1
`,
        'requirements.txt': requirements(),
        'src/app.py': 'MARKER = 1\n',
      });
    });

    test('is built the first time', async () => {
      const first = await app.build();
      expect(first.report).toMatchObject({
        result: 'built',
        builder: expect.stringMatching(/^kaniko v?[\w.-]+, unprivileged$/),
        steps: '0 cached, 6 run',
        cacheRead: 'no, there is none yet or nothing of it fits',
        cacheWritten: 'yes',
      });
      const { digest, manifest, mediaType } = await lab.registry.manifest(first.image);
      expect(mediaType).toMatch(/^application\/vnd\.(oci\.image\.manifest\.v1|docker\.distribution\.manifest\.v2)\+json$/);
      expect(manifest.layers.filter((layer: any) => !/[.+]gzip$/.test(layer.mediaType))).toEqual([]);
      expect(first.exported.IMAGE_DIGEST_0).toBe(digest);
      expect((await lab.registry.manifest(first.image.replace(/:[^:]+$/, ':latest'))).digest).toBe(digest);
      expect((await imageFile(lab.registry, first.image, manifest, 'greeting')).toString()).toBe('hello, "you"\n$(id)');
      // The build image is as it was, but for what the build itself leaves.
      expect(first.container.changes).toEqual({ lost: [], new: [] });
    });

    test('runs only the last copy after a change of the source, and leaves the other stage out', async () => {
      app.write({ 'src/app.py': 'MARKER = 2\n' });
      const { report, log, traffic, image } = await app.build();
      expect(report).toMatchObject({ result: 'built', steps: '5 cached, 1 run', cacheRead: 'yes', cacheWritten: 'yes' });
      expect(log).not.toContain('Successfully installed');
      expect(traffic.blobs.up).toBeLessThan(100_000);
      expect(traffic.byHost['public.ecr.aws'].blobs.down).toBeGreaterThan(5_000_000); // to copy, it needs the files of the base image
      expect(traffic.downloaded.filter(({ repository, bytes }) => repository === 'lambda/python' && bytes > 5000)).toEqual([]);
      expect((await imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, 'var/task/app.py')).toString()).toBe('MARKER = 2\n');
    });

    test('is not built again without a change', async () => {
      const { report, traffic } = await app.build();
      expect(report).toMatchObject({ result: 'already there', builder: 'none', steps: 'none' });
      expect(traffic.blobs.requests).toBe(0);
    });

    test('is built without its cache when the repository of that denies access, and the report says so', async () => {
      app.write({ 'src/app.py': 'MARKER = 3\n' });
      const end = lab.registry.fault({ url: /kanikocache/ }, { kind: 'refuse', status: 403, code: 'DENIED', message: 'not for you' });
      const { report, log } = await app.build();
      expect(end()).toBeGreaterThan(1);
      expect(report).toMatchObject({ result: 'built', steps: '0 cached, 6 run' });
      expect(report.cacheRead).toMatch(/^no, the registry denies access to \S+ \(HTTP 403\): .*not for you/);
      expect(report.cacheWritten).toMatch(/^no, failed to push to destination .*403/);
      expect(log).toContain('WARNING: the layer cache was not written, so the next build may be slower: failed to push to destination ');
    });
  });

  test('the image is what BuildKit makes of the same context but for four owners and modes, and holds nothing of the build', async () => {
    const app = new KanikoApp(lab, 'Contents', { imageProps: { buildArgs: { VERSION: '7' } } });
    app.write({
      'Dockerfile': fs.readFileSync(path.join(__dirname, '../../apps/dockerfiles/kaniko/Dockerfile'), 'utf8'),
      '.dockerignore': '**/*.key\n',
      'files/plain': 'plain\n',
      'files/run.sh': '#!/bin/sh\necho ran\n',
      'files/secret.key': 'not for the image',
      'files/deep/er/file': 'deep\n',
    });
    fs.chmodSync(path.join(app.context, 'files/run.sh'), 0o755);
    fs.symlinkSync('plain', path.join(app.context, 'files/link'));
    fs.mkdirSync(path.join(app.context, 'files/empty'));
    await execute('tar', ['--create', '--file', path.join(app.context, 'archive.tar'), '--mtime=@0', '--owner=5', '--group=6', '--directory', path.join(app.context, 'files'), 'deep']);

    const { log, image } = await app.build();
    expect(log).toMatch(/^CapEff:\s+00000000a80425fb$/m); // those of Docker, without CAP_SYS_ADMIN and others
    expect(log).toMatch(/^of the build image: none$/m);

    const buildKit = await BuildKit.fresh();
    const reference = await buildOciImage({
      buildKit, context: app.context, dockerfile: path.join(app.context, 'Dockerfile'), options: ['--build-arg=VERSION=7'], directory: freshDirectory('reference'),
    });
    await buildKit.wipe();
    const { tree, config } = await pulledImage(lab, image);
    // What kaniko does in its own way: see docs/kaniko.md.
    const differences = tree.filter(line => !reference.tree.includes(line));
    expect(differences).toEqual([
      '/from-builder directory 755 1234:0 ', // owned as what was copied, and not by root
      '/from-builder/deep/down/soft link 777 0:0 made', // owned by root, and not as what was copied
      '/from-builder/dir directory 750 1234:0 ', // without its setgid bit
      '/unpacked directory 755 5:6 ', // owned as what was in the archive, and not by root
    ]);
    const paths = (lines: readonly string[]) => lines.map(line => line.split(' ')[0]);
    expect(tree.filter(line => !differences.includes(line)))
      .toEqual(reference.tree.filter(line => !paths(differences).includes(line.split(' ')[0])));
    const { ArgsEscaped: _, ...expected } = reference.config as any; // of Windows
    expect(config.config).toEqual(expected);
    expect([config.os, config.architecture]).toEqual(['linux', 'amd64']);
    expect(tree.join('\n')).not.toMatch(/of-the-build-image|config\.json|cached-docker-build|kaniko/);
    expect(JSON.stringify(config)).not.toContain('auth-token');
  });

  test.each([
    [ImageTag.contentHash(), '2 cached, 1 run'],
    [ImageTag.contentHash({ refreshEvery: Duration.days(7) }), '0 cached, 3 run'], // no layer is known to be of this period
  ])('an image that is refreshed takes no layer from the cache', async (tag, steps) => {
    const app = new KanikoApp(lab, `Refreshed${steps[0]}`, { imageProps: { tag } });
    for (const [source, expected] of [['one', '0 cached, 3 run'], ['two', steps]]) {
      app.write({ Dockerfile: 'FROM busybox:stable\nWORKDIR /app\nRUN echo made > /made\nCOPY source ./\n', source });
      expect((await app.build()).report).toMatchObject({ result: 'built', steps: expected, cacheWritten: 'yes' });
    }
  });

  describe('a layer of the cache that cannot be used', () => {
    /** The layers of a cache, by the step that made them. */
    async function cached({ log }: { readonly log: string }) {
      const [, host, repository] = /cached layer ([^/]+)\/(\S+?):\w{64}/.exec(log)!;
      const tags = await lab.registry.tags(host, repository);
      return Promise.all(tags.map(async tag => {
        const { manifest } = await lab.registry.manifest(`${host}/${repository}:${tag}`);
        const { history } = JSON.parse((await lab.registry.blob(host, repository, manifest.config.digest)).toString());
        return { step: history?.[0].created_by ?? 'a pointer', tag, layer: manifest.layers?.[0]?.digest, repository };
      }));
    }

    test('is made anew when it is listed, but cannot be had', async () => {
      const app = new KanikoApp(lab, 'Lost');
      app.write({ Dockerfile: 'FROM busybox:stable\nRUN echo made > /made\nCOPY source ./\n', source: 'one' });
      const [{ layer, repository }] = (await cached(await app.build())).filter(({ step }) => step.startsWith('RUN'));
      app.write({ source: 'two' });
      lab.registry.fault({ url: new RegExp(`${repository}/blobs/${layer}`) }, { kind: 'refuse', status: 404, code: 'BLOB_UNKNOWN', message: 'gone' });
      const { report } = await app.build();
      expect(report).toMatchObject({ result: 'built', steps: '0 cached, 2 run', cacheRead: expect.stringMatching(/^no, .*BLOB_UNKNOWN: gone/), cacheWritten: 'yes' });
    });

    test('is made anew when a copy of another stage was kept, and the step that made its files was not', async () => {
      const app = new KanikoApp(lab, 'Forgotten');
      const dockerfile = (environment: string) => `FROM busybox:stable AS sources\n${environment}COPY source /\nFROM busybox:stable AS builder\nCOPY --from=sources /source /\n`
        + 'RUN head -c 8 /dev/urandom > /made\nFROM busybox:stable\nCOPY --from=builder /made /\n';
      app.write({ Dockerfile: dockerfile(''), source: 'one' });
      const [{ tag, repository }] = (await cached(await app.build())).filter(({ step }) => step.startsWith('RUN'));
      app.write({ Dockerfile: dockerfile('ENV CHANGED=1\n') });
      lab.registry.fault({ url: new RegExp(`${repository}/manifests/${tag}`), method: /GET/ }, { kind: 'refuse', status: 404, code: 'MANIFEST_UNKNOWN', message: 'gone' });
      const { report } = await app.build();
      expect(report).toMatchObject({ result: 'built', steps: '0 cached, 4 run', cacheRead: expect.stringMatching(/^no, .*Assertion violated /), cacheWritten: 'yes' });
    });
  });

  test('a process that a step leaves behind holds nothing up', async () => {
    const app = new KanikoApp(lab, 'Behind');
    app.write({ Dockerfile: "FROM busybox:stable\nRUN (setsid sh -c 'echo started; touch /started; sleep 600; echo late' &); until [ -e /started ]; do sleep 0.1; done\n" });
    const { log, report } = await app.build(); // for ten minutes, if it did
    expect(report.result).toBe('built');
    expect(log).toMatch(/^started$/m);
  });

  test('builds from a source, without what its ignore file names', async () => {
    const app = new KanikoApp(lab, 'Source', { commit: '1111111aaaa' });
    app.write({
      'Dockerfile': 'FROM busybox:stable\nRUN mkdir /app\nCOPY . /app/\n',
      '.dockerignore': '*\n!src\nsrc/*.key\n!src/public.key\n',
      'src/app': 'app',
      'src/private.key': 'not for the image',
      'src/public.key': 'for the image',
      'notes': 'not for the image',
    });
    const { tree } = await pulledImage(lab, (await app.build()).image);
    expect(tree.flatMap(line => /^\/app\/(\S+) file/.exec(line)?.[1] ?? [])).toEqual(['src/app', 'src/public.key']);
  });

  test('knows the platform where it names a stage or a path of one', async () => {
    const app = new KanikoApp(lab, 'Platform');
    app.write({ Dockerfile: 'FROM busybox:stable AS build-amd64\nRUN mkdir /amd64 && echo made > /amd64/made\nFROM build-${TARGETARCH} AS build\nFROM busybox:stable\nARG TARGETARCH\nCOPY --from=build /${TARGETARCH}/made /\n' });
    expect((await app.build()).report.result).toBe('built');
  });

  test('a step that fails fails the build, and says why', async () => {
    const app = new KanikoApp(lab, 'Failing');
    app.write({ Dockerfile: 'FROM busybox:stable\nRUN echo about to fail && exit 3\n' });
    const { ok, log, container } = await app.tryToBuild();
    expect(ok).toBe(false);
    expect(log).toMatch(/^about to fail$/m);
    expect(log).toContain('exit status 3\n');
    expect(log).toContain('ERROR: the image could not be built or pushed: error building image: ');
    expect(container.changes.lost).toEqual([]);
  });
});
