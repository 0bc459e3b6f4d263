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
  const { obstacles, differences } = kanikoSupport(dockerfile, {
    image: image.node.path, target: image._target, platform: image._platform, buildArgs: image._buildArgs,
  });
  if (obstacles.length > 0) {
    throw new Error(`'${step}': ${obstacles[0]}`);
  }
  for (const { id, message } of differences) {
    Annotations.of(image).addWarningV2(`cdk-cached-docker-build:${id}`, `step '${step}': ${message}`);
  }
}
