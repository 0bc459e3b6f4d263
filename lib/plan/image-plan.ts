/**
 * The version of what synthesis writes and the runner reads: plans and settings. A runner refuses any other, so it is raised with each change of their shape.
 */
export const PLAN_VERSION = 3;

/**
 * All that a build needs to know of one image. Synthesis writes it as a file of the cloud assembly, and the runner reads it.
 *
 * Values that synthesis does not know are placeholders, which the runner fills in from where it runs: see `PLACEHOLDERS`.
 */
export interface ImagePlan {
  readonly version: number;
  /** What the log calls the image: the path of its construct in its stack. */
  readonly name: string;
  /** The address of the repository, with placeholders. */
  readonly repository: string;
  /** Undefined when it is not known what the synthesis ran for, and the image cannot be built. */
  readonly tag?: string;
  /** The folder with the files, relative to the build's input. */
  readonly context: string;
  /** What has to be in that folder; undefined for a source, which is built as it is. */
  readonly contextFiles?: ContextManifest;
  /** The path of the Dockerfile in the context. */
  readonly dockerfile: string;
  /** The Dockerfile itself; undefined when it is in the source. */
  readonly dockerfileContent?: string;
  readonly target?: string;
  readonly platform: string;
  readonly buildArgs: { readonly [name: string]: string };
  /** Further contexts, by the names that the Dockerfile has for them; undefined for none. */
  readonly buildContexts?: { readonly [name: string]: NamedContext };
  /** The ids of the secrets that steps mount; undefined for none. */
  readonly secretIds?: readonly string[];
  /** Whether steps mount an SSH agent with a key. */
  readonly hasSshKey?: boolean;
  /** Whether the last copies may be linked, where the image is proven to be the same. */
  readonly linkCopies: boolean;
  /** See `ImageTag.contentHash`; what was built in another period is not taken from the cache. */
  readonly refreshPeriod?: number;
  /** The tag that an image has until it was checked, where it cannot be pushed without one; undefined in a repository where no tag can be set twice. */
  readonly stagingTag?: string;
  /** The address of the repository in which a layer cache keeps the layers of all stages, with placeholders; undefined where they may be in that of the image. */
  readonly cacheRepository?: string;
  /** A name for the layers of this image, target and platform alone, and of the stack too. */
  readonly cacheName: string;
  /** The same name in whatever stack the image is, for caches that several pipelines share. */
  readonly sharedCacheName: string;
  /** Whether a function runs the image, so that it must be one that AWS Lambda accepts. */
  readonly runsOnLambda: boolean;
}

/** A context besides that of the image: a folder of the build's input, or an image. */
export interface NamedContext {
  /** The folder, relative to the build's input. */
  readonly path?: string;
  /** What has to be in it. */
  readonly files?: ContextManifest;
  /** The address of the image, if it is one. */
  readonly image?: string;
}

/** What a context has to hold. Artifacts are zip files, which may lose executable bits, links and empty folders; the runner restores them. */
export interface ContextManifest {
  /** Of all of it, as `hashContext` has it. */
  readonly hash: string;
  /** The size of each file in bytes. */
  readonly files: { readonly [path: string]: number };
  /** Those of the files that can be executed. */
  readonly executables: readonly string[];
  readonly emptyDirectories: readonly string[];
  /** Where each link leads. */
  readonly links: { readonly [path: string]: string };
}

/** What stands in a plan for a value that only the place of the build knows, named as in the cloud assemblies of the CDK. */
export const PLACEHOLDERS = {
  account: '${AWS::AccountId}',
  region: '${AWS::Region}',
  partition: '${AWS::Partition}',
  urlSuffix: '${AWS::URLSuffix}',
} as const;
