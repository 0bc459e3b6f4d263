import { BuildInputs, buildInputs } from './build-inputs';
import { ContextContents } from './context-contents';
import { FirstRun } from './reason';
import { whyItRan } from './why-it-ran';
import { BuildOutcome } from '../builder/builder';
import { LayerCache } from '../cache/layer-cache';
import { ImageJob } from '../image/image-job';
import { parseDockerfile } from '../image/parse-dockerfile';
import { BuildRecord } from '../record/build-record';
import { reasonOf } from '../report/failure';
import { linesOf } from '../solve/steps-below';

export interface ImageToExplain {
  readonly image: {
    /** With the Dockerfile that was built. */
    readonly job: ImageJob;
    readonly built: BuildOutcome;
  };
  /** With the Dockerfile as it is written. */
  readonly job: ImageJob;
  readonly contexts: ContextContents;
  readonly cache: LayerCache;
  /** Where layers stay by themselves. */
  readonly keeper?: string;
  /** What earlier builds have left, that of the own scope first; undefined where nothing can be left. */
  readonly known?: readonly BuildRecord[];
}

export interface Explanation {
  /** For the next build. */
  readonly inputs?: BuildInputs;
  readonly firstRun?: FirstRun;
  /** The lines of the steps in the Dockerfile, by their names; of those that the base image brings, none. */
  readonly lines: ReadonlyMap<string, number>;
}

/**
 * Says why an image was built as it was, and what the next build has to know to say the same. The image is built and pushed, and stays so whatever goes wrong here.
 */
export function explain({ image, job, contexts, cache, keeper, known = [] }: ImageToExplain): Explanation {
  try {
    const { built } = image;
    const [dockerfile, builtDockerfile] = [job, image.job].map((one) => parseDockerfile(one));
    const build = { job, dockerfile, builtDockerfile, contexts, baseImages: built.baseImages ?? {} };
    const inputs = buildInputs(build);
    const before = known.find(({ lastBuild }) => lastBuild?.inputs !== undefined)?.lastBuild;
    return {
      inputs,
      firstRun: whyItRan({ build, built, cache, keeper, now: inputs, before: before?.inputs, lastCacheFailed: before?.cacheFailed }),
      lines: linesOf(built.steps, builtDockerfile),
    };
  } catch (error) {
    job.log.warn(`the report does not say why steps ran: ${reasonOf(error)}`);
    return { lines: new Map() };
  }
}
