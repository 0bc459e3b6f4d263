import { Readable } from 'stream';
import { LayerCache } from '../cache/layer-cache';
import { ImageJob } from '../image/image-job';
import { LayerStore } from '../layers/layer-store';
import { WorkDirectory } from '../process/work-directory';
import { DockerConfig } from '../registry/docker-config';
import { Mirrors } from '../registry/mirrors';
import { Log } from '../report/log';
import { CacheImport, Step } from '../solve/solve-progress';

/** What a builder finds on the machine that it is started on. */
export interface BuilderContext {
  readonly cache: LayerCache;
  readonly mirrors: Mirrors;
  readonly dockerConfig: DockerConfig;
  readonly work: WorkDirectory;
  readonly log: Log;
  /** The environment for programs, with the way to the logins. */
  readonly env: NodeJS.ProcessEnv;
  /** The whole environment, with the secrets of this build. */
  readonly ownEnv: NodeJS.ProcessEnv;
  /** The input of the build: the cloud assembly, which has to survive it. */
  readonly input: string;
  /** A directory that outlives this process: an engine that it starts is kept for the next one on this machine. Undefined to leave the machine as it was. */
  readonly keep?: string;
}

/** What runs the builds of images. */
export interface Builder {
  /** Gets it ready. Called once, and only when something has to be built. */
  start(jobs: readonly ImageJob[]): Promise<RunningBuilder>;
}

/** A builder that is ready. */
export interface RunningBuilder {
  /** For the report. */
  readonly description: string;
  /** Whether it builds one image after the other only. */
  readonly isSequential?: boolean;
  /** Where layers stay by themselves, for the report. */
  readonly keeper?: string;
  /** Where an image can be held against what is below its copies before its tag is set: what linked copies take. */
  readonly archives?: ImageArchives;
  /** Builds an image and pushes it. Fails with the reason. */
  build(job: ImageJob, watch?: BuildWatch): Promise<BuiltImage>;
  /** Keeps the layers of an image that was published. Gives the reason when that fails. */
  keepLayers(job: ImageJob): Promise<string | undefined>;
  /** Leaves the machine as it was. */
  stop(): Promise<void>;
}

/** What is told of a build while it goes on. */
export interface BuildWatch {
  /** These steps are done, and the image with this manifest is pushed now. */
  readonly onPush?: (steps: readonly Step[], manifest: string) => void;
}

/** What is told of an image that is built for a reader. */
export interface ReadWatch {
  /** What was built. */
  readonly onSteps?: (steps: readonly Step[]) => void;
}

/** Hands images to readers before they are anywhere else. */
export interface ImageArchives {
  /** Where the builder keeps its layers in files of this machine. */
  readonly store?: LayerStore;
  /** Why an image has its tag before anything of it can be proven; undefined where it has not. */
  whyTooEarly(job: ImageJob): string | undefined;
  /**
   * Builds, and puts the layers as they are pushed into an OCI layout, but for those of these digests. Gives its directory. Fails with the reason.
   */
  unpack(job: ImageJob, known: ReadonlySet<string>): Promise<string>;
  /** Builds, and gives the files as one archive (`tar`), or the layers as they are pushed (`oci`). Fails with the reason. */
  read<T>(job: ImageJob, type: 'tar' | 'oci', reader: (archive: Readable) => Promise<T>, watch?: ReadWatch): Promise<T>;
}

/** What is known of a build that went well. */
export interface BuildOutcome {
  readonly steps: readonly Step[];
  readonly imports: readonly CacheImport[];
  /** The digests of base images, by their names, as far as the builder tells them. */
  readonly baseImages?: { readonly [image: string]: string };
  /** Why the layer cache was left out, if it was. */
  readonly unreadCache?: string;
}

/** An image that was pushed, and not checked yet. */
export interface BuiltImage extends BuildOutcome {
  /** The digest, or a tag where the builder does not say it. */
  readonly pushed: string;
  /** Whether another build has set the tag of the image meanwhile, where the image is pushed by that tag. */
  readonly isTaken?: boolean;
}
