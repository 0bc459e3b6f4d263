import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CacheCompression } from './cache-compression';
import { CacheMode } from './cache-mode';
import { BoundCache, CacheRequest } from './cache-request';
import { checkScopes, exportedCache, scopedName } from './exported-cache';
import { InlineCacheOptions } from './inline-cache-options';
import { RegistryCacheOptions } from './registry-cache-options';
import { S3CacheOptions } from './s3-cache-options';
import { checkPrefix, s3CacheStatements } from './s3-cache-permissions';
import { isTag, TAG_RULE } from '../plan/tag-syntax';
import { RepositoryIdentity } from '../repository/repository-identity';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/**
 * What keeps the layers of an image between two builds, which run on two machines.
 *
 * A cache that cannot be read or written makes a build slower, and the build says so; it never makes it fail, unless it is told to. An image that cannot be built
 * because a layer of the cache is missing or damaged is built once more without the cache, which is then written anew.
 *
 * @see https://docs.docker.com/build/cache/backends/
 *
 * @example
 * new CachedDockerBuildStep('BuildImages', {
 *   images: [api],
 *   pipeline,
 *   layerCache: LayerCache.registry({ scope: branch, fallbackScopes: ['main'] }),
 * });
 */
export abstract class LayerCache {
  /**
   * The layers of every step and every stage of the Dockerfile, kept in the image's repository under a tag `cache-*` of their own,
   * or in another repository. What image and cache have in common in one repository is stored and uploaded once.
   *
   * Where another account uses the image, and stages of its Dockerfile leave no layer in it, the library makes a repository for the cache, which that account cannot pull from.
   *
   * Raises an error when a scope holds spaces, and when there is a fallback repository without fallback scopes.
   */
  public static registry(options: RegistryCacheOptions = {}): LayerCache {
    checkScopes('LayerCache.registry()', options);
    if (options.fallbackRepository && !options.fallbackScopes?.length) {
      throw new Error('LayerCache.registry(): fallbackRepository is where the fallbackScopes are read, and there are none; give the scopes of the builds that write there, such as [\'main\']');
    }
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.registry()';
      public readonly _registryOptions = options;

      public _bind({ variables }: CacheRequest): BoundCache {
        const { repository, fallbackRepository } = options;
        return {
          settings: {
            kind: 'registry',
            ...repository && { repository: repository.repositoryUri },
            ...fallbackRepository && { fallbackRepository: fallbackRepository.repositoryUri },
            ...exportedCache(options, variables),
            compression: options.compression ?? CacheCompression.ZSTD,
          },
          place: repository && RepositoryIdentity.ofCache(repository),
          repository,
          fallbackRepository,
          isBesideImage: !repository && options.mode !== CacheMode.MIN,
          tagsOf: (image) => [scopedName(image, options)],
        };
      }
    })();
  }

  /**
   * The layers of the last image, found by the tag `latest`, which moves with each build. Nothing but the image is stored.
   *
   * Stages that leave no layer in the image are not kept unless they are named, and neither is what an earlier step of the same stage needs
   * after a change. With `DockerBuilder.dockerEngine()` and an older engine (20.10 and 26.1, not 28.5), every second changed build finds nothing.
   *
   * Raises an error when there is no tag to read from, or one that is not valid, or a stage cannot be the name of one.
   *
   * @see https://github.com/moby/buildkit/issues/2274
   */
  public static inline(options: InlineCacheOptions = {}): LayerCache {
    const from = options.fromTags ?? ['latest'];
    if (from.length === 0 || !from.every((tag) => isKnownAtSynthesis(tag) && isTag(tag))) {
      throw new Error(`LayerCache.inline(): fromTags takes one tag at least, each of ${TAG_RULE}, known at synthesis, got ${JSON.stringify(from)}; for example ['latest']`);
    }
    const stages = [...new Set(options.stages ?? [])];
    if (!stages.every((stage) => isKnownAtSynthesis(stage) && /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(stage))) {
      throw new Error(`LayerCache.inline(): stages takes names of stages of the Dockerfile, got ${JSON.stringify(stages)}; for example ['builder'] for 'FROM ... AS builder'`);
    }
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.inline()';

      public _bind(_request: CacheRequest): BoundCache {
        return {
          settings: { kind: 'inline', tags: from, stages },
          imageTags: [from[0]],
          stages,
          tagsOf: ({ _sharedCacheName }) => [from[0], ...stages.map((stage) => `${_sharedCacheName}_${from[0]}/${stage}`)],
        };
      }
    })();
  }

  /**
   * The layers of every step and every stage of the Dockerfile, kept in a bucket. They are stored, downloaded and uploaded apart from the image.
   *
   * The engines of CodeBuild's images cannot use it, so that each build starts a BuildKit container, which takes some seconds more than
   * `LayerCache.registry()` does. BuildKit calls it experimental. Give the bucket a lifecycle that deletes what has not been written for some time.
   *
   * A bucket is only used while it belongs to the account that it has at synthesis. Import one of another account with `Bucket.fromBucketAttributes` and its `account`.
   *
   * Raises an error when the prefix is not known at synthesis or no folder of letters, digits and any of `!-_.'()`, and when a scope holds spaces.
   *
   * @see https://docs.docker.com/build/cache/backends/s3/
   */
  public static s3(bucket: s3.IBucket, options: S3CacheOptions = {}): LayerCache {
    const prefix = options.prefix ?? 'docker-layers/';
    checkPrefix(prefix);
    checkScopes('LayerCache.s3()', options);
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.s3()';

      public _bind({ region, variables }: CacheRequest): BoundCache {
        return {
          settings: { kind: 's3', region: bucket.env.region ?? region, bucket: bucket.bucketName, prefix, ...exportedCache(options, variables) },
          place: { key: `${bucket.node.path}/${prefix}`, what: `bucket '${bucket.node.path}'`, isImmutable: () => false },
          statements: s3CacheStatements(bucket, prefix, region),
          tagsOf: (image) => [scopedName(image, options)],
        };
      }
    })();
  }

  /**
   * The layers that the Docker engine has kept from an earlier build on the same machine. CodeBuild keeps a machine for some minutes at best,
   * and builds at the same time have different ones, so most builds of a pipeline find nothing. For `DockerBuilder.dockerEngine()` only, without a VPC, and
   * with any machine but ComputeType.X2_LARGE.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html
   */
  public static codeBuildLocal(): LayerCache {
    return new (class extends LayerCache {
      public readonly _name = 'LayerCache.codeBuildLocal()';
      public readonly _usualBuilder = 'DockerBuilder.dockerEngine()';

      public _bind(_request: CacheRequest): BoundCache {
        return { settings: { kind: 'engine' }, projectCache: codebuild.Cache.local(codebuild.LocalCacheMode.DOCKER_LAYER) };
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
        return { settings: { kind: 'none' } };
      }
    })();
  }

  /**
   * For messages.
   * @internal
   */
  public abstract readonly _name: string;
  /**
   * A builder that goes with it, for messages.
   * @internal
   */
  public readonly _usualBuilder: string = 'DockerBuilder.buildkit()';
  /**
   * What `registry()` was given, for a builder that cannot honour all of it.
   * @internal
   */
  public readonly _registryOptions?: RegistryCacheOptions;

  private constructor() {}

  /**
   * The cache of one step.
   * @internal
   */
  public abstract _bind(request: CacheRequest): BoundCache;
}
