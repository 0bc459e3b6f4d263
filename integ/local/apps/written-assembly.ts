import { spawn } from 'child_process';
import { randomUUID } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { createInterface } from 'readline';
import { ImagePlan, PLAN_VERSION } from '../../../lib/plan/image-plan';
import { SETTINGS_VARIABLE, StepSettings } from '../../../lib/plan/step-settings';
import { endProcesses } from '../machine/leftovers';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';

const program = path.join(__dirname, '../../../bundle/cached-docker-build.cjs');

/** What a plan says besides what all of them do. */
export type WrittenPlan = Pick<ImagePlan, 'name' | 'repository' | 'tag' | 'context'> & Partial<ImagePlan>;

export interface RunnerOptions {
  readonly settings: StepSettings | string;
  /** On top of what it has anyway. A `PATH` is put before the usual one. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Told how to end it. */
  readonly onStart?: (end: End) => void;
  /** Told each line as it comes. */
  readonly onLine?: (line: string) => void;
}

/** Ends the program: with everything that it has started, as when its machine vanishes, or by asking it. */
export type End = (signal: 'SIGKILL' | 'SIGTERM') => void;

export interface RunnerResult {
  /** Null when a signal has ended it. */
  readonly code: number | null;
  readonly log: string;
  readonly seconds: number;
}

/** A cloud assembly that is written by hand, without a synthesis, with the program that builds its images beside the plans. */
export class WrittenAssembly {
  /** The program takes what it builds from where it is itself. */
  public readonly directory = freshDirectory('assembly');
  private readonly home = path.join(this.directory, 'home');

  /** @param account whose password the program gets for Amazon ECR */
  public constructor(private readonly account: string) {
    fs.copyFileSync(program, path.join(this.directory, 'build.cjs'));
    fs.writeFileSync(path.join(this.directory, 'manifest.json'), '{}'); // as the CDK writes it
    fs.mkdirSync(path.join(this.home, 'bin'), { recursive: true });
    // The real ones cost more than a small build: they ask AWS for the password each time, and start buildx three times for each build.
    this.writeHelper();
    this.writeDocker();
  }

  /** Gives the password of Amazon ECR. */
  public writeHelper(script = `echo '{"Username":"AWS","Secret":"${this.account}-auth-token"}'`): void {
    this.writeProgram('docker-credential-ecr-login', script);
  }

  /** Is Docker. */
  public writeDocker(script = `[ "$1" = buildx ] && shift && exec ${path.join(parts.bin, 'buildx')} "$@"`): void {
    this.writeProgram('docker', script);
  }

  /** Puts a program before all others: a shell script. */
  public writeProgram(name: string, script: string): void {
    fs.writeFileSync(path.join(this.home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  public writePlan(file: string, plan: WrittenPlan): void {
    const whole: ImagePlan = {
      version: PLAN_VERSION,
      dockerfile: 'Dockerfile',
      platform: 'linux/amd64',
      buildArgs: {},
      linkCopies: true,
      stagingTag: `cache-${plan.name}_push`,
      cacheName: `cache-${plan.name}`,
      sharedCacheName: `cache-${plan.name}`,
      runsOnLambda: false,
      ...plan,
    };
    fs.writeFileSync(path.join(this.directory, file), JSON.stringify(whole));
  }

  /** Runs the program, on plans or with `--all`. Whatever it has left running ends with it, as on a machine of CodeBuild. */
  public async run(plans: readonly string[], { settings, environment, onStart, onLine }: RunnerOptions): Promise<RunnerResult> {
    const id = `CODEBUILD_BUILD_ID=play:${randomUUID()}`;
    const start = performance.now();
    const child = spawn(process.execPath, [path.join(this.directory, 'build.cjs'), 'build', ...plans], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        HOME: this.home,
        TMPDIR: this.home,
        NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
        [SETTINGS_VARIABLE]: typeof settings === 'string' ? settings : JSON.stringify(settings),
        CODEBUILD_BUILD_ID: id.replace(/^[^=]*=/, ''),
        ...environment,
        PATH: [path.join(this.home, 'bin'), environment?.PATH, parts.node, '/usr/sbin:/usr/bin:/sbin:/bin'].filter(Boolean).join(':'),
      },
    });
    const lines: string[] = [];
    onStart?.(signal => void (signal === 'SIGTERM' ? child.kill(signal) : endProcesses(id)));
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on('line', line => {
        lines.push(line);
        if (process.env.PLAY_VERBOSE) process.stderr.write(`${line}\n`);
        onLine?.(line);
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const seconds = (performance.now() - start) / 1000;
    await endProcesses(id);
    return { code, log: lines.join('\n'), seconds };
  }
}
