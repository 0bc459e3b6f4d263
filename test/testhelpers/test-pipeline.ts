import * as fs from 'fs';
import * as path from 'path';
import { App, Environment, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { SynthesizedStep } from './synthesized-step';
import { TempContext } from './temp-context';
import { temporaryDirectory } from './temporary-directory';
import { CachedDockerBuildStep, CachedDockerBuildStepProps, CachedDockerImage, CachedDockerImageProps, LambdaCodeOptions } from '../../lib';

/** Where the pipeline is, in tests with an explicit environment. */
export const PIPELINE_ENV = { account: '111111111111', region: 'eu-west-1' };

/** Another account, in the same region. */
export const OTHER_ENV = { account: '222222222222', region: 'eu-west-1' };

export interface TestPipelineProps {
  readonly env?: Environment;
  readonly outdir?: string;
  /** Feature flags of the CDK. */
  readonly flags?: { [name: string]: boolean };
  /** Whether the stack of the pipeline is in a stage itself. */
  readonly inStage?: boolean;
  readonly options?: Partial<pipelines.CodePipelineProps>;
}

/** An app with a pipeline that starts from one source. Its cloud assembly is gone after the test. */
export class TestPipeline {
  public static connection(repository: string): pipelines.CodePipelineSource {
    return pipelines.CodePipelineSource.connection(repository, 'main', { connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/1' });
  }

  public readonly app: App;
  public readonly stack: Stack;
  public readonly source: pipelines.CodePipelineSource;
  public readonly pipeline: pipelines.CodePipeline;

  constructor(props: TestPipelineProps = {}) {
    this.app = new App({ outdir: props.outdir ?? temporaryDirectory(), context: props.flags });
    const scope = props.inStage ? new Stage(this.app, 'Tooling') : this.app;
    this.stack = new Stack(scope, 'PipelineStack', { env: props.env });
    this.source = TestPipeline.connection('example/app');
    this.pipeline = new pipelines.CodePipeline(this.stack, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', { input: this.source, commands: ['npx cdk synth'] }),
      ...props.options,
    });
  }

  /** An image in the stack of the pipeline, of a context that is like that of any other image unless one is given. */
  public image(id: string = 'Image', props: Partial<CachedDockerImageProps> = {}): CachedDockerImage {
    return new CachedDockerImage(this.stack, id, { context: new TempContext().context, ...props });
  }

  /** A step that is in no wave yet. */
  public step(props: Partial<CachedDockerBuildStepProps> = {}): CachedDockerBuildStep {
    return new CachedDockerBuildStep('BuildImage', { images: props.images ?? [this.image()], pipeline: this.pipeline, ...props });
  }

  /** A step in the wave that deploys a stage with a function for each image, and what the template of the pipeline says of it. */
  public synthesizeStep(props: Partial<CachedDockerBuildStepProps> = {}): SynthesizedStep {
    const images = props.images ?? [this.image()];
    const step = this.step({ ...props, images });
    this.pipeline.addWave('Deploy', { pre: [step] }).addStage(this.stage('Prod', undefined, (stack) => {
      images.forEach((image, index) => new lambda.DockerImageFunction(stack, `Function${index}`, { code: image.lambdaCode(stack), architecture: architectureOf(image) }));
    }));
    return new SynthesizedStep(this.template, this.stack, step);
  }

  /** An image that a step of a wave of its own builds, as each one that is used needs it. */
  public builtImage(id: string = 'Image', props: Partial<CachedDockerImageProps> = {}): CachedDockerImage {
    const image = this.image(id, props);
    this.pipeline.addWave(`Build${id}`, { pre: [new CachedDockerBuildStep(`Build${id}`, { images: [image], pipeline: this.pipeline })] });
    return image;
  }

  /** A stage with whatever `define` puts into its one stack. */
  public stage(id: string, env: Environment | undefined, define: (stack: Stack) => void): TestStage {
    return new TestStage(this.stack, id, env, define);
  }

  /** A stage with one function that runs the image. */
  public functionStage(id: string, image: CachedDockerImage, env?: Environment, options?: LambdaCodeOptions): TestStage {
    return this.stage(id, env, (stack) => new lambda.DockerImageFunction(stack, 'Function', { code: image.lambdaCode(stack, options) }));
  }

  /** Ends the definition of the app. */
  public get template(): Template {
    return Template.fromStack(this.stack);
  }

  /** The plan of an image, as the build finds it in the root of the cloud assembly. Ends the definition of the app. */
  public plan(image: CachedDockerImage): any {
    this.app.synth();
    return JSON.parse(this.read(image._planFile));
  }

  /** A file of the cloud assembly. */
  public read(...names: string[]): string {
    return fs.readFileSync(path.join(this.app.outdir, ...names), 'utf-8');
  }

  /** The warnings of this library for a stack, by their ids. */
  public warnings(stack: Stack = this.stack): string[] {
    return Annotations.fromStack(stack).findWarning('*', Match.anyValue())
      .map(({ entry }) => /\[ack: (cdk-cached-docker-build:\w+)\]$/.exec(String(entry.data))?.[1] ?? '')
      .filter((id) => id !== '');
  }
}

/** The one that functions need which run the image. */
export function architectureOf({ _platform }: CachedDockerImage): lambda.Architecture {
  return _platform.includes('arm64') ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64;
}

/** A stage with one stack. */
export class TestStage extends Stage {
  public readonly stack: Stack;

  constructor(scope: Construct, id: string, env: Environment | undefined, define: (stack: Stack) => void) {
    super(scope, id, { env });
    this.stack = new Stack(this, 'Service');
    define(this.stack);
  }

  public get template(): Template {
    return Template.fromStack(this.stack);
  }

  /** What the one function of the stage runs. */
  public get imageUri(): unknown {
    const [definition] = Object.values(this.template.findResources('AWS::Lambda::Function'));
    return definition.Properties.Code.ImageUri;
  }
}
