import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
import { App, Stack } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerBuildStepProps, CachedDockerImage, CachedDockerImageProps, DockerBuilder, DockerContext } from '../../../lib';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { KanikoContainer } from '../engines/kaniko-container';
import { ImageTree } from '../images/image-tree';
import { BuildReport, readReport } from '../machine/build-report';
import { CodeBuildResult, expectSuccess, playCodeBuild } from '../machine/code-build';
import { parts } from '../parts/parts';
import { TrafficTotals } from '../registry/traffic';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

/** Tests that are skipped on a machine without kaniko. */
export function describeWithKaniko(what: string, tests: () => void): void {
  if (parts.kaniko) describe(what, tests);
  else describe.skip(`${what} (skipped: this machine has no executor of kaniko, see CONTRIBUTING.md)`, tests);
}

/** How one build went. */
export interface KanikoBuild extends CodeBuildResult {
  readonly report: BuildReport;
  readonly traffic: TrafficTotals;
  /** The address of the image. */
  readonly image: string;
  readonly container: KanikoContainer;
}

export interface KanikoAppProps extends Partial<CachedDockerBuildStepProps> {
  readonly imageProps?: Partial<CachedDockerImageProps>;
  /** The commit of a source that is the build context, instead of a directory. */
  readonly commit?: string;
}

/** A pipeline with one image that kaniko builds, changed and built again and again, each time in a new container. */
export class KanikoApp {
  public readonly context = freshDirectory('context');
  private hasRepositories = false;

  public constructor(
    private readonly lab: Lab,
    private readonly name: string,
    private readonly props: KanikoAppProps = {},
  ) {}

  public write(files: { readonly [path: string]: string }): void {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.context, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    }
  }

  /** Throws with the end of the log unless the build goes well. */
  public async build(): Promise<KanikoBuild> {
    const build = await this.tryToBuild();
    expectSuccess(build);
    return build;
  }

  public async tryToBuild(): Promise<KanikoBuild> {
    const { commit } = this.props;
    const { stack, assembly } = this.synth();
    const container = new KanikoContainer();
    const before = this.lab.registry.traffic.snapshot();
    try {
      const result = await playCodeBuild({
        stack,
        aws: this.lab.aws,
        action: 'BuildImage',
        source: assembly,
        ...commit && { inputs: { example_app_Source: this.context }, sourceVersion: commit },
        fidelity: 'lossy',
        container,
        environment: KanikoContainer.environment,
        onLine: process.env.PLAY_VERBOSE ? line => process.stderr.write(`${line}\n`) : undefined,
      });
      const report = readReport(result.log);
      return { ...result, report, traffic: this.lab.registry.traffic.since(before), image: report.image, container };
    } finally {
      await container.wipe();
    }
  }

  private synth(): { stack: SynthesizedStack; assembly: string } {
    const assembly = freshDirectory('cdk.out');
    const app = new App({ outdir: assembly });
    const scope = new Stack(app, this.name, { env });
    const input = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(scope, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
    const { imageProps, commit, ...stepProps } = this.props;
    if (commit) process.env.CODEBUILD_RESOLVED_SOURCE_VERSION = commit; // as a synthesis in CodeBuild has it
    const context = commit ? DockerContext.pipelineSource(input) : DockerContext.directory(this.context);
    const image = new CachedDockerImage(scope, 'Image', { context, ...imageProps });
    const step = new CachedDockerBuildStep('BuildImage', { builder: DockerBuilder.kaniko(), ...stepProps, images: [image], pipeline });
    step.imageDigest(image);
    pipeline.addWave('Images', { post: [step] });
    app.synth();
    delete process.env.CODEBUILD_RESOLVED_SOURCE_VERSION;
    const stack = SynthesizedStack.fromAssembly(assembly, env);
    if (!this.hasRepositories) stack.createRepositories(this.lab.registry);
    this.hasRepositories = true;
    return { stack, assembly };
  }
}

/** The configuration and all files of an image in a registry, as a container would see them. */
export async function pulledImage(lab: Lab, image: string): Promise<{ config: any; tree: string[] }> {
  const [, host, repository] = /^([^/]+)\/(.+):[^:/]+$/.exec(image)!;
  const { manifest } = await lab.registry.manifest(image);
  const tree = new ImageTree();
  for (const { digest } of manifest.layers) tree.apply(gunzipSync(await lab.registry.blob(host, repository, digest)));
  return { config: JSON.parse((await lab.registry.blob(host, repository, manifest.config.digest)).toString()), tree: tree.lines };
}
