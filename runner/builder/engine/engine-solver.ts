import { cachedImage, ImageJob, isTaken } from '../../image/image-job';
import { runProgram } from '../../process/run-program';
import { Failure } from '../../report/failure';
import { attempt, Attempt } from '../../solve/attempts';
import { PlainProgress } from '../../solve/plain-progress';
import { LONGEST_BUILD, solve, SolveOutcome } from '../../solve/solve';
import { solveArguments } from '../../solve/solve-arguments';
import { mergeSteps } from '../../solve/solve-progress';
import { BuilderContext, BuiltImage } from '../builder';
import { EngineInfo } from '../engine-info';

/** How long a push may take, in milliseconds: of the image, and of a stage, which must not hang. */
const LONGEST_PUSH = 60 * 60 * 1000;
const LONGEST_EXPORT = 15 * 60 * 1000;

/** How long it may be silent, in milliseconds: `docker push` says nothing of a layer until all of it is there, and Lambda takes layers of 10 GB. */
const LONGEST_SILENCE = 15 * 60 * 1000;

/** How often a push is tried. */
const PUSHES = 3;

/** What older engines say of what they do not know: that it is a mistake. */
const UNKNOWN = /parse error (?:on )?line \d+: ((?:unknown (?:flag|instruction)|unexpected key).*)/i;

/** Builds and pushes images with a Docker engine, whatever its version, as `docker build` and `docker push` use it. */
export class EngineSolver {
  private readonly ways = new Map<ImageJob, Attempt>();

  /**
   * @param isKept whether it lives on, so that images with a tag would fill its disk
   */
  constructor(private readonly context: BuilderContext, private readonly engine: EngineInfo, private readonly isKept: boolean) {}

  public async build(job: ImageJob): Promise<BuiltImage> {
    const { cache, mirrors } = this.context;
    const pushTag = job.plan.stagingTag ?? job.plan.tag;
    const image = `${job.repository}:${pushTag}`;
    const outcome = await attempt({ cache, mirrors, job }, async (how) => {
      this.ways.set(job, how);
      const stages: SolveOutcome[] = [];
      for (const stage of cache.stages) stages.push(await this.solve(job, how, [], stage));
      const built = await this.solve(job, how, ['--tag', image]);
      const all = [...stages, built];
      return { ...built, steps: mergeSteps(all.map(({ steps }) => steps)), imports: all.flatMap(({ imports }) => imports) };
    });
    if (!outcome.ok) {
      this.checkAge(outcome.error.text);
      throw new Failure(`the image could not be built: ${outcome.error.text}`);
    }
    const { digest, failure } = await this.push(job, image, LONGEST_PUSH);
    if (this.isKept) await this.docker(['image', 'rm', image], 60_000);
    if (failure === undefined) return { ...outcome, pushed: digest ?? pushTag };
    if (isTaken(job, failure)) return { ...outcome, pushed: pushTag, isTaken: true };
    throw new Failure(`the image could not be pushed: ${failure}`);
  }

  public async keepLayers(job: ImageJob): Promise<string | undefined> {
    const failures: string[] = [];
    for (const stage of this.context.cache.stages) {
      const [image] = this.context.cache.stageImages(cachedImage(job), stage);
      const { ok, error } = await this.solve(job, this.ways.get(job)!, ['--tag', image], stage);
      const failure = ok ? (await this.push(job, image, LONGEST_EXPORT)).failure : error.text;
      if (failure !== undefined) failures.push(`the stage ${stage} could not be ${ok ? 'pushed' : 'built'}: ${failure}`);
    }
    return failures[0];
  }

  private async solve(job: ImageJob, how: Attempt, output: readonly string[], stage?: string): Promise<SolveOutcome> {
    // Old engines have no flag against attestations and make none; newer ones read the variable.
    return solve({
      program: 'docker',
      args: ['build', ...this.context.cache.isInline ? ['--build-arg', 'BUILDKIT_INLINE_CACHE=1'] : [], ...output, '--progress', 'plain', ...solveArguments(job, { stage, cache: how.cache })],
      environment: { DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1', ...how.mirrors },
      env: { ...this.context.env, ...job.secrets.environment, BUILDX_BUILDER: this.engine.context }, // any other builder would not leave the image with the engine, which pushes it
      progress: new PlainProgress(),
      log: job.log,
      timeout: LONGEST_BUILD,
    });
  }

  /** Gives the digest, if the engine says it, or why the image was not pushed. */
  private async push(job: ImageJob, image: string, timeout: number): Promise<{ readonly digest?: string; readonly failure?: string }> {
    job.log.command('docker', ['push', image]);
    for (let tried = 1; ; tried++) {
      let digest: string | undefined;
      let lastLine = '';
      const { ok, reason, wasEnded, wasSilent } = await this.pushOnce(image, timeout, (line) => {
        digest = /\bdigest: (sha256:[0-9a-f]{64})\b/.exec(line)?.[1] ?? digest;
        lastLine = line.trim() || lastLine;
        job.log.output(line);
      });
      if (ok) return { digest };
      const failure = wasEnded ? reason : lastLine || reason;
      if (tried === PUSHES || (wasEnded && !wasSilent) || /denied|unauthorized|immutable|forbidden/i.test(failure)) return { failure };
      job.log.warn(`the push failed, and is tried again: ${failure}`);
      await new Promise((resolve) => setTimeout(resolve, tried * 2000));
    }
  }

  private async pushOnce(image: string, timeout: number, onLine: (line: string) => void) {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(`nothing came for ${LONGEST_SILENCE / 60_000} minutes`), LONGEST_SILENCE);
    const heard = (line: string) => {
      timer.refresh();
      onLine(line);
    };
    try {
      const outcome = await runProgram('docker', ['push', image], { env: this.context.env, timeout, signal: silence.signal, onLine: heard });
      return { ...outcome, wasSilent: silence.signal.aborted };
    } finally {
      clearTimeout(timer);
    }
  }

  private async docker(args: readonly string[], timeout: number) {
    return runProgram('docker', args, { env: this.context.env, timeout });
  }

  private checkAge(error: string): void {
    const unknown = UNKNOWN.exec(error)?.[1];
    const { version } = this.engine;
    if (unknown && Number(/^\d+/.exec(version)?.[0] ?? '99') < 25) {
      throw new Failure(`the Docker engine ${version} is older than what the Dockerfile uses (${unknown}). Use a newer build image, or DockerBuilder.buildkit(),`
        + ' or begin the Dockerfile with \'# syntax=docker/dockerfile:1\'');
    }
  }
}
