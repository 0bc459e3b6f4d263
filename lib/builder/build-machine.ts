import { Annotations } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { Construct } from 'constructs';

/** What a build machine computes with. */
export type Processor = 'ARM' | 'x86';

/**
 * The image that a build runs in, for a platform if that is to run on the machine. Undefined leaves it to the pipeline's defaults.
 * Raises an error for machines that run no Docker engine.
 */
export function chooseBuildImage(step: string, image: Construct, platform: string | undefined, given?: codebuild.IBuildImage,
  byDefault: (processor: Processor) => codebuild.IBuildImage | undefined = codeBuildImage): codebuild.IBuildImage | undefined {
  const arm = platform?.startsWith('linux/arm64') ?? false;
  if (!given) {
    return byDefault(arm ? 'ARM' : 'x86');
  }
  if (/LAMBDA|WINDOWS/.test(given.type)) {
    throw new Error(`'${step}': buildImage must be a Linux machine that runs Docker, got ${given.imageId} of type ${given.type}; use codebuild.LinuxBuildImage or codebuild.LinuxArmBuildImage`);
  }
  if (platform !== undefined && arm !== given.type.startsWith('ARM')) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:foreignArchitecture',
      `step '${step}' builds ${platform} on a machine of type ${given.type}, which works with an emulator in the build image only, and slowly; leave buildImage out`);
  }
  return given;
}

function codeBuildImage(processor: Processor): codebuild.IBuildImage | undefined {
  return processor === 'ARM' ? codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0 : undefined;
}
