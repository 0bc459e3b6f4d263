import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { publishAsset, synthesizeAssets } from './asset-publishing';
import { BenchPipeline } from './bench-pipeline';
import { SynthesizedStack } from '../../integ/local/aws/synthesized-stack';
import { expectSuccess, playCodeBuild } from '../../integ/local/machine/code-build';
import { freshDirectory } from '../../integ/local/world/directories';
import { Lab } from '../../integ/local/world/lab';
import { newMachine } from '../measuring/machine';
import { showLine } from '../measuring/show-line';
import { baseImage } from '../workload/base-image';
import { home } from '../workload/home';

export const count = 12;

const dockerfile = `FROM ${baseImage.full}
RUN python3 -c "open('/usr/lib/shared', 'w').write('x' * 1000000)"
COPY src/ /var/task/
`;

/** Twelve images that differ in their source. */
export class ManyContexts {
  public readonly directories = Array.from({ length: count }, () => freshDirectory('context'));

  public constructor() {
    this.directories.forEach((directory, image) => {
      fs.writeFileSync(path.join(directory, 'Dockerfile'), dockerfile);
      fs.mkdirSync(path.join(directory, 'src'));
      this.change([image], 'first');
    });
  }

  public change(images: readonly number[], marker: string): void {
    for (const image of images) fs.writeFileSync(path.join(this.directories[image], 'src', 'app.py'), `MARKER = '${marker} of ${image}'\n`);
  }
}

/** A way to build all images of a pipeline. */
export interface Way {
  /** What it is called on the command line. */
  readonly name: string;
  readonly title: string;
  /** Begins with nothing in any registry. The builds of one run of the pipeline tell the seconds of each of its machines, one after the other. */
  begin(lab: Lab, contexts: ManyContexts): () => Promise<number[]>;
}

const steps = (name: string, title: string, options: { separateSteps?: boolean; sharesRepository?: boolean }): Way => ({
  name,
  title,
  begin: (lab, contexts) => {
    let isDeployed = false;
    return async () => {
      const assembly = freshDirectory('cdk.out');
      const app = new App({ outdir: assembly });
      new BenchPipeline(app, `Many-${name}`, { contexts: contexts.directories, ...options, env: home });
      app.synth();
      const stack = SynthesizedStack.fromAssembly(assembly, home);
      if (!isDeployed) stack.createRepositories(lab.registry);
      isDeployed = true;
      const seconds: number[] = [];
      const actions = options.separateSteps ? contexts.directories.map((_, image) => `BuildImage${image}`) : ['BuildImages'];
      for (const action of actions) seconds.push(await play(lab, stack, assembly, action));
      return seconds;
    };
  },
});

async function play(lab: Lab, stack: SynthesizedStack, source: string, action: string): Promise<number> {
  const machine = await newMachine();
  try {
    return expectSuccess(await playCodeBuild({ stack, aws: lab.aws, action, source, environment: machine.environment, onLine: showLine })).seconds;
  } finally {
    await machine.wipe();
  }
}

/** What is compared. */
export const ways: readonly Way[] = [
  {
    name: 'assets',
    title: 'twelve assets of aws-cdk-lib',
    begin: (lab, contexts) => {
      const repository = 'cdk-hnb659fds-container-assets-many';
      lab.registry.createRepository(home, repository, { mutability: 'IMMUTABLE' });
      return async () => {
        const seconds: number[] = [];
        for (const asset of synthesizeAssets(contexts.directories, repository)) seconds.push((await publishAsset(lab, asset)).seconds);
        return seconds;
      };
    },
  },
  steps('apart', 'twelve steps', { separateSteps: true }),
  steps('together', 'one step', {}),
  steps('shared', 'one step, one repository', { sharesRepository: true }),
];
