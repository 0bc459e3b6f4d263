import { App } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { BenchPipeline } from './bench-pipeline';
import { Build, Builds, Strategy } from './strategy';
import { SynthesizedStack } from '../../integ/local/aws/synthesized-stack';
import { readReport } from '../../integ/local/machine/build-report';
import { expectSuccess, playCodeBuild } from '../../integ/local/machine/code-build';
import { freshDirectory } from '../../integ/local/world/directories';
import { Lab } from '../../integ/local/world/lab';
import { LayerCache } from '../../lib';
import { newMachine, Machine } from '../measuring/machine';
import { showLine } from '../measuring/show-line';
import { home } from '../workload/home';
import { Workload } from '../workload/workload';

export interface LibraryStepOptions {
  /** @default - that of the library */
  readonly cache?: (scope: Construct) => LayerCache;
  /** @default - that of the library */
  readonly linkCopies?: boolean;
  /** What builds run on. @default - a machine like CodeBuild's */
  readonly machine?: () => Promise<Machine>;
  /** Whether all builds run on one machine, which lives on beside them, instead of a new one each. @default false */
  readonly keepsMachine?: boolean;
}

/** A build of the library, which tells more than others. */
export interface LibraryBuild extends Build {
  /** What built, as its report says. */
  readonly builder: string;
  readonly copies: string;
  /** From the first command of the build to the first step of the solve; undefined when nothing was built. */
  readonly secondsToSolve?: number;
}

/** What this library does: the pipeline is synthesized, and the build of its step runs as the buildspec says, unmodified. */
export class LibraryStep implements Strategy {
  private static count = 0;

  public readonly ours = true;

  public constructor(public readonly name: string, public readonly title: string, private readonly options: LibraryStepOptions = {}) {}

  public async begin(lab: Lab, workload: Workload): Promise<Builds<LibraryBuild>> {
    const pipeline = `Bench${LibraryStep.count++}`;
    const start = this.options.machine ?? newMachine;
    const kept = this.options.keepsMachine ? await start() : undefined;
    let builds = 0;
    return {
      build: async () => {
        const { assembly, stack } = this.synthesize(pipeline, workload);
        if (builds++ === 0) await deploy(stack, lab);
        const machine = kept ?? await start();
        try {
          const build = await play(lab, stack, assembly, machine);
          if (builds > 1 && build.run > 0) this.demandLinks(build);
          return build;
        } finally {
          if (machine !== kept) await machine.wipe();
        }
      },
      end: async () => kept?.wipe(),
    };
  }

  private synthesize(name: string, workload: Workload): { assembly: string; stack: SynthesizedStack } {
    const assembly = freshDirectory('cdk.out');
    const app = new App({ outdir: assembly });
    const { cache, linkCopies } = this.options;
    new BenchPipeline(app, name, { contexts: [workload.directory], cache, image: { linkCopies }, env: home });
    app.synth();
    return { assembly, stack: SynthesizedStack.fromAssembly(assembly, home) };
  }

  /** A row whose copies were not linked would not be what it says. */
  private demandLinks({ copies }: LibraryBuild) {
    const isLinked = copies.startsWith('linked');
    if (isLinked !== (this.options.linkCopies !== false)) throw new Error(`copies: ${copies}`);
  }
}

/** What the deployment of the pipeline's stack leaves behind. */
async function deploy(stack: SynthesizedStack, lab: Lab) {
  stack.createRepositories(lab.registry);
  for (const bucket of stack.ofType('AWS::S3::Bucket')) await lab.s3.createBucket(stack.ref(bucket), home.region);
}

async function play(lab: Lab, stack: SynthesizedStack, source: string, { environment }: Machine): Promise<LibraryBuild> {
  let first: number | undefined;
  let solve: number | undefined;
  const onLine = (line: string) => {
    first ??= performance.now();
    if (/^#\d+ \[internal\] load build definition/.test(line)) solve ??= performance.now();
    showLine?.(line);
  };
  const { seconds, log } = expectSuccess(await playCodeBuild({ stack, aws: lab.aws, action: 'BuildImages', source, environment, onLine }));
  const { image, builder, steps, time, copies } = readReport(log);
  const [cached, run] = /(\d+) cached, (\d+) run/.exec(steps)?.slice(1).map(Number) ?? [0, 0];
  return { seconds, image, cached, run, phases: time, builder, copies, secondsToSolve: solve && (solve - first!) / 1000 };
}
