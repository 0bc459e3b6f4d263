import { tryImage } from './try-image';
import { BuildCommand, failuresOf, writeOutputs } from '../build-command';
import { ownDocker } from '../builder/own-docker';
import { findJobs } from '../image/find-jobs';
import { ImageJob } from '../image/image-job';
import { readPlan } from '../input/read-plan';
import { DEFAULT_SETTINGS, programEnvironment, readSettings } from '../input/read-settings';
import { addressFiller } from '../input/surroundings';
import { inParallel } from '../process/in-parallel';
import { cachesOf } from '../registry/access';
import { DockerConfig } from '../registry/docker-config';
import { Logins } from '../registry/logins';
import { Mirrors } from '../registry/mirrors';
import { reasonOf } from '../report/failure';
import { Phases } from '../report/phases';
import { report } from '../report/report';

/** How many images are built at the same time. */
const CONCURRENT_BUILDS = 4;

/**
 * Builds images with the Docker of this machine, whether their repositories have them or not, and leaves them there. Layers come from the layer cache where the user
 * may read it; nothing is written anywhere else. Gives the exit code.
 */
export async function trialBuild({ input, plans, outputs, env: ownEnv, log, work }: BuildCommand): Promise<number> {
  const phases = new Phases();
  const settings = readSettings(ownEnv);
  const publicEnv = programEnvironment(settings, ownEnv);
  let unread: string | undefined;
  const fill = await addressFiller(plans.map((file) => readPlan(input, file)), publicEnv).catch((error) => {
    unread = reasonOf(error);
    return (address: string) => address;
  });
  const jobs = await findJobs({ input, plans, settings, env: ownEnv, publicEnv, log, work, fill });
  const dockerConfig = new DockerConfig(work, ownEnv);
  const logins = new Logins(dockerConfig, ownEnv, log, publicEnv);
  const env = { ...publicEnv, ...dockerConfig.environment };
  const cacheOf = cachesOf(input, ownEnv);
  const mirrors = new Mirrors(settings.builder, work, log);
  await logins.toBaseImages(settings);
  const buildkit = settings.builder.kind === 'buildkit' ? settings.builder : DEFAULT_SETTINGS.builder;
  const docker = await phases.time('builder', async () => ownDocker(buildkit, { mirrors, dockerConfig, work, log, env, ownEnv, input }));
  const tryJob = async (job: ImageJob) => tryImage(job, { docker, cacheOf, logins, unread });
  const tried = await phases.time('images', async () => inParallel(jobs, CONCURRENT_BUILDS, tryJob));
  const [results, { cache }] = [tried.map(({ result }) => result), tried[0]];
  const content = { results, builder: docker.description, cache, phases: phases.milliseconds, total: phases.total, startedAt: phases.startedAt };
  report(content).forEach((line) => log.line(line));
  if (outputs !== undefined) writeOutputs(outputs, content, log);
  return failuresOf(results, log) ? 1 : 0;
}
