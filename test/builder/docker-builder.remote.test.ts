import { Lazy } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, LayerCache, RegistryMirror, RemoteBuilderOptions } from '../../lib';
import { TestPipeline } from '../testhelpers/test-pipeline';

const ENDPOINTS = ['tcp://buildkit-0.internal:1234', 'tcp://10.0.0.7:1234'];
const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:buildkit-AbCdEf';

let pipeline: TestPipeline;

beforeEach(() => {
  pipeline = new TestPipeline();
});

function remote(options: Partial<RemoteBuilderOptions> = {}): DockerBuilder {
  const certificates = pipeline.stack.node.tryFindChild('Certificates') as secretsmanager.ISecret | undefined
    ?? secretsmanager.Secret.fromSecretCompleteArn(pipeline.stack, 'Certificates', SECRET_ARN);
  return DockerBuilder.remote({ endpoints: ENDPOINTS, certificates, ...options });
}

test('needs no privileged mode', () => {
  const { project, buildSpec } = pipeline.synthesizeStep({ builder: remote() });
  expect(project.Environment.PrivilegedMode).toBe(false);
  expect(buildSpec).toEqual(new TestPipeline().synthesizeStep().buildSpec);
});

test('hands the build the addresses, and where the certificates are', () => {
  const { project, settings } = pipeline.synthesizeStep({ builder: remote({ serverName: 'buildkit.example.internal' }) });
  expect(settings.builder).toEqual({
    kind: 'remote',
    endpoints: ['tcp://buildkit-0.internal:1234', 'tcp://10.0.0.7:1234'],
    serverName: 'buildkit.example.internal',
  });
  expect(project.Environment.EnvironmentVariables.filter(({ Type }: any) => Type === 'SECRETS_MANAGER')).toEqual([
    { Name: 'BUILDKIT_CA', Type: 'SECRETS_MANAGER', Value: `${SECRET_ARN}:ca` },
    { Name: 'BUILDKIT_CERT', Type: 'SECRETS_MANAGER', Value: `${SECRET_ARN}:cert` },
    { Name: 'BUILDKIT_KEY', Type: 'SECRETS_MANAGER', Value: `${SECRET_ARN}:key` },
  ]);
});

test('takes fields with other names', () => {
  const { environment } = pipeline.synthesizeStep({ builder: remote({ caField: 'ca.pem', certField: 'cert.pem', keyField: 'key.pem' }) });
  expect([environment.BUILDKIT_CA, environment.BUILDKIT_CERT, environment.BUILDKIT_KEY]).toEqual(['ca.pem', 'cert.pem', 'key.pem'].map((field) => `${SECRET_ARN}:${field}`));
});

test('lets the build read this secret and no other', () => {
  const { statements } = pipeline.synthesizeStep({ builder: remote() });
  expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('secretsmanager:'))).toEqual([
    { Action: 'secretsmanager:GetSecretValue', Effect: 'Allow', Resource: `${SECRET_ARN}*` }, // as the CDK grants it
  ]);
});

test('lets the build decrypt the secret with its own key', () => {
  const certificates = new secretsmanager.Secret(pipeline.stack, 'Certificates', { encryptionKey: new kms.Key(pipeline.stack, 'Key') });
  const { statements } = pipeline.synthesizeStep({ builder: remote({ certificates }) });
  expect(statements).toContainEqual(expect.objectContaining({ Action: 'kms:Decrypt', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } }));
});

test('takes the host of a daemon that is known at deployment only', () => {
  const endpoint = `tcp://${Lazy.string({ produce: () => ({ Ref: 'Host' }) as any })}:1234`;
  expect(pipeline.synthesizeStep({ builder: remote({ endpoints: [endpoint] }) }).settings.builder.endpoints)
    .toEqual(['tcp://${Host}:1234']);
});

test.each(['tcp://[fd00::1]:1234', 'tcp://buildkit:1', 'tcp://a.b-c.D9:65535'])('takes the address %s', (endpoint) => {
  expect(pipeline.synthesizeStep({ builder: remote({ endpoints: [endpoint] }) }).settings.builder.endpoints).toEqual([endpoint]);
});

test.each([
  '', 'buildkit-0.internal:1234', 'tcp://buildkit-0.internal', 'https://buildkit-0.internal:1234', 'unix:///run/buildkitd.sock', 'tcp://-x:1', 'tcp://a b:1',
  'tcp://a:1 tcp://b:1', 'tcp://a:1/', 'tcp://a:port', 'tcp://a:0', 'tcp://a:65536', 'tcp://a:99999', 'tcp://a:1\n', 'tcp://$(id):1', 'tcp://#{Source.Host}:1', 'tcp://:1234',
])('fails for the address %j', (endpoint) => {
  expect(() => remote({ endpoints: [ENDPOINTS[0], endpoint] })).toThrow(
    `DockerBuilder.remote(): endpoints must be tcp://<host>:<port>, got ${JSON.stringify(endpoint)}; for example 'tcp://buildkit-0.example.internal:1234'`);
});

test('fails for an address of which nothing is known at synthesis', () => {
  expect(() => remote({ endpoints: [Lazy.string({ produce: () => ENDPOINTS[0] })] })).toThrow(/^DockerBuilder\.remote\(\): endpoints must be tcp:\/\/<host>:<port>, got /);
});

test('fails without a daemon', () => {
  expect(() => remote({ endpoints: [] })).toThrow(
    "DockerBuilder.remote(): endpoints is empty; give the address of each BuildKit daemon, for example 'tcp://buildkit-0.example.internal:1234'");
});

test('fails for a daemon that is named twice', () => {
  expect(() => remote({ endpoints: [...ENDPOINTS, ENDPOINTS[0]] })).toThrow(
    'DockerBuilder.remote(): endpoints has tcp://buildkit-0.internal:1234 twice; name each daemon once');
});

test.each(['', 'a b', 'a,b', '-a', 'https://a', Lazy.string({ produce: () => 'late' }), '#{Source.Name}'])('fails for the server name %j', (serverName) => {
  expect(() => remote({ serverName })).toThrow(
    `DockerBuilder.remote(): serverName must be the name of a host, known at synthesis, got ${JSON.stringify(serverName)}; for example 'buildkit.example.internal'`);
});

test.each([['caField', 'ca'], ['certField', 'cert'], ['keyField', 'key']])('fails for a %s that cannot be one', (option, example) => {
  for (const field of ['', 'a:b', 'a b', Lazy.string({ produce: () => 'late' })]) {
    expect(() => remote({ [option]: field })).toThrow(
      `DockerBuilder.remote(): ${option} must be a field of the secret, without colons and spaces, known at synthesis, got ${JSON.stringify(field)}; for example '${example}'`);
  }
});

test.each([LayerCache.registry(), LayerCache.inline(), LayerCache.none()])('goes with $_name', (cache) => {
  expect(() => pipeline.synthesizeStep({ builder: remote(), layerCache: cache })).not.toThrow();
  expect(pipeline.warnings()).toEqual([]);
});

test('hands no credentials of the role to a daemon', () => {
  const bucket = s3.Bucket.fromBucketName(pipeline.stack, 'Bucket', 'layers');
  expect(() => pipeline.step({ builder: remote(), layerCache: LayerCache.s3(bucket) })).toThrow(
    "'BuildImage': LayerCache.s3() does not go with DockerBuilder.remote(); use DockerBuilder.buildkit() with it, or LayerCache.registry() or LayerCache.inline() or LayerCache.none() with DockerBuilder.remote()");
});

test('takes base images from mirrors', () => {
  const { settings } = pipeline.synthesizeStep({ builder: remote({ mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com' })], fallbackToUpstream: false }) });
  expect(settings.builder).toMatchObject({ mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com' }], mirrorsRequired: true });
});

test('no variable of the build can be set by the step', () => {
  expect(() => pipeline.step({ builder: remote(), env: { BUILDKIT_CA: 'x', CACHED_DOCKER_BUILD_SETTINGS: '{}', BUILDKIT_KEY: 'x' } })).toThrow(
    "'BuildImage': the environment variables BUILDKIT_CA, CACHED_DOCKER_BUILD_SETTINGS, BUILDKIT_KEY are used by the build itself; give yours other names");
});

describe('an image for ARM, which the daemons build', () => {
  const synthesize = (buildImage?: codebuild.IBuildImage) => {
    const { project } = pipeline.synthesizeStep({ builder: remote(), buildImage, images: [pipeline.image('Image', { platform: Platform.LINUX_ARM64 })] });
    return { type: project.Environment.Type, warnings: pipeline.warnings() };
  };

  test('needs no build machine with ARM', () => {
    expect(synthesize()).toEqual({ type: 'LINUX_CONTAINER', warnings: [] });
  });

  test.each([codebuild.LinuxBuildImage.STANDARD_7_0, codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0])('may have any, without a warning', (buildImage) => {
    expect(synthesize(buildImage)).toEqual({ type: buildImage.type, warnings: [] });
  });
});
