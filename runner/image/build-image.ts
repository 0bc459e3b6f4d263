import { setAdditionalTags } from './additional-tags';
import { checkImage, warnOfPlainLayers } from './check-image';
import { restoreContext } from './context';
import { cachedImage, ImageJob } from './image-job';
import { ImageResult } from './image-result';
import { keepLayers } from './keep-layers';
import { layerMakers } from './layer-makers';
import { parseDockerfile } from './parse-dockerfile';
import { pushedBytes } from './pushed-bytes';
import { refreshed } from './refreshed';
import { BuildFailure } from '../builder/build-failure';
import { BuiltImage, RunningBuilder } from '../builder/builder';
import { StoredCache, storedCache } from '../cache/config/stored-cache';
import { LayerCache } from '../cache/layer-cache';
import { lostCache } from '../cache/lost-cache';
import { unansweredCache } from '../cache/unanswered-cache';
import { imageContent } from '../layers/image-content';
import { buildProven, ProvenBuild } from '../links/build-proven';
import { explain } from '../reason/explain';
import { BuildRecord } from '../record/build-record';
import { LastBuild } from '../record/last-build';
import { recordStore } from '../record/record-store';
import { Logins } from '../registry/logins';
import { Manifest, RegistryClient } from '../registry/registry-client';
import { Failure, reasonOf, sentenceOf } from '../report/failure';
import { Phases } from '../report/phases';
import { linesOf } from '../solve/steps-below';
import { WorkDone } from '../solve/work-done';

/** What the builds of all images have in common. */
export interface ImageBuilds {
  readonly builder: RunningBuilder;
  readonly cache: LayerCache;
  readonly logins: Pick<Logins, 'client'>;
  /** What each image gets besides its own tag. */
  readonly additionalTags: readonly string[];
}

/** One image that is missing: its files, its build, its tag, its layers, in this order. */
export async function buildImage(job: ImageJob, { builder, cache, logins, additionalTags }: ImageBuilds): Promise<ImageResult> {
  const phases = new Phases();
  const done = new WorkDone();
  const registry = logins.client(job.repository);
  const store = builder.archives && recordStore(job, cache, logins);
  const stored = builder.archives && storedCache(job, cache, logins);
  let result: Partial<ImageResult> = {};
  try {
    await job.secrets.prepare();
    const [known, unread, contexts] = await Promise.all([
      store?.read(), unansweredCache(job, cache, logins), phases.time('context', async () => restoreContext(job)),
    ]);
    const image = await phases.time('build', async () => buildProven({ job: { ...job, done, unreadCache: unread }, builder, registry, known }));
    const { steps, imports, unreadCache } = image.built;
    const { inputs, firstRun, lines } = explain({ image, job, contexts, cache, keeper: builder.keeper ?? cache.keeper, known });
    const lost = lostCache(cache.manifest(cachedImage(job)), imports, known?.[0]);
    result = { steps, imports, unreadCache, lostCache: lost, copies: image.copies, firstRun, lines };
    const { manifest, isOurs } = await phases.time('publish', async () => publish(job, image.built, image.manifest, registry));
    // Kept before anything else can fail: what was built once need not be built again.
    const kept = await phases.time('cache export', async () => keepLayers({ image, builder, cache, stored, known: known?.[0] }));
    if (kept.failure !== undefined) job.log.warn(`the layer cache was not written, so the next build may be slower: ${kept.failure}`);
    const status = isOurs ? 'built' : 'built by another build at the same time';
    const stays = layersOf(manifest, stored, known?.[0]);
    const makers = isOurs ? await makersOf(image, stays.layers) : undefined;
    const saved = { cacheFailure: kept.failure, cacheWasComplete: kept.wasComplete };
    result = { ...result, ...stays, ...saved, layerMakers: makers, digest: manifest.digest, status };
    const layers = result.layers?.map(({ digest }) => digest);
    const lastBuild: LastBuild = { inputs, layers, ...kept.failure !== undefined && { cacheFailed: true } };
    await store?.write({ ...image.record, cache: kept.record, lastBuild });
    await setAdditionalTags(job, manifest, registry, additionalTags);
  } catch (error) {
    job.log.line(`ERROR: ${sentenceOf(error).replace(/\s+/g, ' ')}`);
    result = { ...result, ...untilFailure(error), failure: reasonOf(error) };
  } finally {
    await job.secrets.end();
  }
  return { status: 'failed', ...result, job, done, startedAt: phases.startedAt, phases: phases.milliseconds };
}

/** For the report: the steps that were done before one failed, and that one. */
function untilFailure(error: unknown): Partial<ImageResult> {
  if (!(error instanceof BuildFailure) || !error.tried) return {};
  const { job, steps } = error.tried;
  return { steps, lines: linesOf(steps, parseDockerfile(job)) };
}

/** For the report. The configuration is known by now, where the image was looked into. */
async function makersOf({ job, image }: ProvenBuild, layers: ImageResult['layers']): Promise<ImageResult['layerMakers']> {
  if (!image || !layers) return undefined;
  try {
    return layerMakers(layers.length, { job, history: (await image.config()).history ?? [] });
  } catch (error) {
    job.log.warn(`the report does not say what made the layers: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Checks what was pushed, then sets its tag. The registry does that by itself, no layer moves. */
async function publish(
  { plan, repository, log }: ImageJob, { pushed, isTaken }: BuiltImage, proven: Manifest | undefined, registry: RegistryClient,
): Promise<{ manifest: Manifest; isOurs: boolean }> {
  let ours: Manifest | undefined;
  if (!isTaken) {
    const built = proven ?? await registry.pushedManifest(pushed);
    checkImage(plan, repository, built);
    warnOfPlainLayers(plan, repository, built, log);
    if (pushed === plan.tag) return { manifest: built, isOurs: true };
    ours = refreshed(plan, built);
    if (await registry.setTag(plan.tag, ours)) return { manifest: ours, isOurs: true };
  }
  const first = await registry.manifest(plan.tag);
  if (!first) throw new Failure(unreachable(repository, plan.tag));
  checkImage(plan, repository, first);
  return { manifest: first, isOurs: first.digest === ours?.digest };
}

function layersOf(manifest: Manifest, stored: StoredCache | undefined, known: BuildRecord | undefined): Pick<ImageResult, 'layers' | 'pushedBytes'> {
  const content = imageContent(manifest);
  return content ? { layers: content.layers, pushedBytes: pushedBytes([content.config, ...content.layers], stored?.newLayers ?? [], known) } : {};
}

/** What Amazon ECR says of an archived image is what it says of none, but its tag is taken. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html */
function unreachable(repository: string, tag: string): string {
  const name = repository.replace(/^[^/]*\//, '');
  return `the tag '${tag}' of ${repository} is taken by an image that cannot be pulled, as an archived one. Restore it:`
    + ` aws ecr update-image-storage-class --repository-name ${name} --image-id imageTag=${tag} --target-storage-class STANDARD`
    + ' (or delete it), and run the step again when it is there';
}
