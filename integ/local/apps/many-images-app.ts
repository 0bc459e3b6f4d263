import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerBuildStepProps, CachedDockerImage, CachedDockerImageProps, DockerContext } from '../../../lib';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { ImageReport, readImageReports } from '../machine/build-report';
import { CodeBuildPlay, CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { TrafficTotals } from '../registry/traffic';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

/** How the build of all images went. */
export interface ManyImagesBuild extends CodeBuildResult {
  readonly images: readonly ImageReport[];
  readonly traffic: TrafficTotals;
  /** The address of each image, as the stages deploy it. */
  readonly addresses: readonly string[];
}

export interface ManyImagesOptions {
  readonly name: string;
  readonly count: number;
  readonly dockerfile: string;
  readonly step?: Partial<CachedDockerBuildStepProps>;
  /** What an image has beside its context, each time that the app is synthesized. */
  readonly imageProps?: (image: number) => Partial<CachedDockerImageProps>;
  /** Whether each image has a step of its own, `BuildImage0` and so on, instead of `BuildImages`. */
  readonly separateSteps?: boolean;
}

/** Any number of images that differ in their source, built by one step: `Image0`, `Image1` and so on. */
export class ManyImagesApp {
  private readonly contexts = freshDirectory('contexts');
  private hasRepositories = false;

  public constructor(private readonly lab: Lab, private readonly options: ManyImagesOptions) {
    for (let image = 0; image < options.count; image++) {
      this.write(image, 'Dockerfile', options.dockerfile);
      this.changeSource(image, 'first');
    }
  }

  public write(image: number, file: string, content: string): void {
    const place = path.join(this.contexts, `${image}`, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, content);
  }

  public changeSource(image: number, marker: string): void {
    this.write(image, 'src/app.py', `MARKER = '${marker} of ${image}'\n`);
  }

  /** Synthesizes, and plays the build of all images, or of one that has a step of its own, on a new machine unless one is given. */
  public async build(play: Partial<CodeBuildPlay> & { readonly buildKit?: BuildKit | null } = {}): Promise<ManyImagesBuild> {
    const { assembly, stack, addresses } = this.synth();
    const buildKit = play.buildKit === undefined ? await BuildKit.fresh() : play.buildKit;
    const before = this.lab.registry.traffic.snapshot();
    try {
      const result = await playCodeBuild({
        stack,
        aws: this.lab.aws,
        action: 'BuildImages',
        source: assembly,
        fidelity: 'lossy',
        ...play,
        environment: { ...buildKit?.environment, ...play.environment },
      });
      return {
        ...result,
        images: readImageReports(result.log),
        traffic: this.lab.registry.traffic.since(before),
        addresses,
      };
    } finally {
      if (play.buildKit === undefined) await buildKit?.wipe();
    }
  }

  private synth(): { assembly: string; stack: SynthesizedStack; addresses: string[] } {
    const assembly = freshDirectory('cdk.out');
    const app = new App({ outdir: assembly });
    const scope = new Stack(app, this.options.name, { env });
    const input = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(scope, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
    const images = Array.from({ length: this.options.count }, (_, image) => new CachedDockerImage(scope, `Image${image}`, {
      context: DockerContext.directory(path.join(this.contexts, `${image}`)),
      ...this.options.imageProps?.(image),
    }));
    const build = (id: string, built: CachedDockerImage[]) => new CachedDockerBuildStep(id, { ...this.options.step, images: built, pipeline });
    const steps = this.options.separateSteps ? images.map((image, index) => build(`BuildImage${index}`, [image])) : [build('BuildImages', images)];
    pipeline.addWave('Images', { post: steps });
    app.synth();
    const stack = SynthesizedStack.fromAssembly(assembly, env);
    if (!this.hasRepositories) stack.createRepositories(this.lab.registry);
    this.hasRepositories = true;
    return { assembly, stack, addresses: images.map(({ _identity, imageTag }) => `${_identity.planAddress}:${imageTag}`) };
  }
}
