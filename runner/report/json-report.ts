import { imageSteps, pulledBytes, pushedBytes } from './image-steps';
import { ReportContent } from './report';
import { cachedImage } from '../image/image-job';
import { ImageResult } from '../image/image-result';

/** Raised when programs that read the report have to be changed. What is only new does not raise it. */
export const REPORT_VERSION = 1;

/** The report for programs: see docs/reading-the-report.md. What is not known is left out. */
export function jsonReport(content: ReportContent): object {
  const { results, builder, baseImages, phases, total } = content;
  return {
    version: REPORT_VERSION,
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
  return {
    name: job.plan.name,
    repository: job.repository,
    tag: job.plan.tag,
    digest,
    result: status,
    loadedAs,
    failure,
    phases: mapSeconds(phases),
    pulledBytes: pulledBytes([result]),
    pushedBytes: result.pushedBytes,
    layers: result.layers?.map(({ digest: ofLayer, size }) => ({ digest: ofLayer, bytes: size })),
    steps: isBuilt ? imageSteps(result).map(({ milliseconds, ...step }) => ({ ...step, seconds: seconds(milliseconds) })) : undefined,
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

function mapSeconds(phases: { readonly [phase: string]: number }): object {
  return Object.fromEntries(Object.entries(phases).map(([phase, milliseconds]) => [phase, seconds(milliseconds)]));
}

function seconds(milliseconds: number): number;
function seconds(milliseconds: number | undefined): number | undefined;
function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds) / 1000;
}
