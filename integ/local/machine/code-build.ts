import { randomUUID } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { buildShell, BuildShell, ShellSharing } from './build-shell';
import { BuildSpec, parseBuildSpec, PhaseName, phaseNames } from './build-spec';
import { EnvironmentVariables } from './environment-variables';
import { endProcesses } from './leftovers';
import { ArtifactFidelity, passArtifact } from './source-artifact';
import { TimeLimit } from './time-limit';
import { BuildPermissions } from '../aws/build-permissions';
import { AwsEndpoint } from '../aws/endpoint';
import { grantsOfEveryProject, statementsOfProject } from '../aws/role-policy';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { parts } from '../parts/parts';
import { freshDirectory } from '../world/directories';
import { tail } from '../world/tail';

/** A container that a build runs in, instead of this machine itself. */
export interface BuildContainer {
  /** Starts it with a copy of a directory at the same place, but for one in it that is the same on both sides. */
  start(directory: string, shared: string): Promise<void>;
  /** The command that runs a program in it, with a variable in its environment. */
  command(program: readonly string[], cwd: string, marker: string): string[];
  stop(): Promise<void>;
}

export interface CodeBuildPlay {
  readonly stack: SynthesizedStack;
  readonly aws: AwsEndpoint;
  /** The pipeline's action whose project is played, with the environment the action gives it. */
  readonly action?: string;
  /** Or a project, by its logical id or the end of its construct path. */
  readonly project?: string;
  /** The primary input: the cloud assembly, or a source. */
  readonly source: string;
  /** Further inputs, by the name of their artifact. */
  readonly inputs?: { readonly [artifact: string]: string };
  /** How the inputs come out of CodePipeline. @default 'faithful' */
  readonly fidelity?: ArtifactFidelity;
  /** How commands share their state. @default 'carried' */
  readonly sharing?: ShellSharing;
  /** Values of the pipeline's variables: `{ 'Source.CommitId': 'abc' }` for `#{Source.CommitId}`. */
  readonly variables?: { readonly [variable: string]: string };
  /** What CODEBUILD_RESOLVED_SOURCE_VERSION holds. */
  readonly sourceVersion?: string;
  /** Set on top of everything else: a builder, an engine, a flag of the test. A `PATH` is put before the usual one. */
  readonly environment?: { readonly [name: string]: string };
  /** @default none, the build has the programs of this machine */
  readonly container?: BuildContainer;
  /** After that, everything the build runs is ended and the build has failed. @default 600 */
  readonly timeoutSeconds?: number;
  readonly onLine?: (line: string) => void;
}

export interface PhaseResult {
  readonly name: PhaseName;
  readonly ok: boolean;
  readonly seconds: number;
}

export interface CodeBuildResult {
  readonly ok: boolean;
  /** Of the command that failed; 0 when none did. */
  readonly exitCode: number;
  readonly log: string;
  readonly phases: readonly PhaseResult[];
  readonly exported: { readonly [name: string]: string };
  readonly seconds: number;
  /** What CODEBUILD_SRC_DIR was, to look at what the build left. */
  readonly sourceDirectory: string;
  /** What its role may do, and what of that it did; anything else was refused. Undefined for a project without a role, which may do everything. */
  readonly permissions?: BuildPermissions;
}

/** Plays one build of a CodeBuild project on this machine: its buildspec and its environment, as they were synthesized. */
export async function playCodeBuild(play: CodeBuildPlay): Promise<CodeBuildResult> {
  const action = play.action !== undefined ? play.stack.pipelineAction(play.action) : undefined;
  const projectName = action ? play.stack.resolve(action.configuration.ProjectName) : undefined;
  const logicalId = action
    ? play.stack.ofType('AWS::CodeBuild::Project').find(id => play.stack.ref(id) === projectName)
    : play.stack.logicalId('AWS::CodeBuild::Project', play.project!);
  if (!logicalId) throw new Error(`no project of the stack is called ${projectName}`);
  const { properties } = play.stack.resource(logicalId);

  const statements = statementsOfProject(play.stack, logicalId);
  const permissions = statements && new BuildPermissions(statements, grantsOfEveryProject(play.stack));
  const credentials = play.aws.environment(play.stack.region, permissions && play.aws.callers.add({ account: play.stack.account, permissions }));
  const variables = new EnvironmentVariables(play.aws, credentials);

  const home = freshDirectory('build');
  const sourceDirectory = path.join(home, 'src');
  await passArtifact(play.source, sourceDirectory, play.fidelity ?? 'faithful');
  const given: string = properties.Source.BuildSpec;
  const spec = parseBuildSpec(given.startsWith('{') ? given : fs.readFileSync(path.join(sourceDirectory, given), 'utf8')); // it may be a file of the source
  const artifacts: Record<string, string> = {};
  for (const name of action?.inputs.slice(1) ?? []) {
    const input = play.inputs?.[name];
    if (!input) throw new Error(`action ${play.action} has the input ${name}: say in 'inputs' where it is`);
    artifacts[`CODEBUILD_SRC_DIR_${name}`] = path.join(home, name);
    await passArtifact(input, path.join(home, name), play.fidelity ?? 'faithful');
  }

  const lines: string[] = [];
  const onLine = (line: string) => {
    lines.push(line);
    play.onLine?.(line);
  };
  const scratch = path.join(home, 'scratch');
  for (const directory of ['scratch', 'home', 'tmp']) fs.mkdirSync(path.join(home, directory));
  const id = `${play.stack.ref(logicalId)}:${randomUUID()}`;
  const { container } = play;
  await container?.start(home, scratch);
  const shell = buildShell(play.sharing ?? 'carried', {
    within: container && (program => container.command(program, sourceDirectory, `CODEBUILD_BUILD_ID=${id}`)),
    shell: spec.env?.shell ?? 'sh',
    cwd: sourceDirectory,
    scratch,
    onLine,
    environment: {
      ...spec.env?.variables,
      ...await variables.secrets(Object.entries(spec.env?.['secrets-manager'] ?? {}), 'SECRETS_MANAGER'),
      ...await variables.secrets(Object.entries(spec.env?.['parameter-store'] ?? {}), 'PARAMETER_STORE'),
      ...await variables.ofProject(properties.Environment?.EnvironmentVariables ?? []),
      ...await variables.ofAction(play.stack, action?.configuration.EnvironmentVariables, play.variables),
      ...credentials,
      ...buildVariables(play, id, home, sourceDirectory),
      ...artifacts,
      ...play.environment,
      PATH: [play.environment?.PATH, parts.node, parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].filter(Boolean).join(':'),
    },
  });
  const start = performance.now();
  const limit = new TimeLimit(play.timeoutSeconds ?? 600, `CODEBUILD_BUILD_ID=${id}`, () => onLine('[Container] Build timed out'));
  const { phases, exitCode } = await runPhases(spec, shell, limit, onLine);
  await limit.lift();
  const seconds = (performance.now() - start) / 1000;
  const exported = await shell.variables(spec.env?.['exported-variables'] ?? []);
  await shell.end();
  await endProcesses(`CODEBUILD_BUILD_ID=${id}`);
  await container?.stop();
  return { ok: phases.every(phase => phase.ok), exitCode, log: lines.join('\n'), phases, exported, seconds, sourceDirectory, permissions };
}

/** Throws with the end of the log unless the build went well. */
export function expectSuccess(result: CodeBuildResult): CodeBuildResult {
  if (result.ok) return result;
  const phases = result.phases.map(phase => `${phase.name} ${phase.ok ? 'ok' : 'FAILED'}`).join(', ');
  throw new Error(`the build failed with ${result.exitCode} (${phases}); its log ends:\n${tail(result.log, 80)}`);
}

/** A failed phase ends the build, except that after `build` there is still `post_build`. */
async function runPhases(spec: BuildSpec, shell: BuildShell, limit: TimeLimit, onLine: (line: string) => void) {
  const phases: PhaseResult[] = [];
  let exitCode = 0;
  for (const name of phaseNames) {
    const phase = spec.phases[name];
    if (!phase) continue;
    onLine(`[Container] Entering phase ${name.toUpperCase()}`);
    const start = performance.now();
    const failed = await runUntilFailure(phase.commands ?? [], shell, onLine);
    const failedFinally = limit.exceeded ? 0 : await runUntilFailure(phase.finally ?? [], shell, onLine);
    const code = failed || failedFinally;
    const ok = code === 0;
    phases.push({ name, ok, seconds: (performance.now() - start) / 1000 });
    onLine(`[Container] Phase complete: ${name.toUpperCase()} State: ${ok ? 'SUCCEEDED' : 'FAILED'}`);
    if (ok) continue;
    exitCode ||= code;
    if (limit.exceeded) break;
    await shell.set('CODEBUILD_BUILD_SUCCEEDING', '0');
    if (name !== 'build' && phase['on-failure'] !== 'CONTINUE') break;
    if (name === 'build' && phase['on-failure'] === 'ABORT') break;
  }
  return { phases, exitCode };
}

async function runUntilFailure(commands: readonly string[], shell: BuildShell, onLine: (line: string) => void): Promise<number> {
  for (const command of commands) {
    onLine(`[Container] Running command ${command.split('\n')[0]}`);
    const code = await shell.run(command);
    if (code !== 0) {
      onLine(`[Container] Command did not exit successfully ${command.split('\n')[0]} exit status ${code}`);
      return code;
    }
  }
  return 0;
}

function buildVariables(play: CodeBuildPlay, id: string, home: string, sourceDirectory: string): Record<string, string> {
  const { account, region } = play.stack;
  return {
    HOME: path.join(home, 'home'),
    TMPDIR: path.join(home, 'tmp'),
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt', // trusts the world, as Node.js trusts Amazon's certificates by itself
    CI: 'true',
    CODEBUILD_CI: 'true',
    CODEBUILD_BUILD_ID: id,
    CODEBUILD_BUILD_ARN: `arn:aws:codebuild:${region}:${account}:build/${id}`,
    CODEBUILD_BUILD_NUMBER: '1',
    CODEBUILD_BUILD_SUCCEEDING: '1',
    CODEBUILD_INITIATOR: play.action !== undefined ? 'codepipeline/play' : 'play',
    CODEBUILD_SRC_DIR: sourceDirectory,
    CODEBUILD_START_TIME: `${Date.now()}`,
    ...play.sourceVersion !== undefined && { CODEBUILD_RESOLVED_SOURCE_VERSION: play.sourceVersion },
  };
}
