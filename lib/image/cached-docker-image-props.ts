import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as assets from 'aws-cdk-lib/aws-ecr-assets';
import { ImageTag } from './image-tag';
import { DockerContext } from '../context/docker-context';
import { BuildSecret } from '../secret/build-secret';

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
   * secrets belong into `buildSecrets`.
   *
   * @default - none
   */
  readonly buildArgs?: { [name: string]: string };

  /**
   * Further contexts, by the names that the Dockerfile has for them: `COPY --from=shared` takes files from the context `shared`. A name that is also that of
   * a stage or of an image takes its place. Names are those of images in lower case; `scratch` cannot be one. A directory has an ignore file of its own.
   *
   * @default - none
   * @see https://docs.docker.com/build/concepts/context/#named-contexts
   */
  readonly buildContexts?: { [name: string]: DockerContext };

  /**
   * Secrets for `RUN --mount=type=secret,id=<id>`, by their ids. Only the steps that mount one can read it, and only while they run: it is neither in
   * the image nor in the layer cache, and no part of the tag. A step is not run again because its secret is another one.
   *
   * @default - none
   * @see https://docs.docker.com/build/building/secrets/
   */
  readonly buildSecrets?: { [id: string]: BuildSecret };

  /**
   * A private key in OpenSSH's or PEM format, without a passphrase, for `RUN --mount=type=ssh`. The build loads it into an SSH agent of its own: steps can log in with
   * the key and cannot read it.
   *
   * @default - none
   * @see https://docs.docker.com/build/building/secrets/#ssh-mounts
   */
  readonly buildSshKey?: BuildSecret;

  /**
   * How the image is named in its repository.
   *
   * @default - ImageTag.contentHash() for a directory, ImageTag.commit() for a source
   */
  readonly tag?: ImageTag;

  /**
   * Whether the build links the last `COPY` and `ADD` instructions of the stage that is built. A change to the source then downloads no layer
   * and uploads only the files that were copied.
   *
   * The build compares the linked files with the layers below before it sets the tag. If linking would make a different image, and with builders and
   * caches that cannot link, it builds the Dockerfile as written. The report of the build says which it did, and why.
   *
   * @default true
   */
  readonly linkCopies?: boolean;

  /**
   * Whether something else than a step or a project of this app builds the image: a workflow of another service, a program of your own, or you. It runs
   * `node cdk.out/cached-docker-build.cjs build` with the permissions of `grantBuild()`. The image has to be in its repository before a stack that uses it is deployed; nobody checks that at synthesis.
   *
   * @default false - the synthesis fails when a stack uses the image and nothing in the app builds it
   */
  readonly builtElsewhere?: boolean;
}
