import { randomUUID } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { parse } from 'yaml';
import { endProcesses } from './leftovers';
import { passArtifact } from './source-artifact';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: { readonly [input: string]: string | number | boolean };
}

interface Job {
  readonly needs?: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly permissions?: { readonly [scope: string]: string };
  readonly outputs?: { readonly [name: string]: string };
  readonly steps: readonly Step[];
}

type Variables = { [name: string]: string };

export interface WorkflowPlay {
  /** The file, in the repository. */
  readonly file: string;
  /** What is checked out. */
  readonly repository: string;
  /** Gives the credentials of a role in a region, as environment variables. */
  readonly assumeRole: (arn: string, region: string) => Variables;
  /** What the action does that deploys a stack. */
  readonly deploy: (inputs: NonNullable<Step['with']>) => Promise<void>;
  /** On top of what the machine has. A `PATH` is put in front of the usual one. */
  readonly environment: Variables;
}

/** The logs of the jobs, by their ids. */
export type WorkflowResult = { readonly [job: string]: string };

/**
 * Runs the workflow of a file as GitHub Actions does: each job on a machine of its own, after those that it needs, its commands as they are. The actions that others
 * have written are not run; what they are known to do is done in their place. Fails with the first step that fails.
 */
export async function playWorkflow(play: WorkflowPlay): Promise<WorkflowResult> {
  const { name, jobs } = parse(fs.readFileSync(path.join(play.repository, play.file), 'utf8')) as { name: string; jobs: { [id: string]: Job } };
  const machine = new Machine(play, name);
  const logs: { [job: string]: string } = {};
  for (const id of inOrder(jobs)) logs[id] = await machine.run(id, jobs[id]);
  return logs;
}

function inOrder(jobs: { readonly [id: string]: Job }): string[] {
  const done: string[] = [];
  while (done.length < Object.keys(jobs).length) {
    const next = Object.keys(jobs).find(id => !done.includes(id) && (jobs[id].needs ?? []).every(other => done.includes(other)));
    if (next === undefined) throw new Error(`no job can run after ${done.join(', ')}`);
    done.push(next);
  }
  return done;
}

class Machine {
  private readonly artifacts = freshDirectory('artifacts');
  private readonly outputs: { [job: string]: Variables } = {};

  public constructor(private readonly play: WorkflowPlay, private readonly workflow: string) {}

  public async run(id: string, job: Job): Promise<string> {
    const home = freshDirectory('job');
    for (const directory of ['home', 'tmp', 'work']) fs.mkdirSync(path.join(home, directory));
    const marker = randomUUID();
    const { environment } = this.play;
    const env: Variables = {
      ...environment,
      PATH: [environment.PATH, parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
      HOME: path.join(home, 'home'),
      TMPDIR: path.join(home, 'tmp'),
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt', // trusts the world, as Node.js trusts Amazon's certificates by itself
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKFLOW: this.workflow,
      CODEBUILD_BUILD_ID: marker, // by which what is left running is found
      ...job.env,
    };
    const steps: { [id: string]: Variables } = {};
    const lines: string[] = [];
    const context = { job, work: path.join(home, 'work'), home, env, steps, onLine: (line: string) => this.note(lines, `${id} | ${line}`) };
    try {
      for (const step of job.steps) {
        context.onLine(`--- ${step.name ?? step.uses ?? step.run}`);
        if (step.run !== undefined) await this.command(step, context);
        else await this.action(step, context);
      }
    } finally {
      await endProcesses(`CODEBUILD_BUILD_ID=${marker}`);
    }
    this.outputs[id] = Object.fromEntries(Object.entries(job.outputs ?? {}).map(([name, value]) => [name, this.evaluate(value, context)]));
    return lines.join('\n');
  }

  private async command({ id, run }: Step, { work, home, env, steps, onLine }: Context): Promise<void> {
    const files = { GITHUB_ENV: path.join(home, 'env'), GITHUB_OUTPUT: path.join(home, 'output') };
    Object.values(files).forEach(file => fs.writeFileSync(file, ''));
    const script = path.join(home, 'step.sh');
    fs.writeFileSync(script, run!);
    await execute('bash', ['-e', script], { cwd: work, env: { ...env, ...files }, onLine });
    Object.assign(env, read(files.GITHUB_ENV));
    if (id !== undefined) steps[id] = read(files.GITHUB_OUTPUT);
  }

  private async action({ uses = '', with: given = {} }: Step, context: Context): Promise<void> {
    const { job, work, env } = context;
    const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, this.evaluate(`${value}`, context)]));
    switch (uses.replace(/@v\d+$/, '')) {
      case 'actions/checkout': return fs.cpSync(this.play.repository, work, { recursive: true, verbatimSymlinks: true });
      case 'actions/upload-artifact': return passArtifact(path.join(work, inputs.path), path.join(this.artifacts, inputs.name), 'lossy');
      case 'actions/download-artifact': return passArtifact(path.join(this.artifacts, inputs.name), path.join(work, inputs.path), 'faithful');
      case 'aws-actions/configure-aws-credentials':
        if (inputs['aws-access-key-id'] === undefined && job.permissions?.['id-token'] !== 'write') throw new Error('the job gets no token for the role: its permissions have no id-token');
        if (inputs['aws-access-key-id'] === '') throw new Error('the credentials that are handed on are empty');
        return void Object.assign(env, this.play.assumeRole(inputs['role-to-assume'], inputs['aws-region']));
      case 'aws-actions/aws-cloudformation-github-deploy': return this.play.deploy(inputs);
      default: throw new Error(`the play does not know the action ${uses}`);
    }
  }

  private evaluate(text: string, { env, steps }: Context): string {
    return text.replace(/\$\{\{\s*([^}]*?)\s*\}\}/g, (_, expression: string) => {
      const [root, first, , third] = expression.split('.');
      switch (root) {
        case 'env': return env[first] ?? '';
        case 'steps': return steps[first]?.[third] ?? '';
        case 'needs': return this.outputs[first]?.[third] ?? '';
        default: throw new Error(`the play does not know the expression ${expression}`);
      }
    });
  }

  private note(lines: string[], line: string): void {
    lines.push(line);
    if (process.env.PLAY_VERBOSE) process.stderr.write(`${line}\n`);
  }
}

interface Context {
  readonly job: Job;
  readonly work: string;
  readonly home: string;
  readonly env: Variables;
  readonly steps: { [id: string]: Variables };
  readonly onLine: (line: string) => void;
}

/** Lines as `NAME=value`. */
function read(file: string): Variables {
  const lines = fs.readFileSync(file, 'utf8').split('\n').filter(line => line !== '');
  return Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
