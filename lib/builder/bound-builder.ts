import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { Processor } from './build-machine';
import { BuilderCheck } from './builder-check';
import { LayerCache } from '../cache/layer-cache';
import { CachedDockerImage } from '../image/cached-docker-image';
import { BuilderSettings } from '../plan/step-settings';
import { RegistryAccess } from '../registry/registry-access';
import { SecretField } from '../secret/secret-variables';

/** What a builder adds to a build. */
export interface BoundBuilder {
  /** Whether it cannot build this image, or not this way. Raises an error then. */
  readonly check?: BuilderCheck;
  /** Which caches it can read and write, as messages call them. */
  readonly layerCaches: string[];
  /** The cache of a step that names none, unless it is `LayerCache.registry()`. */
  readonly defaultCache?: (images: CachedDockerImage[]) => LayerCache;
  /** For the runner. */
  readonly settings: BuilderSettings;
  /** Environment variables that CodeBuild fills from secrets. */
  readonly secrets?: { [name: string]: SecretField };
  /** Registries that it pulls from, other than those of the image and its cache. */
  readonly registries: RegistryAccess[];
  /** Commands before the runner, where the build image lacks what it needs. */
  readonly prepare?: string[];
  /** Whether nothing of the image is read again, since all that is reused is in the layer cache. */
  readonly onlyPushes?: boolean;
  /** Whether it needs a Docker engine on the build machine, and so a privileged build. */
  readonly privileged: boolean;
  /** Whether the steps run on other machines than that of the build, whose processor does not matter then. */
  readonly runsElsewhere?: boolean;
  /** The machine beside the build machine that runs the engine. */
  readonly dockerServer?: codebuild.DockerServerOptions;
  /** The image that the build runs in, where CodeBuild's own will not do. */
  readonly buildImage?: (processor: Processor) => codebuild.IBuildImage;
}
