import { Token } from 'aws-cdk-lib';
import { BoundBuilder } from './bound-builder';
import { BuildkitOptions } from './buildkit-options';
import { BUILDKIT_IMAGE } from '../plan/buildkit-image';
import { boundMirrors } from '../registry/bound-mirrors';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** BuildKit on the build machine. */
export function buildkitBuilder(caller: string, options: BuildkitOptions): BoundBuilder {
  const image = options.buildkitImage ?? BUILDKIT_IMAGE;
  if (Token.isUnresolved(image) || !/^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$/.test(image)) {
    throw new Error(`${caller}: buildkitImage must be the name of an image, known at synthesis, got ${JSON.stringify(image)}; for example '${BUILDKIT_IMAGE}'`);
  }
  const { maxParallelism, config } = options;
  if (maxParallelism !== undefined && !(Number.isSafeInteger(maxParallelism) && maxParallelism > 0)) {
    throw new Error(`${caller}: maxParallelism must be a whole number above 0, known at synthesis, got ${maxParallelism}; for example 4`);
  }
  if (config !== undefined && (!isKnownAtSynthesis(config) || config.trim() === '')) {
    throw new Error(`${caller}: config must be the text of a buildkitd.toml, known at synthesis, got ${JSON.stringify(config)}; leave it out for none`);
  }
  const mirrors = boundMirrors(caller, options);
  return {
    layerCaches: ['LayerCache.registry()', 'LayerCache.inline()', 'LayerCache.s3()', 'LayerCache.none()'],
    settings: {
      kind: 'buildkit',
      buildkitImage: image,
      ...config !== undefined && { config },
      ...maxParallelism !== undefined && { maxParallelism },
      ...mirrors.settings,
    },
    registries: mirrors.access,
    privileged: true,
  };
}
