import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import { CacheCompression, CacheMode, CacheRepository, DockerBuilder, DockerContext, ImageRepository, LayerCache, PullThroughCache, RegistryCacheOptions, RegistryMirror, UpstreamRegistry } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const builder = DockerBuilder.kaniko();

let pipeline: TestPipeline;

beforeEach(() => { pipeline = new TestPipeline({ env: PIPELINE_ENV }); });

const context = (dockerfile: string) => new TempContext({ Dockerfile: dockerfile, a: '', b: '' }).context;

/** What a step says of a Dockerfile. */
const stepOf = (dockerfile: string, target?: string) => () => pipeline.step({ builder, images: [pipeline.image('Image', { context: context(dockerfile), target })] });

describe('the build', () => {
  test('is not privileged, and runs in the image of kaniko', () => {
    const { project, buildSpec } = pipeline.synthesizeStep({ builder });
    expect(project.Environment).toMatchObject({
      Image: expect.stringMatching(/^ghcr\.io\/osscontainertools\/kaniko:v\d+\.\d+\.\d+-alpine$/), PrivilegedMode: false, Type: 'LINUX_CONTAINER',
    });
    expect(buildSpec).not.toHaveProperty('env'); // the shell that CodeBuild has by default is the one that the image has
    expect(buildSpec.phases.install.commands).toEqual([...builder._bound.prepare!, expect.stringMatching(/^command -v node >/)]);
    expect(buildSpec.phases.build).toEqual(new TestPipeline({ env: PIPELINE_ENV }).synthesizeStep().buildSpec.phases.build);
  });

  test('has an ARM machine for an ARM image', () => {
    const { project } = pipeline.synthesizeStep({ builder, images: [pipeline.image('Image', { platform: assets.Platform.LINUX_ARM64 })] });
    expect(project.Environment).toMatchObject({ Image: expect.stringContaining('/kaniko:v'), Type: 'ARM_CONTAINER', PrivilegedMode: false });
  });

  test('runs in an image of one\'s own, if there is one', () => {
    const buildImage = codebuild.LinuxBuildImage.fromEcrRepository(ecr.Repository.fromRepositoryName(pipeline.stack, 'Tools', 'tools'), 'kaniko');
    const { project } = pipeline.synthesizeStep({ builder, buildImage });
    expect(JSON.stringify(project.Environment.Image)).toContain('/tools:kaniko');
    expect(project.Environment.PrivilegedMode).toBe(false);
  });

  test.each([codebuild.LinuxBuildImage.STANDARD_7_0, codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0])('fails in an image of CodeBuild, which has no kaniko', (buildImage) => {
    expect(() => pipeline.step({ builder, buildImage })).toThrow(
      `'BuildImage': buildImage must be made from kaniko's image, see docs/kaniko.md, got ${buildImage.imageId}; leave it out for ghcr.io/osscontainertools/kaniko:v`);
  });

  test('gets base images from mirrors', () => {
    const { settings } = pipeline.synthesizeStep({
      builder: DockerBuilder.kaniko({ mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' })], fallbackToUpstream: false }),
    });
    expect(settings.builder).toEqual({ kind: 'kaniko', mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }], mirrorsRequired: true });
  });

  test.each(['quay.io', 'localhost'])('fails for mirrors that kaniko would pass by, below %s', (first) => {
    expect(() => DockerBuilder.kaniko({ mirrors: [RegistryMirror.of({ upstream: 'quay.io', endpoint: `mirror.example.com/${first}/all` })] })).toThrow(
      `DockerBuilder.kaniko(): the mirror mirror.example.com/${first}/all of quay.io has a path that begins with "${first}", which kaniko would take for a registry and pull from instead; use a path that begins without a dot`);
    expect(() => DockerBuilder.kaniko({ mirrors: [RegistryMirror.of({ upstream: 'quay.io', endpoint: `mirror.example.com/all/${first}` })] })).not.toThrow();
  });

  test('fails for a pull-through cache that kaniko would pass by', () => {
    const cache = PullThroughCache.fromPullThroughCacheAttributes(pipeline.stack, 'Hub', { upstream: UpstreamRegistry.dockerHub(), repositoryPrefix: 'docker.io' });
    expect(() => DockerBuilder.kaniko({ mirrors: [cache.mirror] })).toThrow(/has a path that begins with "docker\.io", which kaniko would take for a registry/);
  });
});

describe('what prepares the build image', () => {
  const [install, hide] = DockerBuilder.kaniko()._bound.prepare!;

  /** A machine that has these programs and nothing else, and whose apk says what it is asked. */
  function machine(programs: string[], apk = 'exit 0'): { status: number | null; stdout: string; stderr: string } {
    const bin = temporaryDirectory();
    const write = (name: string, body: string) => fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    programs.forEach((name) => write(name, 'exit 0'));
    write('apk', `echo "apk $*"\n${apk}`);
    return spawnSync('/bin/sh', ['-c', install], { env: { PATH: bin }, encoding: 'utf-8' });
  }

  const ALL = ['node', 'docker-credential-ecr-login'];

  test('leaves one with all tools as it is', () => {
    expect(machine(ALL)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(machine(['node', 'aws'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  test.each(ALL)('installs them where there is no %s', (missing) => {
    expect(machine(ALL.filter((name) => name !== missing)))
      .toMatchObject({ status: 0, stdout: 'apk add --no-cache docker-credential-ecr-login nodejs\n', stderr: '' });
  });

  test('fails where they cannot be installed, and says what to do', () => {
    expect(machine([], 'exit 1')).toMatchObject({
      status: 1,
      stderr: "ERROR: the build image lacks tools, and 'apk add docker-credential-ecr-login nodejs' could not get them:"
        + ' give the step a buildImage that has them, see docs/kaniko.md\n',
    });
  });

  test('keeps what the runner writes out of the reach of COPY --from', () => {
    expect(hide).toBe('mkdir -p /kaniko/build && export TMPDIR=/kaniko/build');
  });
});

describe('the layer cache', () => {
  test('is in a repository of its own by default, one for each step', () => {
    const image = pipeline.image();
    const { settings, template, statements } = pipeline.synthesizeStep({ builder, images: [image] });
    pipeline.step({ builder, images: [image] });
    const repositories = template.findResources('AWS::ECR::Repository');
    const [cache] = Object.entries(repositories).filter(([id]) => id.includes('KanikoCache'));
    expect(Object.keys(repositories)).toHaveLength(2);
    expect(cache[1].Properties.ImageTagMutability).toBe('MUTABLE');
    expect(settings.layerCache).toMatchObject({ kind: 'registry', repository: expect.stringContaining(`\${${cache[0]}}`) });
    expect(JSON.stringify(statements)).toContain(cache[0]);
  });

  test('can be one of several images', () => {
    const cache = LayerCache.registry({ repository: new CacheRepository(pipeline.stack, 'Cache') });
    for (const id of ['One', 'Two']) {
      expect(() => pipeline.step({ builder, layerCache: cache, images: [pipeline.image(id)] })).not.toThrow();
    }
  });

  test('can be none', () => {
    const { settings, template } = pipeline.synthesizeStep({ builder, layerCache: LayerCache.none() });
    expect(settings.layerCache).toEqual({ kind: 'none' });
    template.resourceCountIs('AWS::ECR::Repository', 1);
  });

  test('may be required', () => {
    const repository = new CacheRepository(pipeline.stack, 'Cache');
    const { settings } = pipeline.synthesizeStep({ builder, layerCache: LayerCache.registry({ repository, ignoreErrors: false }) });
    expect(settings.layerCache.required).toBe(true);
  });

  const REMEDY = 'give LayerCache.registry() a CacheRepository, or leave the cache out for a new one';

  test('cannot be in the repository of the image', () => {
    const image = pipeline.image();
    for (const cache of [LayerCache.registry(), LayerCache.registry({ repository: image.repository })]) {
      expect(() => pipeline.step({ builder, images: [image], layerCache: cache })).toThrow(
        `'BuildImage': DockerBuilder.kaniko() keeps each layer under a tag of its own, too many for the repository of the image; ${REMEDY}`);
    }
  });

  test('cannot have tags that are immutable', () => {
    const cache = LayerCache.registry({ repository: new ImageRepository(pipeline.stack, 'Cache') });
    expect(() => pipeline.step({ builder, layerCache: cache })).toThrow(/^'BuildImage': DockerBuilder\.kaniko\(\) overwrites layers, and the tags of repository '.*cache.*' are immutable; give LayerCache\.registry\(\) a CacheRepository/);
  });

  test.each<[string, RegistryCacheOptions]>([
    ['scope', { scope: 'main' }],
    ['fallbackScopes', { fallbackScopes: ['main'] }],
    ['mode', { mode: CacheMode.MAX }],
    ['compression', { compression: CacheCompression.ZSTD }],
    ['compression, mode', { mode: CacheMode.MIN, compression: CacheCompression.GZIP }],
  ])('has no use for %s', (options, given) => {
    const cache = LayerCache.registry({ repository: new CacheRepository(pipeline.stack, 'Cache'), ...given });
    expect(() => pipeline.step({ builder, layerCache: cache })).toThrow(
      "'BuildImage': DockerBuilder.kaniko() finds each layer by what it was made from, whoever made it, and compresses it with gzip,"
      + ` so ${options} of LayerCache.registry() would have no effect; leave that out, or use DockerBuilder.buildkit()`);
  });
});

describe('a Dockerfile that asks for what kaniko cannot do', () => {
  test.each([
    ['RUN --mount=type=secret,id=token,required=false cat /run/secrets/token', 'RUN --mount=type=secret',
      'kaniko runs all steps in one container, where a secret is a file that each of them can read, whether it mounts the secret or not'],
    ['RUN --mount=id=token,type=secret,required=false x', 'RUN --mount=type=secret', 'kaniko runs all steps in one container'],
    ['RUN --mount=type=ssh,required=false git clone x', 'RUN --mount=type=ssh', 'kaniko has no SSH agent for a step, and passes over the mount'],
    ['RUN --mount=type=tmpfs,target=/x y', 'RUN --mount=type=tmpfs', 'kaniko passes over the mount, so what the step leaves there would be in the image'],
    ['RUN --mount=type=bind,from=busybox,target=/x y', 'RUN --mount with another stage or image', 'kaniko leaves that mount out'],
    ['RUN --mount=from=base,target=/x y', 'RUN --mount with another stage or image', 'kaniko leaves that mount out'],
    ['RUN --mount=TYPE=Secret,id=token,required=false x', 'RUN --mount=type=secret', 'kaniko runs all steps in one container'],
    ['RUN --mount=type=cache,from=base,target=/x y', 'RUN --mount with another stage or image', 'kaniko gives it an empty cache'],
    ['RUN --mount=type=bind,source=x,target=x y', 'RUN --mount with a relative target', 'kaniko takes it from / and not from the WORKDIR'],
    ['RUN --mount=type=cache,target=.cache y', 'RUN --mount with a relative target', 'kaniko takes it from / and not from the WORKDIR'],
    ['RUN <<EOF\nx=1\necho $x\nEOF', 'RUN of nothing but a here-document', 'its shell would expand it before sh gets it'],
    ['RUN <<-"EOF"\n\techo\nEOF', 'RUN of nothing but a here-document', 'its shell would expand it before sh gets it'],
    ['ADD --chown=7:8 x.tar.gz /x', 'ADD --chown of an archive', 'it leaves the files to the owners in the archive'],
    ['RUN --network=none x', 'RUN --network', 'it passes over that flag'],
    ['RUN --security=insecure x', 'RUN --security', 'it passes over that flag'],
    ['COPY --parents a/b /x', 'COPY --parents', 'it passes over that flag'],
    ['COPY --exclude=*.md . /x', 'COPY --exclude', 'it passes over that flag'],
    ['ADD --checksum=sha256:1 https://example.com/x /x', 'ADD --checksum', 'it passes over that flag'],
    ['ADD https://example.com/team/repository.git#main /x', 'ADD of a Git repository', 'it would download a page instead'],
    ['ADD git@example.com:team/repository.git /x', 'ADD of a Git repository', 'it would download a page instead'],
    ['COPY --from=base / /x', 'COPY of all files of another stage', 'it would take those of the build with them, since all are in one container'],
    ['COPY --from=base /* /x', 'COPY of all files of another stage', 'it would take those of the build with them'],
    ['COPY --from=0 . /x', 'COPY of all files of another stage', 'it would take those of the build with them'],
  ])('fails for %j', (instruction, what, why) => {
    expect(stepOf(`FROM busybox AS base\nFROM busybox\n${instruction}\n`)).toThrow(
      `'BuildImage': DockerBuilder.kaniko() cannot do ${what} in line 3 of the Dockerfile of 'PipelineStack/Image': ${why}`);
    pipeline = new TestPipeline({ env: PIPELINE_ENV });
    expect(stepOf(`FROM busybox AS base\nFROM busybox\n${instruction}\n`)).toThrow(/; use DockerBuilder\.buildkit\(\) for this image$/);
  });

  test.each([
    'RUN --mount=type=cache,target=/x y',
    'RUN --mount=type=bind,source=x,target=/x y',
    'RUN sh <<\'EOF\'\necho --mount=type=secret\nEOF',
    'RUN --mount=type=cache,target=$HOME/.cache x',
    'ADD --chown=7:8 https://example.com/x.tar.gz /x',
    'COPY --from=busybox / /x',
    'COPY --chown=1 --chmod=755 . /',
    'COPY --from=base /x /',
    'ADD https://example.com/x.tar.gz /x',
  ])('does not for %j', (instruction) => {
    expect(stepOf(`FROM busybox AS base\nFROM busybox\n${instruction}\n`)).not.toThrow();
  });

  test('does not for a stage behind the target', () => {
    expect(stepOf('FROM busybox AS final\nFROM final AS private\nRUN --mount=type=secret,id=x y\n', 'final')).not.toThrow();
  });

  test('fails for another frontend', () => {
    expect(stepOf('# syntax=example/frontend\nanything\n')).toThrow(
      "'BuildImage': the Dockerfile of 'PipelineStack/Image' is for another frontend, or written in a way that is not understood here, and DockerBuilder.kaniko() has no frontends; use DockerBuilder.buildkit() for this image");
  });

  test('fails for a target without a name', () => {
    expect(stepOf('FROM busybox\nFROM busybox\n', '0')).toThrow(
      "'BuildImage': DockerBuilder.kaniko() finds a target by its name only, got \"0\"; give that stage of 'PipelineStack/Image' a name, with FROM ... AS <name>");
  });

  test.each([
    ['FROM --platform=linux/arm64 busybox\n', 'passes over FROM --platform=linux/arm64'],
    ['ARG SUFFIX=-slim\nFROM python:3${SUFFIX}\n', 'takes the default of SUFFIX in FROM python:3${SUFFIX}'],
    ['FROM busybox AS base\nCMD ["x"]\nFROM base\nENTRYPOINT ["y"]\n', "may keep the CMD of the stage 'base' of the Dockerfile of 'PipelineStack/Image' after the ENTRYPOINT of the next one"],
  ])('fails for %j', (dockerfile, message) => {
    const image = pipeline.image('Image', { context: context(dockerfile), buildArgs: { SUFFIX: '' } });
    expect(() => pipeline.step({ builder, images: [image] })).toThrow(`'BuildImage': DockerBuilder.kaniko() ${message}`);
  });

  test.each([
    'FROM --platform=linux/amd64 busybox\n',
    'FROM --platform=$BUILDPLATFORM busybox\n',
    'FROM busybox AS base\nCMD ["x"]\nFROM base\nENTRYPOINT ["y"]\nCMD []\n',
  ])('does not fail for %j', (dockerfile) => {
    expect(stepOf(dockerfile)).not.toThrow();
  });

  test('is warned about volumes that later steps may fill', () => {
    const image = pipeline.image('Image', { context: context('FROM busybox\nVOLUME /a\nRUN x\nVOLUME /b\n') });
    pipeline.synthesizeStep({ builder, images: [image] });
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:kanikoVolume']);
  });

  test('is warned about downloads, which the layer cache keeps', () => {
    const image = pipeline.image('Image', { context: context('FROM busybox\nADD https://example.com/x.tar.gz /x\n') });
    pipeline.synthesizeStep({ builder, images: [image] });
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:kanikoDownload']);
  });

  test('is warned about linked copies', () => {
    const image = pipeline.image('Image', { context: context('FROM busybox\nCOPY --link a /a\nCOPY --link=false a /b\n') });
    pipeline.synthesizeStep({ builder, images: [image] });
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:kanikoLink']);
  });

  test('is known in the build only when it lies in a source', () => {
    const image = pipeline.image('Image', { context: DockerContext.pipelineSource(pipeline.source) });
    expect(() => pipeline.step({ builder, images: [image] })).not.toThrow();
  });
});
