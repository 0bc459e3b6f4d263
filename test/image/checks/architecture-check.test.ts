import { Lazy, Stack } from 'aws-cdk-lib';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerImage } from '../../../lib';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../../testhelpers/test-pipeline';

const ARM = assets.Platform.LINUX_ARM64;
const AMD = assets.Platform.LINUX_AMD64;

function deploy(platform: assets.Platform, define: (stack: Stack, image: CachedDockerImage, other: CachedDockerImage) => void, env = PIPELINE_ENV) {
  const pipeline = new TestPipeline({ env: PIPELINE_ENV, options: { crossAccountKeys: true } });
  const [image, other] = [pipeline.builtImage('Image', { platform }), pipeline.builtImage('Other')];
  return () => pipeline.pipeline.addStage(pipeline.stage('Prod', env, (stack) => define(stack, image, other)));
}

const runs = (architecture?: lambda.Architecture) => (stack: Stack, image: CachedDockerImage) => {
  new lambda.DockerImageFunction(stack, 'Function', { code: image.lambdaCode(stack), architecture });
};

const contains = (props: Partial<ecs.FargateTaskDefinitionProps> = {}) => (stack: Stack, image: CachedDockerImage) => {
  new ecs.FargateTaskDefinition(stack, 'Task', props).addContainer('Main', { image: image.containerImage(stack) });
};

const armTask = { runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX } };

test.each<[string, assets.Platform, (stack: Stack, image: CachedDockerImage) => void, string]>([
  ['an ARM function with an image for amd64', AMD, runs(lambda.Architecture.ARM_64),
    "'PipelineStack/Prod/Service/Function/Resource' runs on arm64, but its image 'PipelineStack/Image' is built for linux/amd64; give both the same architecture"],
  ['a function without an architecture, with an image for ARM', ARM, runs(), "'PipelineStack/Prod/Service/Function/Resource' runs on x86_64, but its image 'PipelineStack/Image' is built for linux/arm64"],
  ['an ARM task with an image for amd64', AMD, contains(armTask), "'PipelineStack/Prod/Service/Task/Resource' runs on arm64, but"],
  ['a Fargate task without an architecture, with an image for ARM', ARM, contains(), "'PipelineStack/Prod/Service/Task/Resource' runs on x86_64, but"],
])('fails for %s', (_, platform, define, message) => {
  expect(deploy(platform, define)).toThrow(message);
  expect(deploy(platform, define, OTHER_ENV)).toThrow(message);
});

test.each<[string, assets.Platform, (stack: Stack, image: CachedDockerImage, other: CachedDockerImage) => void]>([
  ['a function of the same architecture', ARM, runs(lambda.Architecture.ARM_64)],
  ['a function without an architecture, with an image for amd64', AMD, runs()],
  ['a task of the same architecture', ARM, contains(armTask)],
  ['a task on machines of its own', ARM, (stack, image) => { new ecs.Ec2TaskDefinition(stack, 'Task').addContainer('Main', { image: image.containerImage(stack), memoryLimitMiB: 64 }); }],
  ['a function with another image', ARM, (stack, image, other) => {
    runs()(stack, other);
    image.imageUri(stack);
  }],
  ['an architecture that is not known at synthesis', ARM, (stack, image) => runs(lambda.Architecture.custom(Lazy.string({ produce: () => stack.stackId })))(stack, image)],
  ['a platform that AWS Lambda does not have', assets.Platform.custom('linux/386'), runs()],
])('nothing is said of %s', (_, platform, define) => {
  expect(deploy(platform, define)).not.toThrow();
});

test('a function that gets its architecture later is judged by what it has in the end', () => {
  expect(deploy(ARM, (stack, image) => {
    const { node } = new lambda.DockerImageFunction(stack, 'Function', { code: image.lambdaCode(stack) });
    (node.defaultChild as lambda.CfnFunction).architectures = ['arm64'];
  })).not.toThrow();
});
