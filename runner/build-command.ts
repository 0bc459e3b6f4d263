import * as fs from 'fs';
import * as path from 'path';
import { RunningBuilder } from './builder/builder';
import { builder as builderOf } from './builder/builders';
import { LayerCache } from './cache/layer-cache';
import { layerCache } from './cache/layer-caches';
import { readError } from './cache/read-error';
import { setAdditionalTags } from './image/additional-tags';
import { buildImage } from './image/build-image';
import { checkImage } from './image/check-image';
import { findJobs } from './image/find-jobs';
import { ImageJob } from './image/image-job';
import { ImageResult } from './image/image-result';
import { TAG } from './input/read-plan';
import { programEnvironment, readSettings, valueOf } from './input/read-settings';
import { imageContent } from './layers/image-content';
import { embeddedMetrics } from './metrics/embedded-metrics';
import { buildPage } from './page/build-page';
import { parseReport } from './page/read-report';
import { inParallel } from './process/in-parallel';
import { WorkDirectory } from './process/work-directory';
import { DockerConfig } from './registry/docker-config';
import { Logins } from './registry/logins';
import { Mirrors } from './registry/mirrors';
import { Manifest } from './registry/registry-client';
import { Failure, reasonOf } from './report/failure';
import { jsonReport } from './report/json-report';
import { junitReport } from './report/junit-report';
import { Log } from './report/log';
import { Phases } from './report/phases';
import { report, ReportContent } from './report/report';
import { StepSettings } from '../lib/plan/step-settings';

/** What the command `build` is told. */
export interface BuildCommand {
  /** The cloud assembly. */
  readonly input: string;
  /** The files of the plans, in it. */
  readonly plans: readonly string[];
  /** Where the digests of the images are written, for later steps. */
  readonly outputs?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly work: WorkDirectory;
}

/** How many images are built at the same time, unless the step says it. */
const CONCURRENT_BUILDS = 4;

/** What images are built with. */
export interface JobsContext extends Pick<BuildCommand, 'input' | 'log' | 'work'> {
  readonly settings: StepSettings;
  /** The whole environment. */
  readonly ownEnv: NodeJS.ProcessEnv;
  /** The part of it that programs get. */
  readonly publicEnv: NodeJS.ProcessEnv;
  readonly dockerConfig: DockerConfig;
  readonly logins: Logins;
  readonly phases: Phases;
  /** See `BuilderContext`. */
  readonly keep?: string;
}

/** Builds the images of plans. Gives the exit code. */
export async function buildCommand(command: BuildCommand): Promise<number> {
  const { input, outputs, env: ownEnv, log, work } = command;
  const phases = new Phases();
  const settings = readSettings(ownEnv);
  const publicEnv = programEnvironment(settings, ownEnv);
  const jobs = await findJobs({ ...command, settings, publicEnv });
  const dockerConfig = new DockerConfig(work, ownEnv);
  const logins = new Logins(dockerConfig, ownEnv, log, publicEnv);
  const content = await buildJobs(jobs, { input, log, work, settings, ownEnv, publicEnv, dockerConfig, logins, phases });
  if (settings.metrics) embeddedMetrics(settings.metrics, content.results, content.total).forEach((line) => log.line(line));
  if (outputs !== undefined) writeOutputs(outputs, content, log);
  return failuresOf(content.results, log) ? 1 : 0;
}

/** Builds the images that are missing, with one login, one question for all tags and one builder, and reports what it did. */
export async function buildJobs(jobs: readonly ImageJob[], context: JobsContext): Promise<ReportContent> {
  const { settings, ownEnv, publicEnv, dockerConfig, logins, phases, log, work, input, keep } = context;
  const value = (given: Parameters<typeof valueOf>[0]) => valueOf(given, ownEnv);
  const cache = layerCache(settings.layerCache, value);
  const tags = additionalTags([...cache.imageTags, ...(settings.additionalTags ?? []).map(value)]);
  const env = { ...publicEnv, ...dockerConfig.environment };
  await phases.time('login', async () => logins.toRepositories(jobs.map(({ repository }) => repository), [...cache.repositories, ...jobs.flatMap(({ cacheRepository }) => cacheRepository ?? [])]));
  const found = await phases.time('lookup', async () => Promise.all(jobs.map(async (job) => lookUp(job, logins, tags))));
  const missing = jobs.filter((_, index) => found[index] === undefined);

  const mirrors = new Mirrors(settings.builder, work, log);
  const results: ImageResult[] = found.filter((result): result is ImageResult => result !== undefined);
  let builder: RunningBuilder | undefined;
  if (missing.length > 0) {
    await phases.time('login base images', async () => logins.toBaseImages(settings));
    if (settings.builder.kind !== 'remote') await mirrors.ask(); // a daemon elsewhere has ways of its own to a mirror
    const machine = { cache, mirrors, dockerConfig, work, log, env, ownEnv, input, keep };
    const running = builder = await phases.time('builder', async () => builderOf(settings.builder, machine).start(jobs));
    const limit = running.isSequential ? 1 : settings.maxConcurrentBuilds ?? CONCURRENT_BUILDS;
    try {
      results.push(...await phases.time('images', async () => inParallel(missing, limit, async (job) => buildImage(job, { builder: running, cache, logins, additionalTags: tags }))));
    } finally {
      await running.stop();
    }
  }

  const inOrder = jobs.map((job) => results.find((result) => result.job === job)!).map((result) => failWithoutCache(result, cache));
  warnOfCache(inOrder, log);
  const content: ReportContent = {
    startedAt: phases.startedAt,
    results: inOrder,
    builder: builder?.description,
    baseImages: mirrors.report,
    cache,
    keeper: builder?.keeper ?? cache.keeper,
    phases: phases.milliseconds,
    total: phases.total,
  };
  report(content).forEach((line) => log.line(line));
  return content;
}

function additionalTags(tags: readonly string[]): string[] {
  for (const tag of tags) {
    if (!TAG.test(tag)) throw new Failure(`'${tag}' of additionalTags cannot be an image tag; nothing was built`);
  }
  return [...new Set(tags)];
}

/** An image whose tag is there gets the further tags only; undefined when it has to be built. */
async function lookUp(job: ImageJob, logins: Logins, tags: readonly string[]): Promise<ImageResult | undefined> {
  const { plan, repository, log } = job;
  const registry = logins.client(repository);
  let manifest: Manifest | undefined;
  try {
    const found = await registry.manifest(plan.tag);
    if (!found) return undefined;
    checkImage(plan, repository, found);
    manifest = found;
    log.line(`${repository}:${plan.tag} is there already, nothing to build`);
    await setAdditionalTags(job, manifest, registry, tags);
  } catch (error) {
    log.line(`ERROR: ${reasonOf(error)}`);
    return { job, status: manifest ? 'already there' : 'failed', digest: manifest?.digest, failure: reasonOf(error), phases: {} };
  }
  return { job, status: 'already there', digest: manifest.digest, layers: imageContent(manifest)?.layers, phases: {} };
}

function failWithoutCache(result: ImageResult, cache: LayerCache): ImageResult {
  if (!cache.isRequired || result.cacheFailure === undefined || result.failure !== undefined) return result;
  return { ...result, failure: 'the image is in the registry, but its layer cache is not, and the cache was declared with ignoreErrors: false' };
}

function warnOfCache(results: readonly ImageResult[], log: Log): void {
  for (const result of results) {
    const own = results.length > 1 ? result.job.log : log;
    const broken = readError(result);
    if (broken !== undefined) own.warn(`the layer cache could not be read: ${broken}`);
    if (result.lostCache !== undefined) own.warn(`the layer cache is gone: ${result.lostCache}`);
  }
}

/** The report for programs, for people and for CodeBuild, and for the environment of later steps one file an image and value. */
export function writeOutputs(directory: string, content: ReportContent, log: Log): void {
  fs.mkdirSync(directory, { recursive: true });
  const json = `${JSON.stringify(jsonReport(content), undefined, 2)}\n`;
  fs.writeFileSync(path.join(directory, 'report.json'), json);
  fs.writeFileSync(path.join(directory, 'report.xml'), junitReport(content.results));
  try {
    fs.writeFileSync(path.join(directory, 'report.html'), buildPage([parseReport(json, 'report.json')]));
  } catch (error) {
    log.warn(`report.html was not written: ${reasonOf(error)}`); // the images are there all the same
  }
  for (const { job, digest } of content.results) {
    if (digest === undefined) continue;
    fs.writeFileSync(path.join(directory, `${job.planFile}.digest`), digest);
    fs.writeFileSync(path.join(directory, `${job.planFile}.uri`), `${job.repository}@${digest}`);
  }
}

/** Names the images that failed, with the end of what they printed. */
export function failuresOf(results: readonly ImageResult[], log: Log): boolean {
  const failed = results.filter(({ failure }) => failure !== undefined);
  for (const { job, failure } of failed) {
    if (results.length === 1) {
      log.line('');
      log.line(`ERROR: ${failure}`);
      continue;
    }
    log.line('');
    log.line(`ERROR: '${job.plan.name}' failed: ${failure}. The end of its output:`);
    job.log.lastLines(15).forEach((line) => log.line(`  ${line}`));
  }
  if (failed.length > 0 && results.length > 1) {
    log.line('');
    const rest = failed.length < results.length ? ' The others are in their repositories; the next run builds only the failed ones.' : '';
    log.line(`ERROR: ${failed.length} of ${results.length} images failed: ${failed.map(({ job }) => job.plan.name).join(', ')}.${rest}`);
  }
  return failed.length > 0;
}
