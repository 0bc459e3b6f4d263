import { Duration } from 'aws-cdk-lib';
import { RenderedTag, TagRequest } from './tag-request';
import { hashValues } from '../plan/content-hash';
import { isTag, TAG_RULE } from '../plan/tag-syntax';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** The tag of an image whose commit is not known: the synthesis ran outside of the pipeline. */
const UNKNOWN_COMMIT = 'commit-is-known-in-the-pipeline-only';

/** Options of `ImageTag.contentHash`. */
export interface ContentHashOptions {
  /**
   * After how long an image that has not changed is built anew, from the base images of that day and with every `RUN` run again,
   * so that security patches arrive. At least an hour.
   *
   * Time is divided into periods of this length. Each synthesis within a period gives the same tag; the first one of the next period
   * gives another, and so a build without cached layers and a deployment. Something has to start the pipeline: a schedule, or a change.
   *
   * @default - an image that has not changed is never built again
   */
  readonly refreshEvery?: Duration;
}

/**
 * How an image is named in its repository.
 *
 * The tag is the identity of the image: an image whose tag is in the repository is not built again, and a changed image needs another tag,
 * or AWS CloudFormation and AWS Lambda do not see that it changed.
 *
 * @example
 * new CachedDockerImage(this, 'PatchedImage', {
 *   context: DockerContext.directory('web'),
 *   tag: ImageTag.contentHash({ refreshEvery: Duration.days(7) }),
 * });
 */
export abstract class ImageTag {
  /**
   * A tag made from everything that can change the image: the files of the context, the Dockerfile, the target, the platform and the build
   * arguments. What has not changed is neither built nor deployed again.
   *
   * Only for `DockerContext.directory`, since the files of a source are not known at synthesis.
   *
   * Raises an error when `refreshEvery` is less than an hour.
   */
  public static contentHash(options: ContentHashOptions = {}): ImageTag {
    const { refreshEvery } = options;
    if (refreshEvery && (refreshEvery.isUnresolved() || refreshEvery.toMilliseconds() < Duration.hours(1).toMilliseconds())) {
      throw new Error(`ImageTag.contentHash() takes a refreshEvery of an hour at least, known at synthesis, got ${refreshEvery}; for example Duration.days(7)`);
    }
    return new (class extends ImageTag {
      public _render(request: TagRequest): RenderedTag {
        if (request.contentHash === undefined) {
          throw new Error(`'${request.image}': ImageTag.contentHash() needs files that are known at synthesis, got DockerContext.pipelineSource(); use ImageTag.commit() or DockerContext.directory()`);
        }
        if (!refreshEvery) {
          return { tag: request.contentHash, isContentHash: true };
        }
        const refreshPeriod = Math.floor(Date.now() / refreshEvery.toMilliseconds());
        return { tag: hashValues({ content: request.contentHash, refreshPeriod }), isContentHash: true, refreshPeriod };
      }
    })();
  }

  /**
   * The id of the commit that the pipeline runs for. Each commit is then a new image, a new build and a new deployment.
   *
   * A synthesis outside of the pipeline does not know the commit: it uses a placeholder, which can neither be built nor deployed.
   */
  public static commit(): ImageTag {
    return new (class extends ImageTag {
      public _render(request: TagRequest): RenderedTag {
        // A source of another kind has no attribute CommitId, which only the deployment of the pipeline would find out.
        if (request.source && /^(S3|ECR)Source$/.test(request.source.constructor.name)) {
          throw new Error(`'${request.image}': ImageTag.commit() needs a Git source, got ${request.source}, which has no commits; use DockerContext.directory()`);
        }
        // The synthesis of a pipeline runs in CodeBuild, which gives the commit of its primary source.
        const tag = process.env.CODEBUILD_RESOLVED_SOURCE_VERSION;
        if (!tag) {
          return { tag: UNKNOWN_COMMIT, isPlaceholder: true };
        }
        if (!isTag(tag)) {
          throw new Error(`'${request.image}': ImageTag.commit() needs the id of a commit in CODEBUILD_RESOLVED_SOURCE_VERSION, got ${JSON.stringify(tag)}; use a Git source, or ImageTag.contentHash()`);
        }
        return { tag };
      }
    })();
  }

  /**
   * A given tag. An image that has it is never built again: give a new one for each change.
   *
   * Raises an error when the tag is not a valid one, or not known at synthesis.
   */
  public static fixed(tag: string): ImageTag {
    if (!isKnownAtSynthesis(tag) || !isTag(tag)) {
      throw new Error(`ImageTag.fixed() takes ${TAG_RULE}, known at synthesis, got ${JSON.stringify(tag)}`);
    }
    return new (class extends ImageTag {
      public _render(_request: TagRequest): RenderedTag {
        return { tag };
      }
    })();
  }

  private constructor() {}

  /**
   * The tag of one image.
   * @internal
   */
  public abstract _render(request: TagRequest): RenderedTag;
}
