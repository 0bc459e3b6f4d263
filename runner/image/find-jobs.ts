import * as path from 'path';
import { placeDockerfile } from './context';
import { ImageJob } from './image-job';
import { StepSettings } from '../../lib/plan/step-settings';
import { readPlan } from '../input/read-plan';
import { addressFiller } from '../input/surroundings';
import { WorkDirectory } from '../process/work-directory';
import { Log } from '../report/log';
import { ImageSecrets } from '../secrets/image-secrets';

export interface JobsRequest {
  /** The cloud assembly. */
  readonly input: string;
  /** The files of the plans, in it. */
  readonly plans: readonly string[];
  readonly settings: StepSettings;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  /** The part of it that programs get. */
  readonly publicEnv: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly work: WorkDirectory;
  /** Fills in the addresses of plans. @default - finds out where this build runs, and fails when that cannot be told */
  readonly fill?: (address: string) => string;
}

/** The images of plans, with what only this machine knows of them. */
export async function findJobs({ input, plans, settings, env, publicEnv, log, work, ...request }: JobsRequest): Promise<ImageJob[]> {
  const found = plans.map((file) => ({ file, plan: readPlan(input, file) }));
  const fill = request.fill ?? await addressFiller(found.map(({ plan }) => plan), publicEnv);
  return found.map(({ file, plan }, index) => {
    const ofImage = work.within(`image-${index}`);
    const job = {
      plan,
      planFile: file,
      repository: fill(plan.repository),
      cacheRepository: plan.cacheRepository === undefined ? undefined : fill(plan.cacheRepository),
      input,
      context: path.join(input, plan.context),
      secrets: new ImageSecrets(plan, settings.secrets?.[file], env, publicEnv, ofImage),
      work: ofImage,
      log: found.length > 1 ? log.for(plan.name) : log,
    };
    return { ...job, dockerfile: placeDockerfile(job) };
  });
}
