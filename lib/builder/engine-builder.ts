import { Annotations } from 'aws-cdk-lib';
import { BoundBuilder } from './bound-builder';
import { BuilderRequest } from './builder-check';
import { boundMirrors } from '../registry/bound-mirrors';
import { MirrorOptions } from '../registry/mirror-options';

/** The Docker engine that `docker` talks to. */
export function engineBuilder(caller: string, options: MirrorOptions): BoundBuilder {
  const mirrors = boundMirrors(caller, options);
  return {
    check: warnOfInlineCache,
    layerCaches: ['LayerCache.inline()', 'LayerCache.codeBuildLocal()', 'LayerCache.none()'],
    settings: { kind: 'dockerEngine', ...mirrors.settings },
    registries: mirrors.access,
    privileged: true,
  };
}

/** Warns of a flaw of older engines. */
export function warnOfInlineCache({ step, image, cache, builder }: BuilderRequest): void {
  if (cache._name === 'LayerCache.inline()') {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:inlineCacheAlternates',
      `step '${step}': with ${builder} and an older Docker engine (20.10 and 26.1, not 28.5) every second changed build finds no inline cache,`
      + ' an error of the engine (https://github.com/moby/buildkit/issues/2274); use DockerBuilder.buildkit()');
  }
}
