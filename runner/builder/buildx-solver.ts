import * as fs from 'fs';
import { BuilderContext, BuiltImage } from './builder';
import { requireBuildx } from './require-buildx';
import { cachedImage, ImageJob, isTaken } from '../image/image-job';
import { Failure } from '../report/failure';
import { Log } from '../report/log';
import { attempt, Attempt } from '../solve/attempts';
import { RawJsonProgress } from '../solve/rawjson-progress';
import { LONGEST_BUILD, solve, SolveOutcome } from '../solve/solve';
import { solveArguments } from '../solve/solve-arguments';
import { mergeSteps } from '../solve/solve-progress';

/** A BuildKit that buildx knows. */
export interface BuildxInstance {
  /** What buildx calls it. */
  readonly name: string;
  readonly description: string;
  /** What leads `docker` to it. */
  readonly environment?: { readonly [name: string]: string };
  /** Whether steps get the network of the build machine, where it has none of its own. */
  readonly hasHostNetwork?: boolean;
}

/** An engine's own BuildKit, by buildx's name for it. It pushes by tag only. */
export const ENGINE = 'default';

/** The export of a cache must not hang: in milliseconds. */
const LONGEST_EXPORT = 15 * 60 * 1000;

/** What Lambda reads: no attestation, since any makes an index, and gzip, since the cache and base images may have zstd. store=false keeps an engine from unpacking. */
const IMAGE = 'push=true,store=false,oci-mediatypes=true,compression=gzip,force-compression=true';

/** Builds images with one BuildKit, any number at the same time. */
export class BuildxSolver {
  /** How each image was built, for the export of its layers. */
  private readonly ways = new Map<ImageJob, Attempt>();

  constructor(private readonly instance: BuildxInstance, private readonly context: BuilderContext) {}

  public get description(): string {
    return this.instance.description;
  }

  public async build(job: ImageJob): Promise<BuiltImage> {
    const { cache, mirrors } = this.context;
    const metadata = job.work.path('metadata.json');
    const byDigest = this.instance.name !== ENGINE;
    const pushTag = job.plan.stagingTag ?? job.plan.tag;
    const name = byDigest ? `name=${job.repository},push-by-digest=true,name-canonical=true` : `name=${job.repository}:${pushTag}`;
    const outcome = await attempt({ cache, mirrors, log: job.log }, async (how) => {
      this.ways.set(job, how);
      // With the image beside it as a source, a stage is found by chance only, so each is found before. One that fails is built again with the image, which says so.
      const stages: SolveOutcome[] = [];
      for (const stage of cache.stages) {
        stages.push(await this.solve(job, how, ['--output', 'type=cacheonly'], stage));
      }
      const image = await this.solve(job, how, [...cache.isInline ? ['--cache-to', 'type=inline'] : [], '--output', `type=image,${name},${IMAGE}`, '--metadata-file', metadata]);
      const all = [...stages, image];
      return { ...image, steps: mergeSteps(all.map(({ steps }) => steps)), imports: all.flatMap(({ imports }) => imports) };
    });
    if (!outcome.ok) {
      if (!byDigest && isTaken(job, outcome.error.text)) return { ...outcome, pushed: pushTag, isTaken: true };
      await requireBuildx(this.context.env);
      throw new Failure(`the image could not be built or pushed: ${outcome.error.text}`);
    }
    return { ...outcome, pushed: digestIn(metadata) ?? (byDigest ? fail() : pushTag) };
  }

  /** Writes the cache in a solve of its own that finds every step done: a failing cache disturbs no push, and no layer is uploaded twice. */
  public async keepLayers(job: ImageJob): Promise<string | undefined> {
    const { cache } = this.context;
    const target = cache.target(cachedImage(job));
    if (target !== undefined) {
      const { ok, error } = await this.solve(job, this.ways.get(job)!, ['--output', 'type=cacheonly', '--cache-to', target], undefined, LONGEST_EXPORT);
      return ok ? undefined : error.text;
    }
    const failures: string[] = [];
    for (const stage of cache.stages) {
      const [image] = cache.stageImages(cachedImage(job), stage);
      const { ok, error } = await this.solve(job, this.ways.get(job)!, ['--cache-to', 'type=inline', '--output', `type=image,name=${image},${IMAGE}`], stage, LONGEST_EXPORT);
      if (!ok) failures.push(`the stage ${stage} could not be pushed: ${error.text}`);
    }
    return failures[0];
  }

  private async solve(job: ImageJob, how: Attempt, output: readonly string[], stage?: string, timeout = LONGEST_BUILD): Promise<SolveOutcome> {
    const args = solveArguments(job, { stage, cache: how.cache, hasHostNetwork: this.instance.hasHostNetwork });
    return solve({
      program: 'docker',
      args: ['buildx', 'build', '--builder', this.instance.name, ...output, '--provenance=false', '--sbom=false', '--progress', 'rawjson', ...args],
      environment: { ...this.instance.environment, ...how.mirrors },
      env: { ...this.context.env, BUILDX_METADATA_PROVENANCE: 'disabled' },
      progress: new RawJsonProgress(),
      log: timeout === LONGEST_BUILD ? job.log : quiet(job.log),
      timeout,
    });
  }
}

/** Of an export, only the command and what goes wrong are of interest. */
function quiet(log: Log): Log {
  return new Log((line) => { if (/^(\$|WARNING|ERROR|#\d+ ERROR)/.test(line)) log.line(line); });
}

function digestIn(file: string): string | undefined {
  try {
    const digest = (JSON.parse(fs.readFileSync(file, 'utf8')) as { [key: string]: unknown })['containerimage.digest'];
    return typeof digest === 'string' && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
  } catch {
    return undefined;
  }
}

function fail(): never {
  throw new Failure('BuildKit did not say which image it pushed');
}
