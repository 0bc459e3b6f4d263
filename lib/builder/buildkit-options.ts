import { MirrorOptions } from '../registry/mirror-options';

/** Options of `DockerBuilder.buildkit`. */
export interface BuildkitOptions extends MirrorOptions {
  /**
   * The image of BuildKit, for the case that a container of it has to be started. Pulled by the Docker engine of the build, through a mirror
   * of its registry if there is one: this, or an image in Amazon ECR Public, spares you the pull limits of Docker Hub.
   *
   * It runs with all the rights of the build machine, so name it by its digest: `registry.example.com/buildkit:v0.32.2@sha256:...`.
   *
   * A private one takes a login among the `registryLogins` of the step: `RegistryLogin.ecr(repository)` for Amazon ECR.
   *
   * @default - the BuildKit release that this library is tested with, from Docker Hub, by its digest
   */
  readonly buildkitImage?: string;

  /**
   * How many steps BuildKit runs at the same time, for machines with little memory. The engines of CodeBuild's images cannot be told, so that each
   * build then starts a container, unless `BUILDX_BUILDER` names a builder.
   *
   * @default - as many as can run
   */
  readonly maxParallelism?: number;

  /**
   * Configuration of BuildKit, the text of a `buildkitd.toml`. Only a container reads it, so that each build then starts one, unless
   * `BUILDX_BUILDER` names a builder.
   *
   * @see https://docs.docker.com/build/buildkit/toml-configuration/
   * @default - none
   */
  readonly config?: string;
}
