import { RegistryAccess } from './registry-access';

/** What a builder adds to a build. */
export interface BoundBuilder {
  /** For the scripts in `buildspec/`. */
  readonly environment: { [name: string]: string };
  /** Registries that it pulls from, other than those of the image and its cache. */
  readonly registries: RegistryAccess[];
  /** Scripts that make the builder ready, in this order. */
  readonly start: string[];
  /** The script that builds and pushes. */
  readonly build: string;
  /** Scripts that keep layers apart from the image, after it was published. */
  readonly keepLayers: string[];
  /** Whether it needs a Docker engine, and so a privileged build. */
  readonly privileged: boolean;
}
