import * as fs from 'fs';
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerContext } from '../../../lib';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { CodeBuildPlay, CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

/** An app whose image is built from a folder of the pipeline's source, for each commit. */
export class SourceApp {
  /** The files of the source. */
  public readonly source = freshDirectory('source');
  private hasRepositories = false;

  /**
   * @param folder of the source, which is the context
   * @param dockerfile in it
   */
  public constructor(private readonly lab: Lab, private readonly folder: string, private readonly dockerfile = 'Dockerfile') {}

  public write(file: string, content: string): void {
    fs.mkdirSync(path.dirname(path.join(this.source, file)), { recursive: true });
    fs.writeFileSync(path.join(this.source, file), content);
  }

  /** Synthesizes as CodeBuild does for a commit, and plays the build of its image with a BuildKit that has never built anything. */
  public async build(commit: string, options: Partial<CodeBuildPlay> = {}): Promise<CodeBuildResult> {
    const { stack, assembly } = this.synth(commit);
    if (!this.hasRepositories) stack.createRepositories(this.lab.registry);
    this.hasRepositories = true;
    const buildKit = await BuildKit.fresh();
    try {
      return await playCodeBuild({
        stack,
        source: assembly,
        inputs: { example_app_Source: this.source },
        aws: this.lab.aws,
        action: 'BuildImage',
        sourceVersion: commit,
        variables: { 'Source@example_app.BranchName': 'main' },
        ...options,
        environment: { ...buildKit.environment, ...options.environment },
      });
    } finally {
      await buildKit.wipe();
    }
  }

  private synth(commit: string): { stack: SynthesizedStack; assembly: string } {
    const outdir = freshDirectory('cdk.out');
    process.env.CODEBUILD_RESOLVED_SOURCE_VERSION = commit;
    try {
      const app = new App({ outdir });
      const stack = new Stack(app, 'SourcePipeline', { env });
      const source = pipelines.CodePipelineSource.connection('example/app', 'main', {
        connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
      });
      const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input: source, commands: ['npx cdk synth'] }) });
      const image = new CachedDockerImage(stack, 'Image', { context: DockerContext.pipelineSource(source, this.folder), dockerfile: this.dockerfile });
      const stage = new Stage(stack, 'Prod', { env });
      const functions = new Stack(stage, 'Functions');
      new lambda.DockerImageFunction(functions, 'Handler', { code: image.lambdaCode(functions) });
      pipeline.addStage(stage, { pre: [new CachedDockerBuildStep('BuildImage', { images: [image], pipeline, additionalTags: [source.sourceAttribute('BranchName'), 'latest'] })] });
      app.synth();
    } finally {
      delete process.env.CODEBUILD_RESOLVED_SOURCE_VERSION;
    }
    return { stack: SynthesizedStack.fromAssembly(outdir, env), assembly: outdir };
  }
}
