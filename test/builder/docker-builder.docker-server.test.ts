import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { BuildMetrics, DockerBuilder, LayerCache } from '../../lib';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

test('a step alone has a small server, and the layers of that server as its cache', () => {
  const test = new TestPipeline();
  const { project, settings, statements } = test.synthesizeStep({ builder: DockerBuilder.dockerServer(), metrics: BuildMetrics.NONE });
  expect(project.Environment.DockerServer).toEqual({ ComputeType: 'BUILD_GENERAL1_SMALL' });
  expect(settings).toEqual({ version: PLAN_VERSION, layerCache: { kind: 'none' }, builder: { kind: 'dockerServer' } });
  expect(project.Cache).toEqual({ Type: 'NO_CACHE' });
  expect(statements).toEqual(new TestPipeline().synthesizeStep({ layerCache: LayerCache.none() }).statements);
  expect(test.warnings()).toEqual([]);
});

test('it runs the same commands as every build, and is told of no BuildKit image', () => {
  const { buildSpec, settings } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.dockerServer() });
  expect(buildSpec).toEqual(new TestPipeline().synthesizeStep().buildSpec);
  expect(settings.builder).not.toHaveProperty('buildkitImage');
});

test('size and security groups of the server are those that are given', () => {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const vpc = new ec2.Vpc(test.stack, 'Vpc');
  const group = ec2.SecurityGroup.fromSecurityGroupId(test.stack, 'Group', 'sg-1');
  const { project } = test.synthesizeStep({
    vpc,
    builder: DockerBuilder.dockerServer({ computeType: codebuild.DockerServerComputeType.LARGE, securityGroups: [group] }),
  });
  expect(project.Environment.DockerServer).toEqual({ ComputeType: 'BUILD_GENERAL1_LARGE', SecurityGroupIds: ['sg-1'] });
});

test('there is no server with any other builder', () => {
  for (const builder of [DockerBuilder.buildkit(), DockerBuilder.dockerEngine()]) {
    expect(new TestPipeline().synthesizeStep({ builder, layerCache: LayerCache.none() }).project.Environment).not.toHaveProperty('DockerServer');
  }
});

test('the security groups of the server may be in the VPC of the pipeline', () => {
  const stack = new Stack();
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], privateSubnetIds: ['subnet-1'], privateSubnetRouteTableIds: ['rtb-1'] });
  const group = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1');
  const test = new TestPipeline({ options: { codeBuildDefaults: { vpc } } });
  expect(test.synthesizeStep({ builder: DockerBuilder.dockerServer({ securityGroups: [group] }) }).project.VpcConfig.VpcId).toBe('vpc-1');
});

test('security groups and no VPC are warned of', () => {
  const test = new TestPipeline();
  const group = ec2.SecurityGroup.fromSecurityGroupId(test.stack, 'Group', 'sg-1');
  test.synthesizeStep({ builder: DockerBuilder.dockerServer({ securityGroups: [group] }), layerCache: LayerCache.none() });
  expect(test.warnings()).toContain('cdk-cached-docker-build:dockerServerWithoutVpc');
});

test('it fails with more security groups than CodeBuild takes', () => {
  const stack = new Stack();
  const groups = [1, 2, 3, 4, 5, 6].map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, `Group${id}`, `sg-${id}`));
  expect(() => DockerBuilder.dockerServer({ securityGroups: groups })).toThrow(
    'DockerBuilder.dockerServer(): securityGroups takes 5 at most, got 6; put the rules of several into one');
});

describe('a server that the defaults of the pipeline give to all builds', () => {
  const pipelineWithServers = () => new TestPipeline({
    options: { codeBuildDefaults: { buildEnvironment: { dockerServer: { computeType: codebuild.DockerServerComputeType.LARGE } } } },
  });

  test('is that of the builder, in its size', () => {
    const { project } = pipelineWithServers().synthesizeStep({ builder: DockerBuilder.dockerServer() });
    expect(project.Environment.DockerServer).toEqual({ ComputeType: 'BUILD_GENERAL1_SMALL' });
  });

  test.each([DockerBuilder.buildkit(), DockerBuilder.dockerEngine(), DockerBuilder.kaniko()])('is an error with another builder', (builder) => {
    const cache = builder._name === 'DockerBuilder.dockerEngine()' ? LayerCache.none() : undefined;
    expect(() => pipelineWithServers().synthesizeStep({ builder, layerCache: cache })).toThrow(
      `'BuildImage': the pipeline's codeBuildDefaults give the build a Docker server, which ${builder._name} makes no use of; use DockerBuilder.dockerServer(), or leave`);
  });
});

test('it may find its layers in the last image as well', () => {
  const step = { builder: DockerBuilder.dockerServer(), layerCache: LayerCache.inline(), metrics: BuildMetrics.NONE };
  const { settings } = new TestPipeline().synthesizeStep(step);
  expect(settings).toEqual({ version: PLAN_VERSION, layerCache: { kind: 'inline', tags: ['latest'], stages: [] }, builder: { kind: 'dockerServer' } });
});

test('it fails with a cache that its engine cannot use', () => {
  expect(() => new TestPipeline().step({ builder: DockerBuilder.dockerServer(), layerCache: LayerCache.registry() })).toThrow(
    "'BuildImage': LayerCache.registry() does not go with DockerBuilder.dockerServer(); use DockerBuilder.buildkit() with it, or LayerCache.none() or LayerCache.inline() with DockerBuilder.dockerServer()");
});

test('it warns for an image for ARM', () => {
  const test = new TestPipeline();
  test.synthesizeStep({ builder: DockerBuilder.dockerServer(), images: [test.image('Arm', { platform: Platform.LINUX_ARM64 })] });
  expect(test.warnings()).toEqual(['cdk-cached-docker-build:dockerServerOnArm']);
  Annotations.fromStack(test.stack).hasWarning('*', Match.stringLikeRegexp("cannot be deployed, for 'Unsupported DockerServer environment type: ARM_CONTAINER'"));
});
