import { randomBytes } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { PermissionCase } from './permission-case';
import { CachedDockerBuildStep, CachedDockerImage, DockerContext, ImageRepository } from '../../../../lib';
import { BuildPermissions } from '../../aws/build-permissions';
import { grantsOf, grantsOfEveryProject, PolicyStatement, statementsOfProject } from '../../aws/role-policy';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { freshDirectory } from '../../world/directories';

export const env = { account: '111111111111', region: 'eu-west-1' };

/** A pipeline that builds one image in the way of a case. */
export class PermissionApp {
  private readonly context = freshDirectory('context');

  /** @param folder what the names of its repositories begin with, so that cases do not share any */
  public constructor(private readonly given: PermissionCase, private readonly folder: string) {
    const base = given.base ?? 'docker.io/library/busybox:stable';
    this.write('Dockerfile', [
      `FROM ${base} AS builder`,
      'COPY made.txt /made/',
      'RUN cp /made/made.txt /made/more.txt',
      `FROM ${base}`,
      `RUN ${given.mounts ? `${given.mounts} ` : ''}echo first > /first`,
      'COPY second.txt /',
      'RUN cp /second.txt /third.txt',
      'COPY --from=builder /made /made',
      'COPY src /var/task/',
    ].join('\n'));
    this.write('made.txt', 'made');
    this.write('src/app.py', 'source');
    this.change('first');
  }

  /** Changes what a step in the middle works with, so that the steps before it are taken from the cache, and those behind it run again. */
  public change(content: string): void {
    this.write('second.txt', content);
  }

  /** Adds a layer of several megabytes. */
  public grow(): void {
    this.write('made.txt', randomBytes(12_000_000));
  }

  /** @param isEarlier whether it is the build before those of the case */
  public synth(isEarlier = false): { readonly assembly: string; readonly stack: SynthesizedStack } {
    const assembly = freshDirectory('cdk.out');
    const app = new App({ outdir: assembly });
    const stack = new Stack(app, 'Pipeline', { env });
    const input = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', {
      synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }), crossAccountKeys: this.given.consumer !== undefined,
    });
    const image = new CachedDockerImage(stack, 'Image', {
      context: DockerContext.directory(this.context),
      repository: new ImageRepository(stack, 'Repository', { repositoryName: `${this.folder}/image`, mutableTags: ['branch-*'] }),
      ...this.given.image?.(stack),
    });
    const props = isEarlier ? this.given.earlier : this.given.step;
    const build = new CachedDockerBuildStep('BuildImage', { ...props?.(stack, this.folder), images: [image], pipeline });
    const wave = pipeline.addWave('Deploy', { pre: [build] });
    wave.addStage(new ConsumerStage(app, 'Prod', image, this.given.consumer ?? env.account));
    app.synth();
    return { assembly, stack: SynthesizedStack.fromAssembly(assembly, env) };
  }

  /** What the role of the build may do, beyond what every step may. */
  public statements(): PolicyStatement[] {
    const { stack } = this.synth();
    const name = stack.resolve(stack.pipelineAction('BuildImage').configuration.ProjectName);
    const statements = statementsOfProject(stack, stack.ofType('AWS::CodeBuild::Project').find(id => stack.ref(id) === name)!)!;
    const { granted } = new BuildPermissions(statements, grantsOfEveryProject(stack));
    return statements.filter(statement => grantsOf(statement).some(grant => granted.includes(grant)));
  }

  private write(file: string, content: string | Buffer): void {
    fs.mkdirSync(path.dirname(path.join(this.context, file)), { recursive: true });
    fs.writeFileSync(path.join(this.context, file), content);
  }
}

class ConsumerStage extends Stage {
  constructor(scope: App, id: string, image: CachedDockerImage, account: string) {
    super(scope, id, { env: { account, region: env.region } });
    const stack = new Stack(this, 'Functions');
    new lambda.DockerImageFunction(stack, 'Function', { code: image.lambdaCode(stack) });
  }
}
