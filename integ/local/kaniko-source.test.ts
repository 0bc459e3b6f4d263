import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { publishBaseImages } from './base-images';
import { readReport } from './build-report';
import { expectSuccess, playCodeBuild } from './code-build';
import { pulledImage } from './kaniko-app';
import { KanikoContainer } from './kaniko-container';
import { Lab } from './lab';
import { SynthesizedStack } from './synthesized-stack';
import { freshDirectory } from './world';
import { CachedDockerBuildStep, CachedDockerImage, DockerBuilder, DockerContext } from '../../lib';

const env = { account: '111111111111', region: 'eu-west-1' };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);
afterAll(async () => lab.stop());

/** The pipeline as a synthesis in CodeBuild writes it. */
function synth(): { stack: SynthesizedStack; assembly: string } {
  const assembly = freshDirectory('cdk.out');
  process.env.CODEBUILD_RESOLVED_SOURCE_VERSION = '1111111aaaa';
  try {
    const app = new App({ outdir: assembly });
    const scope = new Stack(app, 'KanikoSource', { env });
    const input = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(scope, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
    const image = new CachedDockerImage(scope, 'Image', { context: DockerContext.source(input) });
    pipeline.addWave('Images', { post: [new CachedDockerBuildStep('BuildImage', { builder: DockerBuilder.kaniko(), image, pipeline })] });
    app.synth();
  } finally {
    delete process.env.CODEBUILD_RESOLVED_SOURCE_VERSION;
  }
  return { stack: SynthesizedStack.fromAssembly(assembly, env), assembly };
}

test('kaniko builds from a source, without what its ignore file names', async () => {
  const source = freshDirectory('source');
  const files = {
    'Dockerfile': 'FROM public.ecr.aws/docker/library/busybox:stable\nRUN mkdir /app\nCOPY . /app/\n',
    '.dockerignore': '*\n!src\nsrc/*.key\n!src/public.key\n',
    'src/app': 'app',
    'src/private.key': 'not for the image',
    'src/public.key': 'for the image',
    'notes': 'not for the image',
  };
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
    fs.writeFileSync(path.join(source, name), content);
  }
  const { stack, assembly } = synth();
  stack.createRepositories(lab.registry);
  const container = new KanikoContainer();
  try {
    const build = expectSuccess(await playCodeBuild({
      stack,
      source: assembly,
      inputs: { example_app_Source: source },
      aws: lab.aws,
      action: 'BuildImage',
      sourceVersion: '1111111aaaa',
      container,
      environment: KanikoContainer.environment,
    }));
    const { tree } = await pulledImage(lab, readReport(build.log).image);
    expect(tree.flatMap(line => /^\/app\/(\S+) file/.exec(line)?.[1] ?? [])).toEqual(['src/app', 'src/public.key']);
  } finally {
    await container.wipe();
  }
});
