import { cachedImage, ImageJob } from '../../image/image-job';
import { runProgram } from '../../process/run-program';
import { Failure } from '../../report/failure';
import { attempt, Attempt } from '../../solve/attempts';
import { PlainProgress } from '../../solve/plain-progress';
import { LONGEST_BUILD, solve, SolveOutcome } from '../../solve/solve';
import { solveArguments } from '../../solve/solve-arguments';
import { BuilderContext, BuiltImage } from '../builder';

/** How long a push may take, in milliseconds, and how often it is tried. */
const PUSH = { timeout: 60 * 60 * 1000, attempts: 3 };

/** What older engines say of what they do not know: that it is a mistake. */
const UNKNOWN = /parse error (?:on )?line \d+: ((?:unknown (?:flag|instruction)|unexpected key).*)/i;

/** Builds and pushes images with a Docker engine, whatever its version, as `docker build` and `docker push` use it. */
export class EngineSolver {
  private readonly ways = new Map<ImageJob, Attempt>();

  /**
   * @param version of the engine
   * @param isKept whether it lives on, so that images with a tag would fill its disk
   */
  constructor(private readonly context: BuilderContext, private readonly version: string, private readonly isKept: boolean) {}

  public async build(job: ImageJob): Promise<BuiltImage> {
    const { cache, mirrors } = this.context;
    const pushTag = job.plan.stagingTag ?? job.plan.tag;
    const image = `${job.repository}:${pushTag}`;
    const outcome = await attempt({ cache, mirrors, log: job.log }, async (how) => {
      this.ways.set(job, how);
      const stages: SolveOutcome[] = [];
      for (const stage of cache.stages) stages.push(await this.solve(job, how, [], stage));
      const built = await this.solve(job, how, ['--tag', image]);
      return { ...built, steps: [...stages, built].flatMap(({ steps }) => steps), imports: [...stages, built].flatMap(({ imports }) => imports) };
    });
    if (!outcome.ok) {
      this.checkAge(outcome.error.text);
      throw new Failure(`it could not be built: ${outcome.error.text}`);
    }
    const pushed = await this.push(job, image);
    if (this.isKept) await this.docker(['image', 'rm', image], 60_000);
    return { ...outcome, pushed: pushed ?? pushTag };
  }

  public async keepLayers(job: ImageJob): Promise<string | undefined> {
    for (const stage of this.context.cache.stages) {
      const [image] = this.context.cache.stageImages(cachedImage(job), stage);
      const { ok, error } = await this.solve(job, this.ways.get(job)!, ['--tag', image], stage);
      if (!ok) return `the stage ${stage} could not be built: ${error.text}`;
      try {
        await this.push(job, image);
      } catch (error_) {
        return `the stage ${stage} could not be pushed: ${(error_ as Error).message}`;
      }
    }
    return undefined;
  }

  private async solve(job: ImageJob, how: Attempt, output: readonly string[], stage?: string): Promise<SolveOutcome> {
    // Old engines have no flag against attestations and make none; newer ones read the variable.
    return solve({
      program: 'docker',
      args: ['build', ...this.context.cache.isInline ? ['--build-arg', 'BUILDKIT_INLINE_CACHE=1'] : [], ...output, '--progress', 'plain', ...solveArguments(job, { stage, cache: how.cache })],
      environment: { DOCKER_BUILDKIT: '1', BUILDX_NO_DEFAULT_ATTESTATIONS: '1', ...how.mirrors },
      env: { ...this.context.env, BUILDX_BUILDER: '' },
      progress: new PlainProgress(),
      log: job.log,
      timeout: LONGEST_BUILD,
    });
  }

  /** Gives the digest, if the engine says it. */
  private async push(job: ImageJob, image: string): Promise<string | undefined> {
    job.log.command('docker', ['push', image]);
    let lastLine = '';
    for (let tried = 1; ; tried++) {
      let digest: string | undefined;
      const { ok, reason, stderr } = await this.docker(['push', image], PUSH.timeout, (line) => {
        digest = /\bdigest: (sha256:[0-9a-f]{64})\b/.exec(line)?.[1] ?? digest;
        lastLine = line.trim() || lastLine;
        job.log.line(line);
      });
      if (ok) return digest;
      const why = lastLine || stderr || reason;
      if (tried === PUSH.attempts || /denied|unauthorized|immutable|forbidden/i.test(why)) throw new Failure(`the image could not be pushed: ${why}`);
      job.log.warn(`the push failed, and is tried again: ${why}`);
      await new Promise((resolve) => setTimeout(resolve, tried * 2000));
    }
  }

  private async docker(args: readonly string[], timeout: number, onLine?: (line: string) => void) {
    return runProgram('docker', args, { env: this.context.env, timeout, onLine });
  }

  private checkAge(error: string): void {
    const unknown = UNKNOWN.exec(error)?.[1];
    if (unknown && Number(/^\d+/.exec(this.version)?.[0] ?? '99') < 25) {
      throw new Failure(`the Docker engine ${this.version} is older than what the Dockerfile uses (${unknown}). Use a newer build image, or DockerBuilder.buildkit(),`
        + ' or begin the Dockerfile with \'# syntax=docker/dockerfile:1\'');
    }
  }
}
