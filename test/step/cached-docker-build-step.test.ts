import * as fs from 'fs';
import * as path from 'path';
import { Match } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerBuilder, ImageRepository, LayerCache } from '../../lib';
import { SynthesizedStep } from '../testhelpers/synthesized-step';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

describe('a step can be', () => {
  test.each<[string, (pipeline: TestPipeline, image: CachedDockerImage, step: pipelines.Step) => void]>([
    ['before a wave', ({ pipeline }, _, step) => pipeline.addWave('Deploy', { pre: [step] })],
    ['before a wave that deploys the image', (test, image, step) => test.pipeline.addWave('Deploy', { pre: [step] }).addStage(test.functionStage('Prod', image))],
    ['before a wave that deploys the image to two stages', (test, image, step) => {
      const wave = test.pipeline.addWave('Deploy', { pre: [step] });
      wave.addStage(test.functionStage('Beta', image));
      wave.addStage(test.functionStage('Prod', image));
    }],
    ['before a stage', (test, image, step) => test.pipeline.addStage(test.functionStage('Prod', image), { pre: [step] })],
    ['after a stage', (test, image, step) => test.pipeline.addStage(test.functionStage('Prod', image), { post: [step] })],
    ['after a wave', (test, image, step) => test.pipeline.addWave('Deploy', { post: [step] }).addStage(test.functionStage('Prod', image))],
  ])('%s, with the cloud assembly as its input', (_, add) => {
    const test = new TestPipeline();
    const image = test.image();
    const step = test.step({ image });
    add(test, image, step);
    const { action } = new SynthesizedStep(test.template, test.stack, step);
    expect(action.InputArtifacts).toEqual([{ Name: 'Synth_Output' }]);
  });

  test('before its stage, so that the image is there when it is deployed', () => {
    const test = new TestPipeline();
    const { template, action } = test.synthesizeStep();
    const [{ Properties }] = Object.values(template.findResources('AWS::CodePipeline::Pipeline'));
    const { Actions } = Properties.Stages.find(({ Name }: { Name: string }) => Name === action.stage);
    const deploy = Actions.find(({ Name }: { Name: string }) => Name === 'Service.Prepare' || Name === 'Prepare');
    expect(action.RunOrder).toBeLessThan(deploy.RunOrder);
  });

  test('one of two for the same image', () => {
    const test = new TestPipeline();
    const image = test.image();
    test.pipeline.addWave('Beta', { pre: [new CachedDockerBuildStep('BuildForBeta', { image, pipeline: test.pipeline })] });
    test.pipeline.addWave('Prod', { pre: [new CachedDockerBuildStep('BuildForProd', { image, pipeline: test.pipeline })] });
    test.template.resourcePropertiesCountIs('AWS::CodeBuild::Project', { Environment: Match.objectLike({ PrivilegedMode: true }) }, 2);
  });

  test('in a pipeline whose stack is in a stage', () => {
    const test = new TestPipeline({ inStage: true });
    expect(test.synthesizeStep().action.InputArtifacts).toEqual([{ Name: 'Synth_Output' }]);
  });
});

describe('the buildspec', () => {
  test('is plain text, whatever the environment and the repository', () => {
    const test = new TestPipeline();
    const step = test.synthesizeStep({ additionalTags: ['latest'], env: { STACK: test.stack.stackName } });
    expect(typeof step.project.Source.BuildSpec).toBe('string');
    expect(step.project.Source.BuildSpec).not.toContain('${Token[');
  });

  test('is the same for each image and each repository: no value is pasted into it', () => {
    const [first, second] = [new TestPipeline(), new TestPipeline({ env: PIPELINE_ENV })];
    const repository = new ImageRepository(second.stack, 'Images', { repositoryName: 'images' });
    const other = second.image('Other', { repository, buildArgs: { A: '$(id)' }, target: 'test' });
    expect(second.synthesizeStep({ image: other, env: { B: '"; id; "' } }).buildSpec).toEqual(first.synthesizeStep().buildSpec);
  });

  test('runs in bash, and hands digest and address to later steps', () => {
    const { buildSpec } = new TestPipeline().synthesizeStep();
    expect(Object.keys(buildSpec)).toEqual(['version', 'env', 'phases']);
    expect(buildSpec.version).toBe('0.2');
    expect(buildSpec.env).toEqual({ 'shell': 'bash', 'exported-variables': ['IMAGE_DIGEST', 'IMAGE_URI'] });
  });

  test('logs in and looks for the image before any builder is started, and reports at the end', () => {
    const { phases } = new TestPipeline().synthesizeStep().buildSpec;
    const run = (name: string) => `bash "$CODEBUILD_SRC_DIR/cached-docker-build/${name}"`;
    expect(Object.keys(phases)).toEqual(['install', 'build']);
    expect(phases.install.commands).toEqual([
      expect.stringMatching(/^unset [A-Z_ ]+$/),
      'export CACHED_BUILD_DIR="$(mktemp -d)"',
      ...['login.sh', 'lookup.sh', 'builder.sh'].map(run),
    ]);
    expect(phases.build.commands).toEqual([
      ...['context.sh', 'build.sh', 'publish.sh', 'export-cache.sh', 'export-stages.sh', 'report.sh'].map(run),
      'export IMAGE_DIGEST="$(cat "$CACHED_BUILD_DIR/digest")"',
      'export IMAGE_URI="$IMAGE_REPOSITORY@$IMAGE_DIGEST"',
    ]);
  });

  test.each<[string, DockerBuilder, LayerCache]>([
    ['DockerBuilder.buildkit()', DockerBuilder.buildkit(), LayerCache.registry()],
    ['DockerBuilder.dockerEngine()', DockerBuilder.dockerEngine(), LayerCache.inline({ stages: ['deps'] })],
  ])('runs scripts of the cloud assembly with %s, as they are in buildspec/', (_, builder, cache) => {
    const test = new TestPipeline();
    const { install, build } = test.synthesizeStep({ builder, layerCache: cache }).buildSpec.phases;
    test.app.synth();
    const names = [...install.commands, ...build.commands].flatMap((command) => /^bash "\$CODEBUILD_SRC_DIR\/(.+)"$/.exec(command)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect(test.read(name)).toBe(fs.readFileSync(path.join(__dirname, '..', '..', 'buildspec', path.basename(name)), 'utf-8'));
    }
  });

  test('comes after the commands that the pipeline has for all builds', () => {
    const test = new TestPipeline({
      options: {
        codeBuildDefaults: {
          partialBuildSpec: codebuild.BuildSpec.fromObject({
            version: '0.2',
            env: { variables: { TEAM: 'a' } },
            phases: { install: { 'runtime-versions': { nodejs: '20' }, 'commands': ['echo first'] }, post_build: { commands: ['echo last'] } },
          }),
        },
      },
    });
    const { buildSpec: { env, phases } } = test.synthesizeStep();
    expect(env).toEqual({ 'variables': { TEAM: 'a' }, 'shell': 'bash', 'exported-variables': ['IMAGE_DIGEST', 'IMAGE_URI'] });
    expect(phases.install['runtime-versions']).toEqual({ nodejs: '20' });
    expect(phases.install.commands.slice(0, 3)).toEqual(['echo first', expect.stringMatching(/^unset /), 'export CACHED_BUILD_DIR="$(mktemp -d)"']);
    expect(phases.post_build.commands).toEqual(['echo last']);
  });
});

describe('the environment of the build', () => {
  test('says where the plan and the repository are, and never the tag', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const image = test.image();
    const { environment, project, actionEnvironment } = test.synthesizeStep({ image });
    expect(Object.keys(environment).sort()).toEqual(['BUILDKIT_IMAGE', 'CACHE_EXPORT', 'CACHE_LOCATION', 'CACHE_TAG', 'IMAGE_PLAN_FILE', 'IMAGE_REPOSITORY', 'IMAGE_RUNS_ON_LAMBDA']);
    expect(environment.IMAGE_PLAN_FILE).toBe('image-PipelineStackImageE30ECBDA.json');
    expect(test.read(environment.IMAGE_PLAN_FILE)).toContain(image.imageTag);
    expect(environment.IMAGE_REPOSITORY).toEqual({
      'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }, '/pipelinestack-image-repository-3a4999ec']],
    });
    expect(JSON.stringify(project)).not.toContain(image.imageTag);
    expect(actionEnvironment).toEqual({});
  });

  test('says that Lambda runs the image when a function was defined after the step', () => {
    const test = new TestPipeline();
    const image = test.image();
    const step = test.step({ image });
    test.pipeline.addWave('Deploy', { pre: [step] }).addStage(test.functionStage('Prod', image));
    expect(new SynthesizedStep(test.template, test.stack, step).environment.IMAGE_RUNS_ON_LAMBDA).toBe('true');
  });

  test('does not say that Lambda runs an image that no function has', () => {
    const test = new TestPipeline();
    const image = test.image();
    const step = test.step({ image });
    test.pipeline.addWave('Deploy', { pre: [step] }).addStage(test.stage('Prod', undefined, (stack) => image.containerImage(stack)));
    expect(new SynthesizedStep(test.template, test.stack, step).environment.IMAGE_RUNS_ON_LAMBDA).toBe('false');
  });
});

describe('a later step', () => {
  test('gets the digest and the address of the image', () => {
    const test = new TestPipeline();
    const image = test.image();
    const step = test.step({ image });
    const scan = new pipelines.CodeBuildStep('Scan', { commands: ['scan "$IMAGE"'], env: { DIGEST: step.imageDigest, IMAGE: step.imageUri } });
    test.pipeline.addWave('Deploy', { pre: pipelines.Step.sequence([step, scan]) });
    const template = test.template;
    const { action } = new SynthesizedStep(template, test.stack, step);
    expect(action.Namespace).toEqual(expect.any(String));
    expect(new SynthesizedStep(template, test.stack, scan).actionEnvironment).toEqual({
      DIGEST: `#{${action.Namespace}.IMAGE_DIGEST}`,
      IMAGE: `#{${action.Namespace}.IMAGE_URI}`,
    });
  });

  test('is not there by default, and then nothing of the step is kept for it', () => {
    expect(new TestPipeline().synthesizeStep().action).not.toHaveProperty('Namespace');
  });
});

describe('the role of the build', () => {
  const PUSH_AND_PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetDownloadUrlForLayer',
    'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

  test.each<[string, (test: TestPipeline) => ecr.IRepository | undefined, unknown]>([
    ['its own repository', () => undefined, { 'Fn::GetAtt': ['ImageRepositoryD8036990', 'Arn'] }],
    ['a repository by its ARN', ({ stack }) => ecr.Repository.fromRepositoryArn(stack, 'Foreign', 'arn:aws:ecr:eu-west-1:111111111111:repository/foreign'),
      'arn:aws:ecr:eu-west-1:111111111111:repository/foreign'],
  ])('may push to and pull from %s and nothing else', (_, repositoryFor, arn) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const { statements } = test.synthesizeStep({ image: test.image('Image', { repository: repositoryFor(test) }) });
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('ecr'))).toEqual([
      { Effect: 'Allow', Action: PUSH_AND_PULL, Resource: arn },
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    ]);
    expect([...PUSH_AND_PULL].sort()).toEqual(PUSH_AND_PULL);
  });

  test('may do nothing else beyond what every build of a pipeline may', () => {
    const services = new TestPipeline().synthesizeStep().statements.flatMap(({ Action }) => [Action].flat()).map((action) => action.split(':')[0]);
    expect([...new Set(services)].sort()).toEqual(['codebuild', 'ecr', 'logs', 's3']);
  });
});

describe('a step', () => {
  test('fails without an image', () => {
    const { pipeline } = new TestPipeline();
    expect(() => new CachedDockerBuildStep('BuildImage', { pipeline, image: undefined as any }))
      .toThrow("'BuildImage': image is missing; give the step the CachedDockerImage that it builds");
  });

  test('fails without a pipeline', () => {
    const image = new TestPipeline().image();
    expect(() => new CachedDockerBuildStep('BuildImage', { image, pipeline: undefined as any }))
      .toThrow("'BuildImage': pipeline is missing; give the step the CodePipeline that it belongs to");
  });

  test('fails for an image in a stage that the pipeline deploys', () => {
    const test = new TestPipeline();
    test.stage('Prod', undefined, (stack) => {
      const image = new CachedDockerImage(stack, 'Image', { context: new TempContext().context });
      expect(() => test.step({ image })).toThrow(
        "'BuildImage': the image 'PipelineStack/Prod/Service/Image' is not in the stage of the pipeline 'PipelineStack/Pipeline'; define it in the stack of the pipeline, and hand it to the stages");
    });
  });
});
