import { Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { PermissionCase } from './permission-case';
import {
  BuildSecret, CacheRepository, DockerBuilder, LayerCache, PullThroughCache, RegistryLogin, RegistryMirror, UpstreamRegistry,
} from '../../../../lib';

/** The account that a stage, a mirror or a base image is in. */
export const other = { account: '222222222222', region: 'us-east-1' };

/** The key that secrets and a bucket of the cases are encrypted with. */
export const key = 'arn:aws:kms:eu-west-1:111111111111:key/00000000-0000-0000-0000-000000000001';

const cacheRepository = (stack: Stack, folder: string) => new CacheRepository(stack, 'Layers', { repositoryName: `${folder}/layers` });
const importedKey = (stack: Stack) => kms.Key.fromKeyArn(stack, 'Key', key);
const mainLayers = (stack: Stack) => ecr.Repository.fromRepositoryName(stack, 'MainLayers', 'main/layers');
const secret = (stack: Stack, name: string) => secretsmanager.Secret.fromSecretNameV2(stack, `Secret-${name}`, name);
const encryptedSecret = (stack: Stack, name: string) => secretsmanager.Secret.fromSecretAttributes(stack, `Secret-${name}`, {
  secretPartialArn: `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}`, encryptionKey: importedKey(stack),
});

/** A step that uses nothing of what the others do. */
export const plain: PermissionCase = { name: '`LayerCache.none()`', step: () => ({ layerCache: LayerCache.none() }) };

/** All that adds a permission, or might. Each is played with all others as they are in `plain`, or by default. */
export const permissionCases: readonly PermissionCase[] = [
  plain,
  { name: '`LayerCache.registry()`' },
  { name: '`LayerCache.registry({ repository })`', step: (stack, folder) => ({ layerCache: LayerCache.registry({ repository: cacheRepository(stack, folder) }) }) },
  {
    name: '`LayerCache.registry({ repository, scope, fallbackScopes, fallbackRepository })`',
    step: (stack, folder) => ({
      layerCache: LayerCache.registry({
        repository: cacheRepository(stack, folder),
        scope: 'branch',
        fallbackScopes: ['main'],
        fallbackRepository: mainLayers(stack),
      }),
    }),
    earlier: (stack) => ({ layerCache: LayerCache.registry({ repository: mainLayers(stack), scope: 'main' }) }),
  },
  { name: '`LayerCache.registry()`, and a stage of another account uses the image', consumer: other.account },
  { name: '`LayerCache.inline({ stages })`', step: () => ({ layerCache: LayerCache.inline({ stages: ['builder'] }) }) },
  { name: '`LayerCache.s3(bucket)`', breaksOffUploads: true, step: (stack) => ({ layerCache: LayerCache.s3(s3.Bucket.fromBucketName(stack, 'Bucket', 'layers')) }) },
  {
    name: '`LayerCache.s3(bucket)`, with a key',
    breaksOffUploads: true,
    step: (stack) => ({
      layerCache: LayerCache.s3(s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'encrypted-layers', encryptionKey: importedKey(stack) })),
    }),
  },
  { name: '`DockerBuilder.dockerEngine()`', machine: 'engine', step: () => ({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.none() }) },
  {
    name: '`DockerBuilder.dockerEngine()`, `LayerCache.inline()`',
    machine: 'engine',
    step: () => ({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.inline() }),
  },
  {
    name: '`DockerBuilder.dockerEngine()`, `LayerCache.codeBuildLocal()`',
    machine: 'engine',
    step: () => ({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.codeBuildLocal() }),
  },
  { name: '`DockerBuilder.dockerServer()`', machine: 'server', step: () => ({ builder: DockerBuilder.dockerServer() }) },
  {
    name: '`DockerBuilder.remote()`',
    machine: 'remote',
    step: (stack) => ({
      builder: DockerBuilder.remote({ endpoints: ['tcp://buildkit.internal:1234'], certificates: secret(stack, 'certificates') }), layerCache: LayerCache.none(),
    }),
  },
  { name: '`DockerBuilder.kaniko()`', machine: 'kaniko', step: () => ({ builder: DockerBuilder.kaniko() }) },
  { name: '`DockerBuilder.kaniko()`, `LayerCache.none()`', machine: 'kaniko', step: () => ({ builder: DockerBuilder.kaniko(), layerCache: LayerCache.none() }) },
  {
    name: 'the mirror of a `PullThroughCache`',
    base: 'public.ecr.aws/docker/library/busybox:stable',
    step: (stack) => ({
      builder: DockerBuilder.buildkit({
        mirrors: [PullThroughCache.fromPullThroughCacheAttributes(stack, 'Cache', { upstream: UpstreamRegistry.ecrPublic() }).mirror], fallbackToUpstream: false,
      }),
      layerCache: LayerCache.none(),
    }),
  },
  {
    name: '`RegistryMirror.of()`, in Amazon ECR',
    step: () => ({
      builder: DockerBuilder.buildkit({
        mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: `${other.account}.dkr.ecr.${other.region}.amazonaws.com/hub` })], fallbackToUpstream: false,
      }),
      layerCache: LayerCache.none(),
    }),
  },
  {
    name: '`RegistryMirror.of({ credentials })`',
    step: (stack) => ({
      builder: DockerBuilder.buildkit({
        mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.test/hub', credentials: secret(stack, 'mirror-login') })], fallbackToUpstream: false,
      }),
      layerCache: LayerCache.none(),
    }),
  },
  {
    name: '`RegistryLogin.ecr()`',
    base: `${other.account}.dkr.ecr.${other.region}.amazonaws.com/hub/library/busybox:stable`,
    step: (stack) => ({
      registryLogins: [RegistryLogin.ecr(ecr.Repository.fromRepositoryArn(stack, 'Base', `arn:aws:ecr:${other.region}:${other.account}:repository/hub/library/busybox`))],
      layerCache: LayerCache.none(),
    }),
  },
  {
    name: '`RegistryLogin.secret()`',
    base: 'mirror.example.test/hub/library/busybox:stable',
    step: (stack) => ({ registryLogins: [RegistryLogin.secret('mirror.example.test', secret(stack, 'mirror-login'))], layerCache: LayerCache.none() }),
  },
  { name: '`RegistryLogin.dockerHub()`', step: (stack) => ({ registryLogins: [RegistryLogin.dockerHub(encryptedSecret(stack, 'hub'))], layerCache: LayerCache.none() }) },
  { name: '`additionalTags`', step: () => ({ additionalTags: ['latest', 'branch-main'], layerCache: LayerCache.none() }) },
  {
    name: '`buildSecrets` of AWS Secrets Manager, with a key',
    mounts: '--mount=type=secret,id=token',
    step: () => ({ layerCache: LayerCache.none() }),
    image: (stack) => ({ buildSecrets: { token: BuildSecret.secretsManager(encryptedSecret(stack, 'token')) } }),
  },
  {
    name: '`buildSecrets` of AWS Systems Manager, with a key',
    mounts: '--mount=type=secret,id=token',
    step: () => ({ layerCache: LayerCache.none() }),
    image: (stack) => ({
      buildSecrets: {
        token: BuildSecret.ssmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/team/token', encryptionKey: importedKey(stack) })),
      },
    }),
  },
  {
    name: '`buildSshKey`',
    mounts: '--mount=type=ssh',
    step: () => ({ layerCache: LayerCache.none() }),
    image: (stack) => ({ buildSshKey: BuildSecret.secretsManager(secret(stack, 'deploy-key')) }),
  },
];
