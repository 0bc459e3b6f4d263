import { copiedLayers } from './copied-layers';
import { LayerLists } from './layer-lists';
import { LinkBuild } from './link-build';
import { textOf } from './link-dockerfile';
import { TrailingCopies, trailingCopies } from './trailing-copies';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { BuiltImage, RunningBuilder } from '../builder/builder';
import { ImageJob } from '../image/image-job';
import { parseDockerfile } from '../image/parse-dockerfile';
import { PushedImage } from '../layers/pushed-image';
import { Listing, treeOfLayers } from '../layers/tree-of-layers';
import { BuildRecord, EMPTY_RECORD, KnownRefusal } from '../record/build-record';
import { Manifest, RegistryClient } from '../registry/registry-client';
import { reasonOf } from '../report/failure';
import { Step, stepsOfAll } from '../solve/solve-progress';
import { stepsBelow } from '../solve/steps-below';

export interface ProvenBuildRequest {
  readonly job: ImageJob;
  readonly builder: RunningBuilder;
  /** Of the image's repository. */
  readonly registry: RegistryClient;
  /** What earlier builds have found out; undefined where nothing can be kept, so that proving links would cost more than they save. */
  readonly known?: readonly BuildRecord[];
}

/** An image that was pushed, and is the one that its Dockerfile makes as it is written. */
export interface ProvenBuild {
  /** With the Dockerfile that was built, for further solves. */
  readonly job: ImageJob;
  readonly built: BuiltImage;
  /** What gets the tag; undefined where that is just what was pushed. */
  readonly manifest?: Manifest;
  /** The image as BuildKit pushed it, where it was looked into. */
  readonly image?: PushedImage;
  /** Which copies were linked, or why none was. */
  readonly copies: string;
  readonly record: BuildRecord;
}

/** Builds an image with linked copies where that is proven to make the same image, and as it is written where it is not. */
export async function buildProven({ job, builder, registry, known }: ProvenBuildRequest): Promise<ProvenBuild> {
  const dockerfile = parseDockerfile(job);
  const request = { job, dockerfile, builder, registry, isLookedInto: known !== undefined };
  const trailing = trailingCopies(dockerfile, job.plan.target, job.plan.buildArgs);
  const why = whyAsWritten(request, trailing, known);
  if (why !== undefined || !known || !builder.archives) return asWritten(request, why ?? '', trailing);

  const texts = trailing.copies.map(({ instruction }) => textOf(instruction));
  const refusal = known[0]?.refusal;
  if (refusal && isSame(refusal.copies, texts)) return asWritten(request, refusal.reason, trailing, refusal);

  const link = new LinkBuild({ job, dockerfile, copies: trailing.copies, builder, archives: builder.archives, registry, known });
  const linked = await link.build();
  if ('reason' in linked) {
    job.log.line(`the image is built as its Dockerfile is written: ${linked.reason}`);
    const image = await asWritten(request, linked.reason, trailing, linked.refusal && { ...linked.refusal, copies: texts, layers: [] });
    return { ...image, built: { ...image.built, steps: stepsOfAll([...link.steps, image.built.steps]) } };
  }
  return { ...linked, copies: summary(trailing), record: { ...EMPTY_RECORD, ...linked.record } };
}

function whyAsWritten({ job, builder }: AsWritten, { copies, obstacle }: TrailingCopies, known: ProvenBuildRequest['known']): string | undefined {
  if (!job.plan.linkCopies) return 'linkCopies is off';
  if (copies.length === 0) return obstacle;
  if (copies.every(({ isLinked, workdirsBehind }) => isLinked && workdirsBehind.length === 0)) return 'its Dockerfile links them';
  if (!builder.archives) return 'this builder links none';
  return known ? builder.archives.whyTooEarly(job) : 'this layer cache has no place for what the next build would need';
}

interface AsWritten {
  readonly job: ImageJob;
  readonly dockerfile: Dockerfile;
  readonly builder: RunningBuilder;
  readonly registry: RegistryClient;
  readonly isLookedInto: boolean;
}

async function asWritten(
  { job, dockerfile, builder, registry, isLookedInto }: AsWritten, reason: string, { copies }: TrailingCopies, refusal?: KnownRefusal,
): Promise<ProvenBuild> {
  const lists = builder.archives && new LayerLists(builder.archives, job);
  const onPush = (steps: readonly Step[], manifest: string) => {
    const isNewBelow = stepsBelow(steps, dockerfile, copies[0]?.instruction).some(({ isCached }) => !isCached);
    if (refusal?.place && refusal.layers.length > 0 && isNewBelow) lists?.listAll(manifest);
  };
  const built = await builder.build(job, { onPush });
  const found = lists?.isListing ? await lists.unknown().catch(() => undefined) : undefined;
  const result = { job, built, copies: `as written: ${reason}`, record: EMPTY_RECORD };
  if (!isLookedInto || built.isTaken) return result;
  try {
    const image = await PushedImage.find(registry, built.pushed);
    const layers = copiedLayers(image.content, await image.config(), copies)?.below;
    const holds = refusal && stillHolds(refusal, layers, found);
    return { ...result, image, manifest: image.manifest, record: { ...EMPTY_RECORD, ...holds && { refusal: { ...refusal, layers: layers ?? [] } } } };
  } catch (error) {
    // The image itself needs none of it, and what is wrong with it is said before it gets its tag.
    job.log.warn(`nothing can be kept for the next build, which may be slower: ${reasonOf(error)}`);
    return result;
  }
}

/** What was refused on layers that are others now is tried again the next time, unless they are known to have the same in its place. */
function stillHolds({ layers, place }: KnownRefusal, now: readonly string[] | undefined, listing: Listing | undefined): boolean {
  if (!place) return true;
  if (!now) return false;
  if (layers.length === 0 || isSame(layers, now)) return true;
  return listing !== undefined && now.every((digest) => listing.has(digest)) && treeOfLayers(now, listing).tree.describe(place.path) === place.found;
}

function summary({ copies, obstacle }: TrailingCopies): string {
  const lines = copies.map(({ instruction }) => instruction.line).join(', ');
  return `linked: ${copies.length} (line${copies.length === 1 ? '' : 's'} ${lines})${obstacle === undefined ? '' : `; not those before them: ${obstacle}`}`;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, index) => text === others[index]);
}
