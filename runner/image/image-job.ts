import { ReadyPlan } from '../input/read-plan';
import { WorkDirectory } from '../process/work-directory';
import { Log } from '../report/log';
import { ImageSecrets } from '../secrets/image-secrets';
import { WorkDone } from '../solve/work-done';

/** What `docker build` can be told of an image, and a plan does not say. */
export interface BuildOptions {
  /** The network of its steps; undefined for that of the builder. */
  readonly network?: string;
  /** Caches besides the layer cache, as BuildKit takes them. */
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
}

/** The build of one image: its plan, with everything in it that only this machine knows. */
export interface ImageJob {
  readonly plan: ReadyPlan;
  /** The file of the plan, in the order of the command. */
  readonly planFile: string;
  /** The address of the repository. */
  readonly repository: string;
  /** The address of the repository for the layers of all stages, if it is another one. */
  readonly cacheRepository?: string;
  /** The input of the build. */
  readonly input: string;
  /** Where the files of the context are. */
  readonly context: string;
  /** Where the Dockerfile is. */
  readonly dockerfile: string;
  readonly secrets: Pick<ImageSecrets, 'arguments' | 'environment' | 'prepare' | 'end'>;
  /** What else its build is told; undefined for nothing. */
  readonly options?: BuildOptions;
  /** Why the layer cache is not read, if that is known before the build. */
  readonly unreadCache?: string;
  /** What its solves did, for the report; undefined where nobody asks. */
  readonly done?: WorkDone;
  /** For files of this image's build. */
  readonly work: WorkDirectory;
  readonly log: Log;
}

/** Whether a push failed because another build of the same image was first, where the image is pushed by its own tag. An error names the command of a step, such as `yarn --immutable`. */
export function isTaken({ plan }: ImageJob, error: string): boolean {
  return plan.stagingTag === undefined && /(tag|repository) is immutable/i.test(error);
}

/** What the layer cache has to know of it. */
export function cachedImage({ plan: { cacheName, sharedCacheName, stagingTag }, repository, cacheRepository }: Pick<ImageJob, 'plan' | 'repository' | 'cacheRepository'>) {
  return { repository, cacheRepository, cacheName, sharedCacheName, hasMutableTags: stagingTag !== undefined };
}
