import { ImageStep, imageSteps, pulledBytes, pushedBytes } from './image-steps';
import { ReportContent } from './report';
import { cachedImage } from '../image/image-job';
import { ImageResult } from '../image/image-result';

/** Raised when programs that read the report have to be changed. What is only new does not raise it. */
export const REPORT_VERSION = 1;

/** The report for programs: see docs/reading-the-report.md. What is not known is left out. */
export function jsonReport(content: ReportContent): object {
  const { startedAt, results, builder, baseImages, phases, total } = content;
  return {
    version: REPORT_VERSION,
    startedAt: startedAt.toISOString(),
    seconds: seconds(total),
    phases: mapSeconds(phases),
    builder,
    baseImages,
    pulledBytes: pulledBytes(results),
    pushedBytes: pushedBytes(results),
    images: results.map((result) => ofImage(result, content)),
  };
}

function ofImage(result: ImageResult, { cache }: ReportContent): object {
  const { job, status, digest, loadedAs, failure, firstRun, copies, imports, unreadCache, cacheFailure, cacheWasComplete, phases } = result;
  const target = cache.target(cachedImage(job));
  const isBuilt = status !== 'already there';
  const place = cache.manifest(cachedImage(job));
  const steps = imageSteps(result);
  return {
    name: job.plan.name,
    repository: job.repository,
    tag: job.plan.tag,
    digest,
    result: status,
    loadedAs,
    failure,
    startedAt: result.startedAt?.toISOString(),
    phases: mapSeconds(phases),
    pulledBytes: pulledBytes([result]),
    pushedBytes: result.pushedBytes,
    steps: isBuilt ? steps.map(ofStep) : undefined,
    layers: layersOf(result, steps),
    firstRun,
    copies,
    cache: isBuilt ? {
      read: imports?.map(({ from, error }) => ({ from, error: error || undefined })),
      unread: unreadCache,
      written: target === undefined || digest === undefined ? undefined : cacheWasComplete ? false : cacheFailure === undefined,
      writtenTo: target === undefined ? undefined : place ? `${place.repository}:${place.tag}` : target,
      failure: cacheFailure,
    } : undefined,
  };
}

function ofStep({ milliseconds, spans, ...step }: ImageStep): object {
  // Where it took no time, something was only looked up.
  const worked = spans?.filter((span) => span.milliseconds >= 1);
  const times = worked?.map(({ start, milliseconds: taken }) => ({ start: seconds(start), seconds: seconds(taken) }));
  return { ...step, seconds: seconds(milliseconds), times };
}

function layersOf({ layers, layerMakers }: ImageResult, steps: readonly ImageStep[]): object[] | undefined {
  return layers?.map(({ digest, size }, index) => {
    const maker = layerMakers?.[index];
    if (!maker) return { digest, bytes: size };
    const step = steps.find(({ line }) => line !== undefined && line === maker.line);
    return { digest, bytes: size, step: maker.step, line: maker.line, state: maker.isOfBaseImage ? 'base image' : step?.state ?? 'run' };
  });
}

function mapSeconds(phases: { readonly [phase: string]: number }): object {
  return Object.fromEntries(Object.entries(phases).map(([phase, milliseconds]) => [phase, seconds(milliseconds)]));
}

function seconds(milliseconds: number): number;
function seconds(milliseconds: number | undefined): number | undefined;
function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds) / 1000;
}
