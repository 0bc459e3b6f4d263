import { localName } from './local-name';
import { BuildxSolver } from '../builder/buildx-solver';
import { LayerCache } from '../cache/layer-cache';
import { unansweredCache } from '../cache/unanswered-cache';
import { restoreContext } from '../image/context';
import { cachedImage, ImageJob } from '../image/image-job';
import { ImageResult } from '../image/image-result';
import { explain } from '../reason/explain';
import { recordStore } from '../record/record-store';
import { Logins } from '../registry/logins';
import { reasonOf, sentenceOf } from '../report/failure';
import { Phases } from '../report/phases';
import { WorkDone } from '../solve/work-done';

export interface ImageTrials {
  readonly docker: BuildxSolver;
  readonly cache: LayerCache;
  readonly logins: Logins;
  /** Why the layer cache of no image can be read, if so. */
  readonly unread?: string;
}

/** Builds one image into the engine of this machine, as its Dockerfile is written. */
export async function tryImage(job: ImageJob, { docker, cache, logins, unread }: ImageTrials): Promise<ImageResult> {
  const phases = new Phases();
  const done = new WorkDone();
  let result: Partial<ImageResult> = {};
  try {
    await job.secrets.prepare();
    const contexts = await phases.time('context', async () => restoreContext(job));
    const unreadCache = unread ?? await whyUnread(job, cache, logins);
    if (unreadCache !== undefined) job.log.warn(`the layer cache is not read: ${unreadCache}`);
    const known = unreadCache === undefined ? await recordStore(job, cache, logins)?.read() : undefined;
    const loadedAs = localName(job.plan);
    const built = await phases.time('build', async () => docker.load({ ...job, done, unreadCache }, loadedAs));
    const { firstRun, lines } = explain({ image: { job, built }, job, contexts, cache, known });
    result = { status: 'built, and not pushed', loadedAs, steps: built.steps, imports: built.imports, unreadCache: built.unreadCache, firstRun, lines };
  } catch (error) {
    job.log.line(`ERROR: ${sentenceOf(error).replace(/\s+/g, ' ')}`);
    result = { ...result, failure: reasonOf(error) };
  } finally {
    await job.secrets.end();
  }
  return { status: 'failed', ...result, job, done, phases: phases.milliseconds };
}

/** Why the layer cache cannot be read, as far as that is known before the build. */
async function whyUnread(job: ImageJob, cache: LayerCache, logins: Logins): Promise<string | undefined> {
  for (const { repository } of cache.readPlaces(cachedImage(job))) {
    const reason = await logins.toRepository(repository);
    if (reason !== undefined) return `there is no password for ${repository}: ${reason}`;
  }
  return unansweredCache(job, cache, logins);
}
