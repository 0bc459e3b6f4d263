import { BoundBuilder } from './bound-builder';
import { buildkitBuilder } from './buildkit-builder';
import { BuildkitOptions } from './buildkit-options';
import { dockerServerBuilder } from './docker-server-builder';
import { DockerServerBuilderOptions } from './docker-server-builder-options';
import { engineBuilder } from './engine-builder';
import { kanikoBuilder } from './kaniko-builder';
import { KanikoOptions } from './kaniko-options';
import { remoteBuilder } from './remote-builder';
import { RemoteBuilderOptions } from './remote-builder-options';
import { MirrorOptions } from '../registry/mirror-options';

/**
 * What runs the build of images.
 *
 * @example
 * new CachedDockerBuildStep('BuildImages', {
 *   images: [api],
 *   pipeline,
 *   builder: DockerBuilder.buildkit({ mirrors: [hub.mirror] }),
 * });
 */
export class DockerBuilder {
  /**
   * BuildKit on the build machine. The first of these that works is used: the builder that `BUILDX_BUILDER` names, the Docker engine's own if the engine has the containerd
   * image store, that of a second engine started next to it, or a container. The report of the build says which one it was.
   *
   * With a second engine or a container, `RUN` uses the network of the build machine. It cannot reach the machine's Docker engine, whose port is blocked by a
   * firewall rule during the build. If that is impossible, no second engine is started, and the container has a separate network.
   *
   * Raises an error when `buildkitImage` or `config` are not known at synthesis, when `maxParallelism` is no positive whole number, when a registry has
   * two mirrors or a mirror has one itself, and when there are no mirrors to fall back from.
   */
  public static buildkit(options: BuildkitOptions = {}): DockerBuilder {
    return new DockerBuilder('DockerBuilder.buildkit()', (name) => buildkitBuilder(name, options));
  }

  /**
   * The Docker engine of the build image, as `docker build` and `docker push` use it.
   *
   * It stores the whole image, so it downloads and unpacks the layers that it reuses, and it can only use `LayerCache.inline()`.
   *
   * Raises an error when a registry has two mirrors or a mirror has one itself, and when there are no mirrors to fall back from.
   */
  public static dockerEngine(options: MirrorOptions = {}): DockerBuilder {
    return new DockerBuilder('DockerBuilder.dockerEngine()', (name) => engineBuilder(name, options));
  }

  /**
   * A Docker server of CodeBuild: a machine of its own for the Docker engine, which keeps its layers between the builds of the project
   * for as long as CodeBuild keeps the machine, a month at most. It builds like `dockerEngine()`, with another engine.
   *
   * Without a `layerCache`, the layers that the server has are the cache. Needs aws-cdk-lib 2.218.0 or later.
   *
   * Raises an error when a registry has two mirrors or a mirror has one itself, when there are no mirrors to fall back from, and when there are more than
   * five security groups. The synthesis of the step fails when there are security groups and no VPC, and with an older aws-cdk-lib.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker-server.html
   */
  public static dockerServer(options: DockerServerBuilderOptions = {}): DockerBuilder {
    return new DockerBuilder('DockerBuilder.dockerServer()', (name) => dockerServerBuilder(name, options));
  }

  /**
   * BuildKit daemons that run elsewhere, on Amazon EKS, on Amazon ECS or on a machine of their own, and that many builds share. They keep the layers
   * of each image they built, so that the next build finds them without a download. The build needs no privileged mode and no Docker engine.
   *
   * Build and daemon know each other by certificates (mutual TLS): whoever has a client certificate can run anything on the daemons, and can change
   * what they keep. The images of a step are built by one daemon, always the same; when it cannot be used, the next one is, with a warning that says why.
   *
   * `LayerCache.registry()`, the default, is for what the daemon does not have any more, and for the other daemons. `LayerCache.s3()` does not go with it,
   * because BuildKit is handed the credentials of the build's role for it, and the daemon would show them to everybody who uses it.
   *
   * Raises an error when there are no endpoints or two are the same, when one is not `tcp://<host>:<port>`, when the name of a field or of the server
   * cannot be one, when a registry has two mirrors or a mirror has one itself, and when there are no mirrors to fall back from.
   *
   * @see https://docs.docker.com/build/builders/drivers/remote/
   */
  public static remote(options: RemoteBuilderOptions): DockerBuilder {
    return new DockerBuilder('DockerBuilder.remote()', (name) => remoteBuilder(name, options));
  }

  /**
   * kaniko, which needs no privileges: it runs each step of the Dockerfile in the container of the build itself, after it has moved that
   * container's files away. The build image is that of a maintained fork, https://github.com/osscontainertools/kaniko; a `buildImage` of the
   * step has to be made from it.
   *
   * It unpacks the base image in each build in which a step runs or copies, and saves a layer by comparing all files, so it is slower than BuildKit.
   * A step can read whatever the build can: the passwords of its registries and the permissions of its role.
   *
   * Without a `layerCache`, layers are kept in a new `CacheRepository`, which belongs to the first image of the step. `ImageTag.contentHash({ refreshEvery })` works, but each of its
   * builds runs all steps.
   *
   * Raises an error when a registry has two mirrors or a mirror has one itself, when the path of a mirror begins with a name that has a dot, which
   * kaniko would take for a registry, and when there are no mirrors to fall back from. The step raises one for a cache without a repository of its own,
   * for options of a cache that would have no effect, and for what kaniko cannot do in a Dockerfile: mounts of secrets, SSH agents, tmpfs and other
   * stages, relative targets of mounts, `RUN` of nothing but a here-document, `RUN --network`, `--security` and `--device`, `COPY --parents` and
   * `--exclude`, `ADD` of a Git repository, its flags but `--chmod` and `--link`, and `--chown` of an archive, another platform than that of the image,
   * targets without a name, and frontends. It warns of what kaniko does in another way.
   *
   * @see https://github.com/osscontainertools/kaniko#readme
   */
  public static kaniko(options: KanikoOptions = {}): DockerBuilder {
    return new DockerBuilder('DockerBuilder.kaniko()', (name) => kanikoBuilder(name, options));
  }

  /** @internal */
  public readonly _bound: BoundBuilder;

  private constructor(
    /**
     * For messages.
     * @internal
     */
    public readonly _name: string,
    bind: (name: string) => BoundBuilder,
  ) {
    this._bound = bind(_name);
  }
}
