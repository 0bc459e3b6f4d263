import * as fs from 'fs';
import * as path from 'path';
import { countSteps } from './count-steps';
import { playCommands } from './play-commands';
import { Builds, Strategy } from './strategy';
import { Registry } from '../../integ/local/registry/registry';
import { Lab } from '../../integ/local/world/lab';
import { home } from '../workload/home';
import { Workload } from '../workload/workload';

export interface RecipeOptions {
  /** @default - the file of `recipes/` that is called as the recipe is */
  readonly commands?: string;
  /** Whether each build does what the first one did. @default false */
  readonly forgets?: boolean;
}

/** What people do without this library: a shell file of `recipes/`, run by CodeBuild with the Docker engine of its build image. */
export class Recipe implements Strategy {
  private static count = 0;

  public readonly ours = false;

  public readonly forgets: boolean;
  private readonly commands: string;

  public constructor(public readonly name: string, public readonly title: string, options: RecipeOptions = {}) {
    this.forgets = options.forgets ?? false;
    this.commands = options.commands ?? recipe(name);
  }

  public async begin(lab: Lab, workload: Workload): Promise<Builds> {
    const repository = `${this.name}-${Recipe.count++}`;
    lab.registry.createRepository(home, repository);
    const uri = `${Registry.ecrHost(home)}/${repository}`;
    let builds = 0;
    return {
      build: async () => {
        const commit = `commit-${builds++}`; // each run of a pipeline has one, also when nothing of the image changed
        const login = `aws ecr get-login-password --region ${home.region} | docker login --username AWS --password-stdin ${uri.split('/')[0]}`;
        const environment = { REPOSITORY_URI: uri, COMMIT_ID: commit };
        const result = await playCommands(lab, { install: [login], build: [this.commands] }, workload.directory, environment);
        return { seconds: result.seconds, image: `${uri}:${commit}`, ...countSteps(result.log), phases: '' };
      },
      end: async () => {},
    };
  }
}

function recipe(name: string): string {
  return fs.readFileSync(path.join(__dirname, 'recipes', `${name}.sh`), 'utf8');
}
