import { Annotations } from 'aws-cdk-lib';
import { BuilderRequest } from './builder-check';
import { kanikoSupport } from '../dockerfile/kaniko-support';

/**
 * Raises an error for what kaniko cannot build, and warns of what it builds in another way. The Dockerfile of a source is not known here; the build
 * checks that one.
 */
export function checkKanikoDockerfile({ step, image }: BuilderRequest): void {
  const dockerfile = image._dockerfile;
  if (!dockerfile) {
    return;
  }
  const remedy = 'use DockerBuilder.buildkit() for this image';
  if (!dockerfile.isKnown) {
    throw new Error(`'${step}': the Dockerfile of '${image.node.path}' is for another frontend, or written in a way that is not understood here, and DockerBuilder.kaniko() has no frontends; ${remedy}`);
  }
  for (const { id, message } of differences) {
    Annotations.of(image).addWarningV2(`cdk-cached-docker-build:${id}`, `step '${step}': ${message}`);
  }
}
