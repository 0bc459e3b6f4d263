import { setAdditionalTags } from './additional-tags';
import { checkImage } from './check-image';
import { restoreContext } from './context';
import { ImageJob } from './image-job';
import { ImageResult } from './image-result';
import { BuiltImage, RunningBuilder } from '../builder/builder';
import { Manifest, RegistryClient } from '../registry/registry-client';
import { Failure, reasonOf } from '../report/failure';
import { Phases } from '../report/phases';

/** One image that is missing: its files, its build, its tag, its layers, in this order. */
export async function buildImage(job: ImageJob, builder: RunningBuilder, registry: RegistryClient, tags: readonly string[]): Promise<ImageResult> {
  const phases = new Phases();
  let result: Partial<ImageResult> = {};
  try {
    await phases.time('context', async () => restoreContext(job));
    const built = await phases.time('build', async () => builder.build(job));
    const { steps, imports, unreadCache } = built;
    result = { steps, imports, unreadCache };
    const { manifest, isOurs } = await phases.time('publish', async () => publish(job, built, registry));
    // Kept before anything else can fail: what was built once need not be built again.
    const cacheFailure = await phases.time('cache export', async () => builder.keepLayers(job));
    if (cacheFailure !== undefined) job.log.warn(`the layer cache was not written, so the next build may be slower: ${cacheFailure}`);
    result = { ...result, cacheFailure, digest: manifest.digest, status: isOurs ? 'built' : 'built by another build at the same time' };
    await setAdditionalTags(job, manifest, registry, tags);
  } catch (error) {
    job.log.line(error instanceof Failure ? `ERROR: ${reasonOf(error)}` : `ERROR: this is an error of the program itself, please report it: ${String((error as Error).stack ?? error)}`);
    result = { ...result, failure: reasonOf(error) };
  }
  return { status: 'failed', ...result, job, phases: phases.milliseconds };
}

/** Checks what was pushed, then sets its tag. The registry does that by itself, no layer moves. */
async function publish(
  { plan, repository }: ImageJob, { pushed, isTaken }: BuiltImage, registry: RegistryClient,
): Promise<{ manifest: Manifest; isOurs: boolean }> {
  let ours: Manifest | undefined;
  if (!isTaken) {
    ours = await registry.pushedManifest(pushed);
    checkImage(plan, repository, ours);
    if (pushed === plan.tag || await registry.setTag(plan.tag, ours)) return { manifest: ours, isOurs: true };
  }
  const first = await registry.manifest(plan.tag);
  if (!first) throw new Failure(`the tag '${plan.tag}' can neither be set nor found in ${repository}; if its image was archived, restore it, or delete it`);
  checkImage(plan, repository, first);
  return { manifest: first, isOurs: first.digest === ours?.digest };
}
