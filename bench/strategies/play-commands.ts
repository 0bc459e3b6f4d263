import { SynthesizedStack } from '../../integ/local/aws/synthesized-stack';
import { CodeBuildResult, expectSuccess, playCodeBuild } from '../../integ/local/machine/code-build';
import { Lab } from '../../integ/local/world/lab';
import { newMachine } from '../measuring/machine';
import { showLine } from '../measuring/show-line';
import { home } from '../workload/home';

/** The commands of a project, by their phase. */
export interface PhaseCommands {
  readonly install: readonly string[];
  readonly build: readonly string[];
}

/** One build of a project with such commands, on a new machine. Throws unless it goes well. */
export async function playCommands(
  lab: Lab, { install, build }: PhaseCommands, source: string, environment: { readonly [name: string]: string },
): Promise<CodeBuildResult> {
  const buildSpec = { version: '0.2', env: { shell: 'bash' }, phases: { install: { commands: install }, build: { commands: build } } };
  const stack = new SynthesizedStack('Commands', {
    Resources: { Project: { Type: 'AWS::CodeBuild::Project', Properties: { Source: { BuildSpec: JSON.stringify(buildSpec) } } } },
  }, home);
  const machine = await newMachine();
  try {
    return expectSuccess(await playCodeBuild({
      stack, aws: lab.aws, project: 'Project', source, environment: { ...machine.environment, ...environment }, onLine: showLine,
    }));
  } finally {
    await machine.wipe();
  }
}
