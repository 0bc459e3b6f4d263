import { BoundCache, CacheRequest } from './private/cache-request';

/**
 * The tag that `LayerCache.inline()` reads from and moves.
 */
const MOVING_TAG = 'latest';

/**
 * What keeps the layers of an image between two builds, which run on two machines.
 *
 * A cache that cannot be read or written makes a build slower, and the build says so; it never makes it fail.
 *
 * @see https://docs.docker.com/build/cache/backends/
 */
export abstract class LayerCache {
  /**
   * The layers of every step and every stage of the Dockerfile, kept in the image's repository under a tag `cache-*` of their own.
   * What image and cache have in common is stored and uploaded once.
   */
  public static registry(): LayerCache {
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.registry()';

      public _bind(request: CacheRequest): BoundCache {
        const cache = `type=registry,ref=${request.repositoryUri}:${request.cacheTag}`;
        return {
          environment: {
            CACHE_FROM: cache,
            // Amazon ECR takes a cache only as an image manifest with OCI types. Said explicitly, since the defaults of BuildKit have changed.
            CACHE_EXPORT: `${cache},mode=max,image-manifest=true,oci-mediatypes=true,compression=gzip`,
          },
          tags: [request.cacheTag],
          imageTags: [],
          statements: [],
          isInline: false,
          isExported: true,
        };
      }
    })();
  }

  /**
   * The layers of the last image, found by the tag `latest`, which moves with each build. Nothing but the image is stored.
   *
   * Stages that leave no layer in the image are not kept, and neither is what an earlier step of the same stage needs after a change.
   * With `DockerBuilder.docker()` and an older engine (20.10 and 26.1, not 28.5), every second changed build finds nothing.
   *
   * @see https://github.com/moby/buildkit/issues/2274
   */
  public static inline(): LayerCache {
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.inline()';

      public _bind(request: CacheRequest): BoundCache {
        return {
          environment: { CACHE_FROM: `${request.repositoryUri}:${MOVING_TAG}`, CACHE_INLINE: 'true' },
          tags: [MOVING_TAG],
          imageTags: [MOVING_TAG],
          statements: [],
          isInline: true,
          isExported: false,
        };
      }
    })();
  }

  /**
   * No layers: each build that runs starts from the base image. An image whose tag is in the repository is not built even so.
   */
  public static none(): LayerCache {
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.none()';

      public _bind(_request: CacheRequest): BoundCache {
        return { environment: {}, tags: [], imageTags: [], statements: [], isInline: false, isExported: false };
      }
    })();
  }

  /**
   * For messages.
   * @internal
   */
  public abstract readonly _name: string;

  private constructor() {}

  /**
   * The cache of one image.
   * @internal
   */
  public abstract _bind(request: CacheRequest): BoundCache;
}
