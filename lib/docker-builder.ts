import { Token } from 'aws-cdk-lib';
import { BoundBuilder } from './private/bound-builder';

/**
 * The BuildKit that this library is tested with.
 */
const BUILDKIT_IMAGE = 'moby/buildkit:v0.32.2';

/** Options of `DockerBuilder.buildKit`. */
export interface BuildKitOptions {
  /**
   * The image of BuildKit, for the case that a container of it has to be started. Pulled by the Docker engine of the build:
   * an image in Amazon ECR Public or in a mirror spares you the pull limits of Docker Hub.
   *
   * @default - the BuildKit release that this library is tested with, from Docker Hub
   */
  readonly image?: string;
}

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
   * Raises an error when the image is not known at synthesis.
   */
  public static buildKit(options: BuildKitOptions = {}): DockerBuilder {
    const image = options.image ?? BUILDKIT_IMAGE;
    if (Token.isUnresolved(image) || !/^[a-zA-Z0-9][a-zA-Z0-9._:/@-]*$/.test(image)) {
      throw new Error(`DockerBuilder.buildKit(): image must be the name of an image, known at synthesis, got ${JSON.stringify(image)}; for example '${BUILDKIT_IMAGE}'`);
    }
    return new (class extends DockerBuilder {
      public readonly _name = 'DockerBuilder.buildKit()';

      public _bind(): BoundBuilder {
        return {
          environment: { BUILDKIT_IMAGE: image },
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
   */
  public static docker(): DockerBuilder {
    return new (class extends DockerBuilder {
      public readonly _name = 'DockerBuilder.docker()';

      public _bind(): BoundBuilder {
        return {
          environment: {},
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
