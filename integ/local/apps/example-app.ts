import * as fs from 'fs';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { DockerBuilder } from '../../../lib';
import { ExamplePipeline, ExamplePipelineProps } from '../../example/example-pipeline';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { playedBuildkitImage } from '../images/base-images';
import { BuildReport, ImageReport, readImageReports, readReport } from '../machine/build-report';
import { CodeBuildPlay, CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { TrafficTotals } from '../registry/traffic';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

/** The default, but for its image. */
const builder = DockerBuilder.buildkit({ buildkitImage: playedBuildkitImage });

const env = { account: '111111111111', region: 'eu-west-1' };

/** The images of the example, and so the folders of their contexts in capitals. */
export type ExampleImage = 'Api' | 'Report';

/** How one build went. */
export interface ExampleBuild extends CodeBuildResult {
  readonly report: BuildReport;
  readonly traffic: TrafficTotals;
  /** The address of the image, as the stage deploys it. */
  readonly image: string;
}

/** What a build differs in from the usual one. */
export interface ExampleBuildOptions extends Partial<CodeBuildPlay> {
  /** The BuildKit that builds. Left out, a new one, as each build of CodeBuild has a new machine; null for none at all. */
  readonly buildKit?: BuildKit | null;
}

/** The example's app with contexts of its own: changed, synthesized and built again and again, as a team would. */
export class ExampleApp {
  public readonly contexts: string;
  private hasRepositories = false;

  /** @param props with the contexts that are built, as they are; without them, with copies of the example's */
  public constructor(private readonly lab: Lab, private readonly props: Omit<ExamplePipelineProps, 'env'> & { readonly name?: string } = {}) {
    this.contexts = props.contexts ?? freshDirectory('contexts');
    if (props.contexts !== undefined) return;
    for (const context of ['api', 'report']) {
      fs.cpSync(path.join(__dirname, '../../example', context), path.join(this.contexts, context), { recursive: true });
    }
  }

  public write(file: string, content: string): void {
    fs.writeFileSync(path.join(this.contexts, file), content);
  }

  public remove(file: string): void {
    fs.rmSync(path.join(this.contexts, file));
  }

  /** Changes the source of an image, and nothing it depends on. */
  public changeSource(image: ExampleImage, marker: string): void {
    this.write(`${image.toLowerCase()}/src/app.py`, `MARKER = '${marker}'\n\n\ndef handler(event, context):\n    return MARKER\n`);
  }

  /** Asks for another version of one package. */
  public changeDependency(image: ExampleImage, version: string): void {
    this.write(`${image.toLowerCase()}/requirements.txt`, `big-numbers==${version}\nsmall-talk==1.0.0\ntiny-steps==1.0.0\n`);
  }

  public synth(): { assembly: string; stack: SynthesizedStack } {
    const assembly = freshDirectory('cdk.out');
    const app = new App({ outdir: assembly });
    new ExamplePipeline(app, this.props.name ?? 'LambdaPipeline', { separateSteps: true, ...this.props, builder: this.props.builder ?? builder, contexts: this.contexts, env });
    app.synth();
    const stack = SynthesizedStack.fromAssembly(assembly, env);
    if (!this.hasRepositories) {
      stack.createRepositories(this.lab.registry); // as the deployment of the pipeline's stack does, before its first run
      this.hasRepositories = true;
    }
    return { assembly, stack };
  }

  /** Synthesizes, and plays the build of one image, in a step of its own. */
  public async build(image: ExampleImage, options: ExampleBuildOptions = {}): Promise<ExampleBuild> {
    return this.play(`Build${image}Image`, options);
  }

  /** Synthesizes, and plays the build of both images in one step, of an app without `separateSteps`. */
  public async buildAll(options: ExampleBuildOptions = {}): Promise<ExampleBuild & { readonly images: readonly ImageReport[] }> {
    const done = await this.play('BuildImages', options);
    return { ...done, images: readImageReports(done.log) };
  }

  private async play(action: string, options: ExampleBuildOptions): Promise<ExampleBuild> {
    const { assembly, stack } = this.synth();
    const buildKit = options.buildKit === undefined ? await BuildKit.fresh() : options.buildKit;
    const before = this.lab.registry.traffic.snapshot();
    try {
      const result = await playCodeBuild({
        stack,
        aws: this.lab.aws,
        action,
        source: assembly,
        fidelity: 'lossy',
        onLine: process.env.PLAY_VERBOSE ? (line) => process.stderr.write(`${line}\n`) : undefined,
        ...options,
        environment: { ...buildKit?.environment, ...options.environment },
      });
      const report = readReport(result.log);
      return { ...result, report, traffic: this.lab.registry.traffic.since(before), image: report.image };
    } finally {
      if (options.buildKit === undefined) await buildKit?.wipe();
    }
  }
}
