import { Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { Construct } from 'constructs';
import { chooseBuildImage } from '../../lib/builder/build-machine';

let stack: Stack;

beforeEach(() => {
  stack = new Stack();
});

function choose(platform: string, given?: codebuild.IBuildImage): codebuild.IBuildImage | undefined {
  return chooseBuildImage('Build', new Construct(stack, 'Image'), platform, given);
}

test('the default is left to the pipeline', () => {
  expect(choose('linux/amd64')).toBeUndefined();
});

test.each(['linux/arm64', 'linux/arm64/v8'])('%s has an ARM machine', (platform) => {
  expect(choose(platform)).toBe(codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0);
});

test.each<[string, codebuild.IBuildImage]>([
  ['linux/amd64', codebuild.LinuxBuildImage.STANDARD_7_0],
  ['linux/amd64', codebuild.LinuxBuildImage.fromDockerRegistry('example/build')],
  ['linux/arm64', codebuild.LinuxArmBuildImage.AMAZON_LINUX_2_STANDARD_3_0],
])('the machine that is given is taken for %s', (platform, given) => {
  expect(choose(platform, given)).toBe(given);
  expect(Annotations.fromStack(stack).findWarning('*', '*')).toEqual([]);
});

test.each<[string, codebuild.IBuildImage, string]>([
  ['linux/arm64', codebuild.LinuxBuildImage.STANDARD_7_0, 'LINUX_CONTAINER'],
  ['linux/amd64', codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0, 'ARM_CONTAINER'],
])('a machine that has to emulate %s is taken with a warning', (platform, given, type) => {
  expect(choose(platform, given)).toBe(given);
  Annotations.fromStack(stack).hasWarning('/Default/Image',
    `step 'Build' builds ${platform} on a machine of type ${type}, which works with an emulator in the build image only, and slowly; leave buildImage out [ack: cdk-cached-docker-build:foreignArchitecture]`);
});

test.each<[string, codebuild.IBuildImage]>([
  ['Lambda', codebuild.LinuxLambdaBuildImage.AMAZON_LINUX_2023_NODE_20],
  ['Lambda on ARM', codebuild.LinuxArmLambdaBuildImage.AMAZON_LINUX_2023_NODE_20],
  ['Windows', codebuild.WindowsBuildImage.WIN_SERVER_CORE_2022_BASE_3_0],
])('fails for %s, which runs no Docker engine for Linux', (_, given) => {
  expect(() => choose('linux/amd64', given))
    .toThrow(`'Build': buildImage must be a Linux machine that runs Docker, got ${given.imageId} of type ${given.type}; use codebuild.LinuxBuildImage or codebuild.LinuxArmBuildImage`);
});
