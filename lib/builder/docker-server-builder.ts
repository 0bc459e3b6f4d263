import { Annotations } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { BoundBuilder } from './bound-builder';
import { BuilderRequest } from './builder-check';
import { DockerServerBuilderOptions } from './docker-server-builder-options';
import { engineBuilder, warnOfInlineCache } from './engine-builder';
import { LayerCache } from '../cache/layer-cache';

/** As the API of CodeBuild has it. */
const MAX_SECURITY_GROUPS = 5;

/** The Docker engine of a Docker server: `docker` talks to it as to any other, since CodeBuild sets the way to it. */
export function dockerServerBuilder(caller: string, options: DockerServerBuilderOptions): BoundBuilder {
  const engine = engineBuilder(caller, options);
  const { securityGroups } = options;
  if (securityGroups && securityGroups.length > MAX_SECURITY_GROUPS) {
    throw new Error(`${caller}: securityGroups takes ${MAX_SECURITY_GROUPS} at most, got ${securityGroups.length}; put the rules of several into one`);
  }
  return {
    ...engine,
    check: (request) => {
      warnOfArm(request);
      warnOfInlineCache(request);
    },
    layerCaches: ['LayerCache.none()', 'LayerCache.inline()'],
    defaultCache: () => LayerCache.none(),
    settings: { ...engine.settings, kind: 'dockerServer' },
    dockerServer: {
      computeType: options.computeType ?? codebuild.DockerServerComputeType.SMALL,
      securityGroups,
    },
  };
}

function warnOfArm({ step, image }: BuilderRequest): void {
  if (image._platform.startsWith('linux/arm64')) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:dockerServerOnArm',
      `step '${step}': Docker servers of CodeBuild had no ARM processors when this was written, and the image is for ${image._platform}; use DockerBuilder.buildkit() if the pipeline's stack`
      + " cannot be deployed, for 'Unsupported DockerServer environment type: ARM_CONTAINER'");
  }
}
