import { localName } from './local-name';
import { OwnDocker } from '../builder/own-docker';
import { LayerCache, NOTHING } from '../cache/layer-cache';
import { unansweredCache } from '../cache/unanswered-cache';
import { restoreContext } from '../image/context';
import { cachedImage, ImageJob } from '../image/image-job';
import { ImageResult } from '../image/image-result';
import { explain } from '../reason/explain';
import { recordStore } from '../record/record-store';
import { Access } from '../registry/access';
import { Logins } from '../registry/logins';
import { reasonOf, sentenceOf } from '../report/failure';
import { Phases } from '../report/phases';
import { WorkDone } from '../solve/work-done';

export interface ImageTrials {
  readonly docker: OwnDocker;
  readonly cacheOf: Access['cacheOf'];
  readonly logins: Logins;
  /** Why the layer cache of no image can be read, if so. */
  readonly unread?: string;
}

/** What became of an image, and the layer cache that it would have been read from. */
export interface TriedImage {
  readonly result: ImageResult;
  readonly cache: LayerCache;
}

/** Builds one image into the engine of this machine, as its Dockerfile is written. */
export async function tryImage(job: ImageJob, { docker, cacheOf, logins, unread }: ImageTrials): Promise<TriedImage> {
  const phases = new Phases();
  const done = new WorkDone();
  let cache = NOTHING;
  let result: Partial<ImageResult> = {};
  try {
    await job.secrets.prepare();
    const contexts = await phases.time('context', async () => restoreContext(job));
    let unreadCache = unread;
    try {
      cache = await cacheOf(job.planFile);
      unreadCache ??= docker.reads(cache) ? await whyUnread(job, cache, logins) : 'it is in a bucket, which only a builder that BUILDX_BUILDER names can read';
    } catch (error) {
      unreadCache ??= reasonOf(error);
    }
    if (unreadCache !== undefined) job.log.warn(`the layer cache is not read: ${unreadCache}`);
    const known = unreadCache === undefined ? await recordStore(job, cache, logins)?.read() : undefined;
    const loadedAs = localName(job.plan);
    const built = await phases.time('build', async () => docker.load({ ...job, done, unreadCache }, loadedAs, cache));
    const { firstRun, lines } = explain({ image: { job, built }, job, contexts, cache, known });
    result = { status: 'built, and not pushed', loadedAs, steps: built.steps, imports: built.imports, unreadCache: built.unreadCache, firstRun, lines };
  } catch (error) {
    job.log.line(`ERROR: ${sentenceOf(error).replace(/\s+/g, ' ')}`);
    result = { ...result, failure: reasonOf(error) };
  } finally {
    await job.secrets.end();
  }
  return { result: { status: 'failed', ...result, job, done, startedAt: phases.startedAt, phases: phases.milliseconds }, cache };
}

/** Why the layer cache cannot be read, as far as that is known before the build. */
async function whyUnread(job: ImageJob, cache: LayerCache, logins: Logins): Promise<string | undefined> {
  const places = [...cache.readPlaces(cachedImage(job)), ...cache.records(cachedImage(job)) ?? []];
  for (const repository of new Set(places.map((place) => place.repository))) {
    const reason = await logins.toRepository(repository);
    if (reason !== undefined) return `there is no password for ${repository}: ${reason}`;
  }
  return unansweredCache(job, cache, logins);
}
