import * as fs from 'fs';
import * as path from 'path';
import { countSteps } from './count-steps';
import { Builds, home, Strategy } from './strategy';
import { SynthesizedStack } from '../../integ/local/aws/synthesized-stack';
import { CodeBuildResult, expectSuccess, playCodeBuild } from '../../integ/local/machine/code-build';
import { Registry } from '../../integ/local/registry/registry';
import { Lab } from '../../integ/local/world/lab';
import { newMachine } from '../measuring/machine';
import { showLine } from '../measuring/show-line';
import { Workload } from '../workload/workload';

/** What people do without this library: a shell file of `recipes/`, run by CodeBuild with the Docker engine of its build image. */
export class Recipe implements Strategy {
  private static count = 0;

  public readonly ours = false;

  public constructor(public readonly name: string, public readonly title: string, private readonly commands = recipe(name)) {}

  public async begin(lab: Lab, workload: Workload): Promise<Builds> {
    const repository = `${this.name}-${Recipe.count++}`;
    lab.registry.createRepository(home, repository);
    const uri = `${Registry.ecrHost(home)}/${repository}`;
    let builds = 0;
    return {
      build: async () => {
        const commit = `commit-${builds++}`; // each run of a pipeline has one, also when nothing of the image changed
        const result = await this.play(lab, workload, uri, commit);
        return { seconds: result.seconds, image: `${uri}:${commit}`, ...countSteps(result.log), phases: '' };
      },
      end: async () => {},
    };
  }

  private async play(lab: Lab, workload: Workload, uri: string, commit: string): Promise<CodeBuildResult> {
    const machine = await newMachine();
    try {
      return expectSuccess(await playCodeBuild({
        stack: this.stack(uri),
        aws: lab.aws,
        project: 'Project',
        source: workload.directory,
        environment: { ...machine.environment, REPOSITORY_URI: uri, COMMIT_ID: commit },
        onLine: showLine,
      }));
    } finally {
      await machine.wipe();
    }
  }

  private stack(uri: string): SynthesizedStack {
    const login = `aws ecr get-login-password --region ${home.region} | docker login --username AWS --password-stdin ${uri.split('/')[0]}`;
    const buildSpec = { version: '0.2', env: { shell: 'bash' }, phases: { install: { commands: [login] }, build: { commands: [this.commands] } } };
    return new SynthesizedStack('Recipe', {
      Resources: { Project: { Type: 'AWS::CodeBuild::Project', Properties: { Source: { BuildSpec: JSON.stringify(buildSpec) } } } },
    }, home);
  }
}

function recipe(name: string): string {
  return fs.readFileSync(path.join(__dirname, 'recipes', `${name}.sh`), 'utf8');
}
