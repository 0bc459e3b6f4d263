import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerBuildStepProps, CachedDockerImage, DockerContext } from '../../../lib';
import { SynthesizedStack } from '../aws/synthesized-stack';
import { BuildKit } from '../engines/build-kit';
import { CodeBuildResult, playCodeBuild } from '../machine/code-build';
import { freshDirectory } from '../world/directories';
import { Lab } from '../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

/** Files by their paths: contents, or the targets of links. */
export type HostileTree = ReadonlyMap<string, Buffer | { readonly link: string }>;

/** What a user gives of one image. */
export interface HostileImage {
  readonly id: string;
  readonly files: HostileTree;
  readonly contexts: ReadonlyMap<string, HostileTree>;
  readonly buildArgs: ReadonlyMap<string, string>;
}

/** The arguments whose values an image has in its environment; names of others cannot stand in a Dockerfile. */
export function isVariable(name: string): boolean {
  return /^ARG_\w+$/.test(name);
}

/** An app with a step that builds images of any names, files and arguments. */
export class HostileApp {
  private readonly app = new App({ outdir: freshDirectory('cdk.out') });
  private readonly stack = new Stack(this.app, 'Hostile', { env });
  private readonly images: CachedDockerImage[] = [];

  public constructor(private readonly lab: Lab) {}

  /** Raises the error of the library for what it refuses. */
  public add({ id, files, contexts, buildArgs }: HostileImage): void {
    const variables = [...buildArgs.keys()].filter(isVariable);
    const context = plant(files);
    const named = [...contexts].map(([name, tree]) => [name, plant(tree)] as const);
    const buildContexts = Object.fromEntries(named.map(([name, directory]) => [name, DockerContext.directory(directory)]));
    fs.writeFileSync(path.join(context, 'Dockerfile'), [
      'FROM scratch',
      ...variables.flatMap(name => [`ARG ${name}`, `ENV SEEN_${name}="\${${name}}"`]),
      'COPY . /files/',
      ...named.map(([name], index) => `COPY --from=${name} . /contexts/${index}/`),
      '',
    ].join('\n'));
    const given = { context: DockerContext.directory(context), buildContexts, buildArgs: Object.fromEntries(buildArgs) };
    this.images.push(new CachedDockerImage(this.stack, id, given));
  }

  /** Builds all of them, and gives their addresses in the order in which they were added. */
  public async build(step: Partial<CachedDockerBuildStepProps> = {}): Promise<CodeBuildResult & { readonly addresses: readonly string[] }> {
    const input = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(this.stack, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
    pipeline.addWave('Images', { post: [new CachedDockerBuildStep('BuildImages', { ...step, images: this.images, pipeline })] });
    this.app.synth();
    const stack = SynthesizedStack.fromAssembly(this.app.outdir, env);
    stack.createRepositories(this.lab.registry);
    const buildKit = await BuildKit.fresh();
    try {
      const onLine = process.env.PLAY_VERBOSE ? (line: string) => process.stderr.write(`${line}\n`) : undefined;
      const result = await playCodeBuild({ stack, aws: this.lab.aws, action: 'BuildImages', source: this.app.outdir, environment: buildKit.environment, onLine });
      return { ...result, addresses: this.images.map(({ _identity, imageTag }) => `${_identity.planAddress}:${imageTag}`) };
    } finally {
      await buildKit.wipe();
    }
  }
}

/** The lines of an image's tree that a copied tree makes, but for those of directories. */
export function linesOf(tree: HostileTree, folder: string): string[] {
  return [...tree].map(([file, content]) => (Buffer.isBuffer(content)
    ? `${folder}/${file} file 644 0:0 ${createHash('sha256').update(content).digest('hex')}`
    : `${folder}/${file} link 777 0:0 ${content.link}`));
}

function plant(tree: HostileTree): string {
  const directory = freshDirectory('context');
  for (const [file, content] of tree) {
    const place = path.join(directory, file);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    if (Buffer.isBuffer(content)) fs.writeFileSync(place, content);
    else fs.symlinkSync(content.link, place);
  }
  return directory;
}
