import { Token } from 'aws-cdk-lib';
import { BuildKitOptions } from './build-kit-options';
import { MirrorOptions } from './mirror-options';
import { BoundBuilder } from './private/bound-builder';
import { boundMirrors } from './private/bound-mirrors';
import { isKnownAtSynthesis } from './private/known-at-synthesis';

/**
 * The BuildKit that this library is tested with.
 */
const BUILDKIT_IMAGE = 'moby/buildkit:v0.32.2';

/**
 * What runs the build of an image.
 */
export abstract class DockerBuilder {
  /**
   * BuildKit, wherever it is ready first: the builder that `BUILDX_BUILDER` names, the Docker engine's own where its image store
   * can do without unpacking, that of a second engine started beside it, or else a container. A way that does not work is followed
   * by the next, and the report of the build says which one it was.
   *
   * On a second engine, `RUN` has the network of the build machine.
   *
   * Raises an error when image or configuration are not known at synthesis, when `maxParallelism` is no positive whole number, when a registry has
   * two mirrors or a mirror has one itself, and when there are no mirrors to fall back from.
   */
  public static buildKit(options: BuildKitOptions = {}): DockerBuilder {
    const image = options.image ?? BUILDKIT_IMAGE;
    if (Token.isUnresolved(image) || !/^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$/.test(image)) {
      throw new Error(`DockerBuilder.buildKit(): image must be the name of an image, known at synthesis, got ${JSON.stringify(image)}; for example '${BUILDKIT_IMAGE}'`);
    }
    const { maxParallelism, config } = options;
    if (maxParallelism !== undefined && !(Number.isSafeInteger(maxParallelism) && maxParallelism > 0)) {
      throw new Error(`DockerBuilder.buildKit(): maxParallelism must be a whole number above 0, known at synthesis, got ${maxParallelism}; for example 4`);
    }
    if (config !== undefined && (!isKnownAtSynthesis(config) || config.trim() === '')) {
      throw new Error(`DockerBuilder.buildKit(): config must be the text of a buildkitd.toml, known at synthesis, got ${JSON.stringify(config)}; leave it out for none`);
    }
    const mirrors = boundMirrors('DockerBuilder.buildKit()', options);
    return new (class extends DockerBuilder {
      public readonly _name = 'DockerBuilder.buildKit()';

      public _bind(): BoundBuilder {
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
    })();
  }

  /**
   * The Docker engine that the build image starts, as `docker build` and `docker push` use it.
   *
   * It keeps the whole image, so it downloads and unpacks what it reuses, and it can only use `LayerCache.inline()`.
   *
   * Raises an error when a registry has two mirrors or a mirror has one itself, and when there are no mirrors to fall back from.
   */
  public static docker(options: MirrorOptions = {}): DockerBuilder {
    const mirrors = boundMirrors('DockerBuilder.docker()', options);
    return new (class extends DockerBuilder {
      public readonly _name = 'DockerBuilder.docker()';

      public _bind(): BoundBuilder {
        return {
          environment: mirrors.environment,
          registries: mirrors.access,
          start: [],
          build: 'build-with-engine.sh',
          keepLayers: ['push-stages-with-engine.sh'],
          privileged: true,
        };
      }
    })();
  }

  /**
   * For messages.
   * @internal
   */
  public abstract readonly _name: string;

  private constructor() {}

  /** @internal */
  public abstract _bind(): BoundBuilder;
}
