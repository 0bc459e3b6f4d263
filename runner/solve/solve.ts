import { Readable } from 'stream';
import { SilenceWatch } from './silence';
import { baseImagesOf, CacheImport, errorOf, importsOf, SolveError, SolveProgress, Step, stepsOf } from './solve-progress';
import { runProgram } from '../process/run-program';
import { Log } from '../report/log';

export interface Solve {
  readonly program: string;
  readonly args: readonly string[];
  /** What it needs in its environment besides that of all programs, shown with the command. */
  readonly environment: { readonly [name: string]: string };
  readonly env: NodeJS.ProcessEnv;
  readonly progress: SolveProgress;
  readonly log: Log;
  /** In milliseconds. */
  readonly timeout: number;
  /** Takes its standard output. */
  readonly onOutput?: (output: Readable) => void;
}

/** What a solve did. */
export interface SolveOutcome {
  readonly ok: boolean;
  readonly steps: readonly Step[];
  readonly imports: readonly CacheImport[];
  /** The digests of base images, by their names, as far as they are told. */
  readonly baseImages: { readonly [image: string]: string };
  /** Why it failed; of no use if it did not. */
  readonly error: SolveError;
}

/** No build takes longer: CodeBuild ends it then, in milliseconds. */
export const LONGEST_BUILD = 36 * 60 * 60 * 1000;

/** Runs a program that builds, and shows what it does. */
export async function solve({ program, args, environment, env, progress, log, timeout, onOutput }: Solve): Promise<SolveOutcome> {
  log.command(program, args, environment);
  const silence = new SilenceWatch(progress);
  const outcome = await runProgram(program, args, {
    env: { ...env, ...environment },
    timeout,
    signal: silence.signal,
    onOutput,
    onLine: (line) => {
      const before = progress.events;
      progress.show(line).forEach((shown) => log.output(shown));
      if (progress.events > before) silence.heard();
    },
  });
  silence.stop();
  const error = errorOf(progress);
  return {
    ok: outcome.ok,
    steps: stepsOf(progress, outcome.ok),
    imports: importsOf(progress),
    baseImages: baseImagesOf(progress),
    // What ended it from outside says more than what it said while it ended.
    error: outcome.wasEnded || error.text === '' ? { vertex: silence.culprit || error.vertex, text: outcome.reason } : error,
  };
}
