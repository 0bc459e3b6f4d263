import * as fs from 'fs';
import { kanikoArguments, kanikoFeatures } from './kaniko-arguments';
import { checkKanikoCache } from './kaniko-cache';
import { KanikoLog } from './kaniko-log';
import { checkKanikoSource } from './kaniko-source';
import { ImageJob } from '../../image/image-job';
import { runProgram } from '../../process/run-program';
import { Failure } from '../../report/failure';
import { attempt } from '../../solve/attempts';
import { LONGEST_BUILD, solve } from '../../solve/solve';
import { Builder, BuilderContext, BuiltImage } from '../builder';

/** Where the image of kaniko has it. */
const FOLDER = '/kaniko';

/**
 * kaniko, which needs no privileges, since it runs the steps in the container that the build itself runs in: it moves the files of the build image away, unpacks
 * the base image over /, and puts everything back at the end. Until then there is no program to start. One image is built after the other.
 */
export function kaniko(context: BuilderContext): Builder {
  const env = { ...context.env, PATH: `${context.env.PATH}:${FOLDER}`, ...kanikoFeatures() };
  return {
    start: async () => {
      const { ok, stdout, reason } = await runProgram('executor', ['version'], { env, timeout: 30_000 });
      if (!ok) throw new Failure(`there is no kaniko (${reason}): the build image has to be ghcr.io/osscontainertools/kaniko:<version>-alpine, or one made from it`);
      const description = `kaniko ${stdout.trim().split(/\s+/).at(-1) ?? 'of an unknown version'}, unprivileged`;
      context.log.line(`builder: ${description}`);
      const unreadCache = await checkKanikoCache(context);
      return {
        description,
        isSequential: true,
        build: async (job) => build(job, { ...context, env }, unreadCache),
        keepLayers: async (job) => failures.get(job),
        stop: async () => undefined,
      };
    },
  };
}

/** What kaniko could not keep of an image. */
const failures = new WeakMap<ImageJob, string>();

async function build(job: ImageJob, context: BuilderContext, unreadCache: string | undefined): Promise<BuiltImage> {
  checkKanikoSource(job);
  const digestFile = job.work.path('kaniko.digest');
  let progress = new KanikoLog(undefined);
  const outcome = await attempt({ ...context, job }, async ({ cache, mirrors }) => {
    const inUse = Object.keys(mirrors).length > 0 ? context.mirrors.inUse : [];
    const args = kanikoArguments(job, context, { digestFile, readsCache: cache !== undefined, mirrors: inUse });
    progress = new KanikoLog(context.cache.repositories[0]);
    return solve({ program: 'executor', args, environment: {}, env: context.env, progress, log: job.log, timeout: LONGEST_BUILD });
  });
  if (!outcome.ok) throw new Failure(`the image could not be built or pushed: ${outcome.error.text}`);
  if (progress.cacheFailure !== undefined) failures.set(job, progress.cacheFailure);
  const digest = fs.existsSync(digestFile) ? fs.readFileSync(digestFile, 'utf8').trim() : '';
  return {
    ...outcome,
    unreadCache: outcome.unreadCache ?? unreadCache,
    pushed: /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : job.plan.stagingTag ?? job.plan.tag,
    isTaken: progress.isTagTaken,
  };
}
