/** Everything about a build that changes with the image. The pipeline's template knows only where it lies. */
export interface BuildPlan {
  /** Undefined when it is not known what the synthesis ran for, and the image cannot be built. */
  readonly tag?: string;
  /** The folder with the files, relative to the build's input. */
  readonly context: string;
  /** The path of the Dockerfile in the context. */
  readonly dockerfile: string;
  /** The Dockerfile itself; undefined when it lies in the source. */
  readonly dockerfileContent?: string;
  readonly target?: string;
  readonly platform: string;
  readonly buildArgs: { [name: string]: string };
  /** See `ImageTag.contentHash`; what was built in another period is not taken from the cache. */
  readonly refreshPeriod?: number;
  /** What a zip may lose, and the build restores. */
  readonly executables: string[];
  readonly emptyDirectories: string[];
  readonly links: { [path: string]: string };
}
