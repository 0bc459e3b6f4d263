/** What a builder adds to a build. */
export interface BoundBuilder {
  /** For the scripts in `buildspec/`. */
  readonly environment: { [name: string]: string };
  /** Scripts that make the builder ready, in this order. */
  readonly start: string[];
  /** The script that builds and pushes. */
  readonly build: string;
  /** Whether it needs a Docker engine, and so a privileged build. */
  readonly privileged: boolean;
  /** Whether it can write a layer cache apart from the image. */
  readonly exportsCache: boolean;
}
