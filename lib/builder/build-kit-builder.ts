import { Token } from 'aws-cdk-lib';
import { BoundBuilder } from './bound-builder';
import { BuildKitOptions } from './build-kit-options';
import { boundMirrors } from '../registry/bound-mirrors';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** The BuildKit that this library is tested with. */
const BUILDKIT_IMAGE = 'moby/buildkit:v0.32.2';

/** BuildKit on the build machine. */
export function buildKitBuilder(caller: string, options: BuildKitOptions): BoundBuilder {
  const image = options.image ?? BUILDKIT_IMAGE;
  if (Token.isUnresolved(image) || !/^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$/.test(image)) {
    throw new Error(`${caller}: image must be the name of an image, known at synthesis, got ${JSON.stringify(image)}; for example '${BUILDKIT_IMAGE}'`);
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
    environment: {
      BUILDKIT_IMAGE: image,
      ...maxParallelism !== undefined && { BUILDKIT_MAX_PARALLELISM: String(maxParallelism) },
      ...config !== undefined && { BUILDKIT_CONFIG: config },
      ...mirrors.environment,
    },
    registries: mirrors.access,
    start: ['builder.sh'],
    build: 'build.sh',
    keepLayers: ['export-cache.sh', 'export-stages.sh'],
    privileged: true,
  };
}
