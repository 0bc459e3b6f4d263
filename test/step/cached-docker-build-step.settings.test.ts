import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import {
  BuildMetrics, CacheCompression, CachedDockerBuildStepProps, CacheMode, CacheRepository, DockerBuilder, LayerCache, PullThroughCache, RegistryLogin,
  RegistryMirror, UpstreamRegistry,
} from '../../lib';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

type Case = [string, (test: TestPipeline) => Partial<CachedDockerBuildStepProps>, object];

const BASE_ARN = 'arn:aws:ecr:us-east-1:222222222222:repository/base';
const BUILDKIT_IMAGE = expect.stringMatching(/^moby\/buildkit:v\d+\.\d+\.\d+@sha256:/);
const MIRRORS = [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' })];
const MIRROR_SETTINGS = { mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }], mirrorsRequired: true };

function settingsOf(props: Case[1]): any {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  return test.synthesizeStep({ metrics: BuildMetrics.NONE, ...props(test) }).settings;
}

const secretOf = (test: TestPipeline, id: string) => secretsmanager.Secret.fromSecretNameV2(test.stack, id, id.toLowerCase());

describe('the settings of a builder', () => {
  test.each<Case>([
    ['DockerBuilder.buildkit()', () => ({ builder: DockerBuilder.buildkit() }), { kind: 'buildkit', buildkitImage: BUILDKIT_IMAGE }],
    ['DockerBuilder.buildkit() with everything', () => ({
      builder: DockerBuilder.buildkit({ buildkitImage: 'mirror/buildkit:1', maxParallelism: 3, config: 'debug = true # "all"\n', mirrors: MIRRORS, fallbackToUpstream: false }),
    }), { kind: 'buildkit', buildkitImage: 'mirror/buildkit:1', maxParallelism: 3, config: 'debug = true # "all"\n', ...MIRROR_SETTINGS }],
    ['DockerBuilder.dockerEngine()', () => ({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.none() }), { kind: 'dockerEngine' }],
    ['DockerBuilder.dockerEngine() with mirrors', () => ({
      builder: DockerBuilder.dockerEngine({ mirrors: MIRRORS, fallbackToUpstream: false }), layerCache: LayerCache.none(),
    }), { kind: 'dockerEngine', ...MIRROR_SETTINGS }],
    ['DockerBuilder.dockerServer()', () => ({ builder: DockerBuilder.dockerServer() }), { kind: 'dockerServer' }],
    ['DockerBuilder.dockerServer() with mirrors', () => ({
      builder: DockerBuilder.dockerServer({ mirrors: MIRRORS, fallbackToUpstream: false }),
    }), { kind: 'dockerServer', ...MIRROR_SETTINGS }],
    ['DockerBuilder.remote()', (test) => ({
      builder: DockerBuilder.remote({ endpoints: ['tcp://a:1', 'tcp://b:2'], certificates: secretOf(test, 'Certificates') }),
    }), { kind: 'remote', endpoints: ['tcp://a:1', 'tcp://b:2'] }],
    ['DockerBuilder.remote() with everything', (test) => ({
      builder: DockerBuilder.remote({ endpoints: ['tcp://a:1'], certificates: secretOf(test, 'Certificates'), serverName: 'buildkit', mirrors: MIRRORS, fallbackToUpstream: false }),
    }), { kind: 'remote', endpoints: ['tcp://a:1'], serverName: 'buildkit', ...MIRROR_SETTINGS }],
    ['DockerBuilder.kaniko()', () => ({ builder: DockerBuilder.kaniko() }), { kind: 'kaniko' }],
    ['DockerBuilder.kaniko() with mirrors', () => ({ builder: DockerBuilder.kaniko({ mirrors: MIRRORS, fallbackToUpstream: false }) }), { kind: 'kaniko', ...MIRROR_SETTINGS }],
  ])('are these: %s', (_, props, builder) => {
    const { layerCache, ...others } = settingsOf(props);
    expect(others).toEqual({ version: PLAN_VERSION, builder });
  });
});

describe('the settings of a layer cache', () => {
  const everything = { scope: 'feature/a', fallbackScopes: ['next', 'main'], mode: CacheMode.MIN, ignoreErrors: false };
  const EVERYTHING = { mode: 'min', scope: 'feature/a', fallbackScopes: ['next', 'main'], required: true };
  const bucketOf = (test: TestPipeline) => s3.Bucket.fromBucketName(test.stack, 'Bucket', 'layers');
  const BUCKET = { kind: 's3', bucket: 'layers', region: 'eu-west-1' };

  test.each<Case>([
    ['LayerCache.registry()', () => ({}), { kind: 'registry', mode: 'max', compression: 'zstd' }],
    ['LayerCache.registry() with everything', (test) => ({
      layerCache: LayerCache.registry({ ...everything, compression: CacheCompression.GZIP, repository: new CacheRepository(test.stack, 'Layers', { repositoryName: 'layers' }) }),
    }), { kind: 'registry', repository: expect.stringMatching(/\.dkr\.ecr\..*\.\$\{AWS::URLSuffix\}\/\$\{Layers\w+\}$/), compression: 'gzip', ...EVERYTHING }],
    ['LayerCache.s3()', (test) => ({ layerCache: LayerCache.s3(bucketOf(test)) }), { ...BUCKET, prefix: 'docker-layers/', mode: 'max' }],
    ['LayerCache.s3() with everything', (test) => ({ layerCache: LayerCache.s3(bucketOf(test), { ...everything, prefix: 'team/' }) }), { ...BUCKET, prefix: 'team/', ...EVERYTHING }],
    ['LayerCache.inline()', () => ({ layerCache: LayerCache.inline() }), { kind: 'inline', tags: ['latest'], stages: [] }],
    ['LayerCache.inline() with everything', () => ({
      layerCache: LayerCache.inline({ fromTags: ['latest', 'main'], stages: ['deps', 'test'] }),
    }), { kind: 'inline', tags: ['latest', 'main'], stages: ['deps', 'test'] }],
    ['LayerCache.codeBuildLocal()', () => ({ layerCache: LayerCache.codeBuildLocal(), builder: DockerBuilder.dockerEngine() }), { kind: 'engine' }],
    ['LayerCache.none()', () => ({ layerCache: LayerCache.none() }), { kind: 'none' }],
  ])('are these: %s', (_, props, layerCache) => {
    const { builder, ...others } = settingsOf(props);
    expect(others).toEqual({ version: PLAN_VERSION, layerCache });
  });
});

test('the settings of a step with everything are these', () => {
  expect(settingsOf((test) => ({
    additionalTags: ['latest'],
    maxConcurrentBuilds: 2,
    metrics: BuildMetrics.STEP_AND_IMAGES,
    builder: DockerBuilder.buildkit({ mirrors: [new PullThroughCache(test.stack, 'Quay', { upstream: UpstreamRegistry.quay() }).mirror] }),
    registryLogins: [RegistryLogin.secret('ghcr.io', secretOf(test, 'GitHub')), RegistryLogin.ecr(ecr.Repository.fromRepositoryArn(test.stack, 'Base', BASE_ARN))],
  }))).toEqual({
    version: PLAN_VERSION,
    layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' },
    builder: {
      kind: 'buildkit',
      buildkitImage: BUILDKIT_IMAGE,
      mirrors: [{ upstream: 'quay.io', endpoint: '111111111111.dkr.ecr.eu-west-1.${AWS::URLSuffix}/quay' }],
    },
    additionalTags: ['latest'],
    ecrHosts: ['111111111111.dkr.ecr.eu-west-1.${AWS::URLSuffix}', '222222222222.dkr.ecr.us-east-1.${AWS::URLSuffix}'],
    logins: [{ host: 'ghcr.io', usernameVariable: 'REGISTRY_USERNAME_0', passwordVariable: 'REGISTRY_PASSWORD_0' }],
    maxConcurrentBuilds: 2,
    metrics: { pipeline: 'PipelineStack/Pipeline', step: 'BuildImage', ofImages: true },
  });
});

test('options that say what is the default anyway change nothing', () => {
  const { environment } = new TestPipeline().synthesizeStep({
    additionalTags: [],
    registryLogins: [],
    metrics: BuildMetrics.STEP,
    builder: DockerBuilder.buildkit({ mirrors: [], fallbackToUpstream: true }),
    layerCache: LayerCache.registry({ fallbackScopes: [], ignoreErrors: true, mode: CacheMode.MAX, compression: CacheCompression.ZSTD }),
  });
  expect(environment).toEqual(new TestPipeline().synthesizeStep().environment);
});

test('settings without tokens are plain text in the template', () => {
  const { environment } = new TestPipeline().synthesizeStep();
  expect(typeof environment.CACHED_DOCKER_BUILD_SETTINGS).toBe('string');
});

describe('pipeline variables', () => {
  test.each<[string, (test: TestPipeline, variable: string) => LayerCache]>([
    ['LayerCache.registry()', (_, scope) => LayerCache.registry({ scope, fallbackScopes: ['main', `base-${scope}`] })],
    ['LayerCache.s3()', ({ stack }, scope) => LayerCache.s3(s3.Bucket.fromBucketName(stack, 'Bucket', 'layers'), { scope, fallbackScopes: ['main', `base-${scope}`] })],
  ])('as scopes of %s and as tags have variables of their own, which the action gives, and nothing of them is in the project', (_, cache) => {
    const test = new TestPipeline();
    const { settings, project, environment, actionEnvironment } = test.synthesizeStep({
      layerCache: cache(test, test.source.sourceAttribute('BranchName')),
      additionalTags: ['latest', test.source.sourceAttribute('CommitId')],
    });
    expect(settings.layerCache).toMatchObject({
      scope: { variable: 'CACHED_DOCKER_BUILD_CACHE_SCOPE' },
      fallbackScopes: ['main', { variable: 'CACHED_DOCKER_BUILD_CACHE_FALLBACK_SCOPE_1' }],
    });
    expect(settings.additionalTags).toEqual(['latest', { variable: 'CACHED_DOCKER_BUILD_ADDITIONAL_TAG_1' }]);
    expect(actionEnvironment).toEqual({
      CACHED_DOCKER_BUILD_CACHE_SCOPE: expect.stringMatching(/^#\{Source@\w+\.BranchName\}$/),
      CACHED_DOCKER_BUILD_CACHE_FALLBACK_SCOPE_1: expect.stringMatching(/^base-#\{Source@\w+\.BranchName\}$/),
      CACHED_DOCKER_BUILD_ADDITIONAL_TAG_1: expect.stringMatching(/^#\{Source@\w+\.CommitId\}$/),
    });
    expect(Object.keys(environment)).toEqual(['CACHED_DOCKER_BUILD_SETTINGS']);
    expect(JSON.stringify(project)).not.toMatch(/#\{|BranchName|CommitId/);
  });
});
