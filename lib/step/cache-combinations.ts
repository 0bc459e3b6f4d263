import { Annotations } from 'aws-cdk-lib';
import { DockerBuilder } from '../builder/docker-builder';
import { LayerCache } from '../cache/layer-cache';
import { CachedDockerImage } from '../image/cached-docker-image';

/** Which caches each builder can read and write. */
const COMBINATIONS: { [builder: string]: string[] } = {
  'DockerBuilder.buildKit()': ['LayerCache.registry()', 'LayerCache.inline()', 'LayerCache.s3()', 'LayerCache.none()'],
  'DockerBuilder.docker()': ['LayerCache.inline()', 'LayerCache.codeBuildLocal()', 'LayerCache.none()'],
  'DockerBuilder.dockerServer()': ['LayerCache.none()', 'LayerCache.inline()'],
  'DockerBuilder.remote()': ['LayerCache.registry()', 'LayerCache.inline()', 'LayerCache.none()'],
  'DockerBuilder.kaniko()': ['LayerCache.registry()', 'LayerCache.none()'],
};

/** Raises an error that names what goes together, when these two do not. Warns where they do so with a flaw. */
export function checkCombination(step: string, image: CachedDockerImage, cache: LayerCache, builder: DockerBuilder): void {
  const caches = COMBINATIONS[builder._name];
  if (!caches.includes(cache._name)) {
    const builders = Object.keys(COMBINATIONS).filter((name) => COMBINATIONS[name].includes(cache._name));
    throw new Error(`'${step}': ${cache._name} does not go with ${builder._name}; use ${builders.join(' or ')} with it, or ${caches.join(' or ')} with ${builder._name}`);
  }
  if (cache._name === 'LayerCache.inline()' && builder._bound.build === 'build-with-engine.sh') {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:inlineCacheAlternates',
      `step '${step}': with ${builder._name} and an older Docker engine (20.10 and 26.1, not 28.5) every second changed build finds no inline cache, an error of the engine (https://github.com/moby/buildkit/issues/2274); use DockerBuilder.buildKit()`);
  }
}
