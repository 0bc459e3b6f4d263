import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { BuildFailure } from './build-failure';
import { BuilderContext, BuildOutcome, BuildWatch, BuiltImage, ImageArchives, ReadWatch } from './builder';
import { requireBuildx } from './require-buildx';
import { cachedImage, ImageJob, isTaken } from '../image/image-job';
import { LayerStore } from '../layers/layer-store';
import { Failure } from '../report/failure';
import { Log } from '../report/log';
import { attempt, Attempt } from '../solve/attempts';
import { RawJsonProgress } from '../solve/rawjson-progress';
import { LONGEST_BUILD, solve, SolveOutcome } from '../solve/solve';
import { solveArguments } from '../solve/solve-arguments';
import { mergeSteps, stepsOf } from '../solve/solve-progress';

/** A BuildKit that buildx knows. */
export interface BuildxInstance {
  /** What buildx calls it. */
  readonly name: string;
  readonly description: string;
  /** What leads `docker` to it. */
  readonly environment?: { readonly [name: string]: string };
  /** Where it keeps layers in files of this machine. */
  readonly store?: LayerStore;
  /** Whether steps get the network of the build machine, where it has none of its own. */
  readonly hasHostNetwork?: boolean;
}

/** An engine's own BuildKit, by buildx's name for it. It pushes by tag only. */
export const ENGINE = 'default';

/** The export of a cache must not hang: in milliseconds. */
const LONGEST_EXPORT = 15 * 60 * 1000;

/** What Lambda reads: no attestation, since any makes an index, and gzip, since the cache and base images may have zstd. */
const LAYERS = 'oci-mediatypes=true,compression=gzip,force-compression=true';

/** store=false keeps an engine from unpacking. */
const IMAGE = `push=true,store=false,${LAYERS}`;

interface SolveExtras {
  readonly stage?: string;
  readonly timeout?: number;
  readonly watch?: BuildWatch;
  readonly onOutput?: (output: Readable) => void;
  readonly isQuiet?: boolean;
}

/** Builds images with one BuildKit, any number at the same time. */
export class BuildxSolver implements ImageArchives {
  /** How each image was built, by its plan, for further solves of it. */
  private readonly ways = new Map<string, Attempt>();
  /** How many directories with layers there are. */
  private unpacked = 0;

  constructor(private readonly instance: BuildxInstance, private readonly context: BuilderContext) {}

  public get description(): string {
    return this.instance.description;
  }

  public get store(): LayerStore | undefined {
    return this.instance.store;
  }

  public async build(job: ImageJob, watch?: BuildWatch): Promise<BuiltImage> {
    const { cache, mirrors } = this.context;
    const metadata = job.work.path('metadata.json');
    const byDigest = this.instance.name !== ENGINE;
    const pushTag = job.plan.stagingTag ?? job.plan.tag;
    const name = byDigest ? `name=${job.repository},push-by-digest=true,name-canonical=true` : `name=${job.repository}:${pushTag}`;
    const outcome = await attempt({ cache, mirrors, job }, async (how) => {
      this.ways.set(job.planFile, how);
      // With the image beside it as a source, a stage is found by chance only, so each is found before. One that fails is built again with the image, which says so.
      const stages: SolveOutcome[] = [];
      for (const stage of cache.stages) {
        stages.push(await this.solve(job, how, ['--output', 'type=cacheonly'], { stage }));
      }
      const targets = [...cache.isInline ? ['type=inline'] : [], ...job.options?.cacheTo ?? []];
      const image = await this.solve(job, how, [...targets.flatMap((to) => ['--cache-to', to]), '--output', `type=image,${name},${IMAGE}`, '--metadata-file', metadata], { watch });
      const all = [...stages, image];
      return { ...image, steps: mergeSteps(all.map(({ steps }) => steps)), imports: all.flatMap(({ imports }) => imports) };
    });
    if (!outcome.ok) {
      if (!byDigest && isTaken(job, outcome.error.text)) return { ...outcome, pushed: pushTag, isTaken: true };
      await requireBuildx(this.context.env);
      const tried = { job, steps: outcome.steps };
      throw new BuildFailure(`the image could not be built or pushed: ${outcome.error.text}`, outcome.error.vertex, tried);
    }
    return { ...outcome, pushed: digestIn(metadata) ?? (byDigest ? fail() : pushTag) };
  }

  /** Builds an image into the engine that `docker` talks to, under a name. Nothing is pushed, and no cache is written. */
  public async load(job: ImageJob, name: string): Promise<BuildOutcome> {
    const { cache, mirrors } = this.context;
    const outcome = await attempt({ cache, mirrors, job }, async (how) => this.solve(job, how, ['--load', '--tag', name]));
    if (outcome.ok) return outcome;
    await requireBuildx(this.context.env);
    throw new BuildFailure(`the image could not be built: ${outcome.error.text}`, outcome.error.vertex);
  }

  /** Writes the cache in a solve of its own that finds every step done: a failing cache disturbs no push, and no layer is uploaded twice. */
  public async keepLayers(job: ImageJob): Promise<string | undefined> {
    const { cache } = this.context;
    const target = cache.target(cachedImage(job));
    if (target !== undefined) {
      const { ok, error } = await this.solve(job, this.wayOf(job), ['--output', 'type=cacheonly', '--cache-to', target], { timeout: LONGEST_EXPORT });
      return ok ? undefined : error.text;
    }
    const failures: string[] = [];
    for (const stage of cache.stages) {
      const [image] = cache.stageImages(cachedImage(job), stage);
      const { ok, error } = await this.solve(job, this.wayOf(job), ['--cache-to', 'type=inline', '--output', `type=image,name=${image},${IMAGE}`], { stage, timeout: LONGEST_EXPORT });
      if (!ok) failures.push(`the stage ${stage} could not be pushed: ${error.text}`);
    }
    return failures[0];
  }

  /** An engine pushes by tag. Where no tag but the real one can be set again, that is the one. */
  public whyTooEarly({ plan }: ImageJob): string | undefined {
    return this.instance.name === ENGINE && plan.stagingTag === undefined
      ? 'its repository lets no tag be set twice, so the engine pushes it by its own tag, and nothing can be proven before' : undefined;
  }

  public async read<T>(
    job: ImageJob, type: 'tar' | 'oci', reader: (archive: Readable) => Promise<T>, watch: ReadWatch = {},
  ): Promise<T> {
    let result: Promise<T> | undefined;
    const onOutput = (output: Readable) => {
      result = reader(output);
      result.catch(() => output.resume()); // so that the program ends; the reason is given below
    };
    const { ok, steps, error } = await this.solve(job, this.wayOf(job), ['--output', `type=${type},dest=-${type === 'oci' ? `,${LAYERS}` : ''}`], { onOutput });
    watch.onSteps?.(steps);
    if (!ok) throw new Failure(error.text);
    return result!;
  }

  public async unpack(job: ImageJob, known: ReadonlySet<string>): Promise<string> {
    const directory = job.work.directory(`layers-${this.unpacked++}`);
    const blobs = job.work.directory(path.basename(directory), 'blobs', 'sha256');
    // BuildKit passes over what is there already, and looks at the names only. What a registry says must not become the name of any other file.
    const names = [...known].flatMap((digest) => /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] ?? []);
    names.forEach((name) => fs.writeFileSync(path.join(blobs, name), ''));
    const { ok, error } = await this.solve(job, this.wayOf(job), ['--output', `type=oci,tar=false,dest=${directory},${LAYERS}`], { isQuiet: true });
    if (!ok) throw new Failure(error.text);
    return directory;
  }

  private wayOf({ planFile, unreadCache }: ImageJob): Attempt {
    const { cache, mirrors } = this.context;
    return this.ways.get(planFile) ?? { cache: unreadCache === undefined ? cache : undefined, mirrors: mirrors.environment };
  }

  private async solve(
    job: ImageJob, how: Attempt, output: readonly string[],
    { stage, timeout, watch, onOutput, isQuiet }: SolveExtras = {},
  ): Promise<SolveOutcome> {
    const args = solveArguments(job, { stage, cache: how.cache, hasHostNetwork: this.instance.hasHostNetwork });
    const progress = new RawJsonProgress((manifest) => watch?.onPush?.(stepsOf(progress, true), manifest));
    const outcome = await solve({
      program: 'docker',
      args: ['buildx', 'build', '--builder', this.instance.name, ...output, '--provenance=false', '--sbom=false', '--progress', 'rawjson', ...args],
      environment: { ...this.instance.environment, ...how.mirrors },
      env: { ...this.context.env, ...job.secrets.environment, BUILDX_METADATA_PROVENANCE: 'disabled' },
      progress,
      log: timeout === undefined && onOutput === undefined && !isQuiet ? job.log : quiet(job.log),
      timeout: timeout ?? LONGEST_BUILD,
      onOutput,
    });
    job.done?.add(progress);
    return outcome;
  }
}

/** Of an export, only the command and what goes wrong are of interest. */
function quiet(log: Log): Log {
  return new Log((line) => { if (/^(\$|WARNING|ERROR|# (WARNING|ERROR)|#\d+ ERROR)/.test(line)) log.line(line); });
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
