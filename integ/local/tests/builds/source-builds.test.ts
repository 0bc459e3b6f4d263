import * as fs from 'fs';
import * as path from 'path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerContext } from '../../../../lib';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { BuildKit } from '../../engines/build-kit';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { readReport } from '../../machine/build-report';
import { expectSuccess, playCodeBuild } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

const env = { account: '111111111111', region: 'eu-west-1' };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());

/** The pipeline as a synthesis in CodeBuild writes it, for a commit. */
function synth(commit: string): { stack: SynthesizedStack; assembly: string } {
  const outdir = freshDirectory('cdk.out');
  process.env.CODEBUILD_RESOLVED_SOURCE_VERSION = commit;
  try {
    const app = new App({ outdir });
    const stack = new Stack(app, 'SourcePipeline', { env });
    const source = pipelines.CodePipelineSource.connection('example/app', 'main', {
      connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
    });
    const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input: source, commands: ['npx cdk synth'] }) });
    const image = new CachedDockerImage(stack, 'Image', { context: DockerContext.pipelineSource(source, 'services'), dockerfile: 'api/Dockerfile' });
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

test('a source is built for each commit, under the id that the stage deploys', async () => {
  const source = freshDirectory('source');
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(source, file)), { recursive: true });
    fs.writeFileSync(path.join(source, file), text);
  };
  write('services/api/Dockerfile', 'FROM public.ecr.aws/lambda/python:3.11\nCOPY shared /opt/shared\nCOPY api/app.py /var/task/\n');
  write('services/api/Dockerfile.dockerignore', '**/*.secret\n');
  write('services/shared/lib.py', 'VALUE = 1\n');
  write('services/shared/key.secret', 'not for the image\n');

  for (const commit of ['1111111aaaa', '2222222bbbb']) {
    write('services/api/app.py', `COMMIT = '${commit}'\n`);
    const { stack, assembly } = synth(commit);
    if (commit.startsWith('1')) stack.createRepositories(lab.registry);
    const buildKit = await BuildKit.fresh();
    const { namespace } = stack.pipelineAction('BuildImage');
    expect(namespace).toBeUndefined();
    const build = expectSuccess(await playCodeBuild({
      stack,
      source: assembly,
      inputs: { example_app_Source: source },
      aws: lab.aws,
      action: 'BuildImage',
      sourceVersion: commit,
      environment: buildKit.environment,
      variables: { 'Source@example_app.BranchName': 'main' },
    }));
    await buildKit.wipe();
    const report = readReport(build.log);
    expect(report).toMatchObject({ result: 'built', steps: commit.startsWith('1') ? '0 cached, 2 run' : '1 cached, 1 run' });
    expect(report.image).toMatch(new RegExp(`:${commit}$`));
    const { manifest, digest } = await lab.registry.manifest(report.image);
    expect((await imageFile(lab.registry, report.image, manifest, 'var/task/app.py')).toString()).toContain(commit);
    await expect(imageFile(lab.registry, report.image, manifest, 'opt/shared/key.secret')).rejects.toThrow('has no');
    for (const tag of ['main', 'latest']) {
      // `main` is no mutable tag of this repository: it stays with the first commit, and the build says so
      const tagged = await lab.registry.manifest(report.image.replace(/:[^:]+$/, `:${tag}`));
      expect(tagged.digest === digest).toBe(tag === 'latest' || commit.startsWith('1'));
    }
    expect(build.log.includes('WARNING: the tag \'main\' is immutable')).toBe(commit.startsWith('2'));
  }
});
