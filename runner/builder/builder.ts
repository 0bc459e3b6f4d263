import { LayerCache } from '../cache/layer-cache';
import { ImageJob } from '../image/image-job';
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
  /** Builds an image and pushes it. Fails with the reason. */
  build(job: ImageJob): Promise<BuiltImage>;
  /** Keeps the layers of an image that was published. Gives the reason when that fails. */
  keepLayers(job: ImageJob): Promise<string | undefined>;
  /** Leaves the machine as it was. */
  stop(): Promise<void>;
}

/** An image that was pushed, and not checked yet. */
export interface BuiltImage {
  /** The digest, or a tag where the builder does not say it. */
  readonly pushed: string;
  /** Whether another build has set the tag of the image meanwhile, where the image is pushed by that tag. */
  readonly isTaken?: boolean;
  readonly steps: readonly Step[];
  readonly imports: readonly CacheImport[];
  /** Why the layer cache was left out, if it was. */
  readonly unreadCache?: string;
}
