import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import { ImageTag } from './image-tag';
import { DockerContext } from '../context/docker-context';

/** Properties of a CachedDockerImage. */
export interface CachedDockerImageProps {
  /** Where the files of the build come from. */
  readonly context: DockerContext;

  /**
   * Where the image is pushed to and deployed from, in the region of the functions that use it.
   *
   * Its name has to be known at synthesis. A repository that is not an `ImageRepository` needs tags `cache-*` that can be overwritten,
   * or `LayerCache.none()`.
   *
   * @default - a new ImageRepository
   */
  readonly repository?: ecr.IRepository;

  /**
   * The path of the Dockerfile, relative to the context. An ignore file of its own, such as `Dockerfile.prod.dockerignore`,
   * counts before `.dockerignore`.
   *
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;

  /**
   * The stage of the Dockerfile to build.
   *
   * @default - the last one
   */
  readonly target?: string;

  /**
   * The one platform that the image is built for, such as `linux/arm64`. It has to be the architecture of the function, and the build runs on it natively.
   *
   * @default Platform.LINUX_AMD64
   */
  readonly platform?: assets.Platform;

  /**
   * Values for the `ARG` instructions of the Dockerfile, of 100,000 bytes each at most. They stand in the image's history and in the layer cache:
   * no place for secrets.
   *
   * @default - none
   */
  readonly buildArgs?: { [name: string]: string };

  /**
   * How the image is named in its repository.
   *
   * @default - ImageTag.contentHash() for a directory, ImageTag.commit() for a source
   */
  readonly tag?: ImageTag;

  /**
   * Whether the last `COPY` and `ADD` instructions of the stage that is built get `--link`, where that makes the same image. A changed source then
   * downloads no layer. The Dockerfile of the context stays as it is; infos of the image say which lines were changed, and why others were not.
   *
   * Of base images, only those of AWS Lambda, Amazon Linux and Corretto, .NET, distroless, and Docker's official images of languages and systems
   * are known, by their names. Of these it is taken for granted that their usual directories (`/etc`, `/opt`, `/srv`, `/usr`, `/usr/local`,
   * `/usr/src`, `/var`, and `/var/task` of AWS Lambda) belong to root with mode 0755 and are no symbolic links, and that directories such as `/app`
   * are not there. With an image of your own under such a name, write `--link` yourself.
   *
   * @see https://docs.docker.com/reference/dockerfile/#copy---link
   * @default false
   */
  readonly linkCopies?: boolean;
}
