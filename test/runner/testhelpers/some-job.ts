import { collectedLog } from './collected-log';
import { temporaryWork } from './work-directory';
import { PLAN_VERSION } from '../../../lib/plan/image-plan';
import { ImageJob } from '../../../runner/image/image-job';
import { ReadyPlan } from '../../../runner/input/read-plan';
import { ImageSecrets } from '../../../runner/secrets/image-secrets';

export const REPOSITORY = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app';

/** The build of an image with what every one has. */
export function someJob(plan: Partial<ReadyPlan> = {}, job: Partial<ImageJob> = {}): ImageJob {
  return {
    plan: {
      version: PLAN_VERSION,
      name: 'App',
      repository: REPOSITORY,
      tag: 'v1',
      context: 'asset.1',
      dockerfile: 'Dockerfile',
      platform: 'linux/amd64',
      buildArgs: {},
      linkCopies: false,
      cacheName: 'cache-a',
      sharedCacheName: 'cache-shared',
      runsOnLambda: false,
      ...plan,
    },
    planFile: 'image-App.json',
    repository: REPOSITORY,
    input: '/input',
    context: '/input/asset.1',
    dockerfile: '/build/Dockerfile',
    secrets: new ImageSecrets({ name: 'App' }, undefined, {}, {}, temporaryWork()),
    work: temporaryWork(),
    log: collectedLog().log,
    ...job,
  };
}
