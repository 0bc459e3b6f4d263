import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { Match } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage, DockerBuilder, ImageRepository, LayerCache, RegistryLogin } from '../../lib';
import { SynthesizedStep } from '../testhelpers/synthesized-step';
import { TempContext } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';
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
    ['after a stage', (test, _image, step) => test.pipeline.addStage(test.stage('Prod', undefined, (stack) => new Topic(stack, 'Topic')), { post: [step] })],
    ['after a wave', (test, _image, step) => test.pipeline.addWave('Deploy', { post: [step] }).addStage(test.stage('Prod', undefined, (stack) => new Topic(stack, 'Topic')))],
  ])('%s, with the cloud assembly as its input', (_, add) => {
    const test = new TestPipeline();
    const image = test.image();
    const step = test.step({ images: [image] });
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
    test.pipeline.addWave('Beta', { pre: [new CachedDockerBuildStep('BuildForBeta', { images: [image], pipeline: test.pipeline })] });
    test.pipeline.addWave('Prod', { pre: [new CachedDockerBuildStep('BuildForProd', { images: [image], pipeline: test.pipeline })] });
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

  test('differs by the names of the plans only: no other value is pasted into it', () => {
    const [first, second] = [new TestPipeline(), new TestPipeline({ env: PIPELINE_ENV })];
    const repository = new ImageRepository(second.stack, 'Images', { repositoryName: 'images' });
    const other = second.image('Other', { repository, buildArgs: { A: '$(id)' }, target: 'test' });
    const { buildSpec } = first.synthesizeStep();
    expect(second.synthesizeStep({ images: [other], env: { B: '"; id; "' } }).buildSpec)
      .toEqual(JSON.parse(JSON.stringify(buildSpec).replace('image-PipelineStackImageE30ECBDA.json', other._planFile)));
  });

  test('has no shell beyond a question and one command, in the shell that CodeBuild has by default', () => {
    const test = new TestPipeline();
    expect(test.synthesizeStep({ images: ['Api', 'Report'].map((id) => test.image(id)) }).buildSpec).toEqual({
      version: '0.2',
      phases: {
        install: {
          commands: [
            'command -v node >/dev/null || { echo "ERROR: the build image has no Node.js, which the build of images needs:'
            + ' give the step a buildImage with Node.js 18 or later, as CodeBuild\'s own have it" >&2; false; }',
          ],
        },
        build: {
          commands: [
            'node "$CODEBUILD_SRC_DIR/cached-docker-build.cjs" build --outputs "$CODEBUILD_SRC_DIR/image-outputs"'
            + ' image-PipelineStackApiED41AF32.json image-PipelineStackReportF3AF71F3.json',
          ],
        },
      },
    });
  });

  test('is the same with every builder, cache and option, but for what kaniko has to install', () => {
    const { buildSpec } = new TestPipeline().synthesizeStep();
    const login = (test: TestPipeline) => RegistryLogin.ecr(new ImageRepository(test.stack, 'Base'));
    const test = new TestPipeline();
    for (const props of [
      { builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.inline({ stages: ['deps'] }) },
      { builder: DockerBuilder.dockerServer() },
      { layerCache: LayerCache.registry({ scope: '#{Source.BranchName}' }), additionalTags: ['latest'], maxConcurrentBuilds: 2 },
    ]) {
      expect(new TestPipeline().synthesizeStep(props).buildSpec).toEqual(buildSpec);
    }
    expect(test.synthesizeStep({ registryLogins: [login(test)] }).buildSpec).toEqual(buildSpec);
  });

  describe('looks for Node.js', () => {
    const [requireNode] = new TestPipeline().synthesizeStep().buildSpec.phases.install.commands;

    function machine(programs: string[]) {
      const bin = temporaryDirectory();
      programs.forEach((name) => fs.writeFileSync(path.join(bin, name), '#!/bin/sh\necho started\n', { mode: 0o755 }));
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', requireNode], { env: { PATH: bin }, encoding: 'utf-8' });
      return { status, stdout, stderr };
    }

    test('and says in one sentence that there is none, and what to do', () => {
      expect(machine([])).toEqual({
        status: 1,
        stdout: '',
        stderr: 'ERROR: the build image has no Node.js, which the build of images needs: give the step a buildImage with Node.js 18 or later,'
          + " as CodeBuild's own have it\n",
      });
    });

    test('and says nothing where there is one, nor starts it', () => {
      expect(machine(['node'])).toEqual({ status: 0, stdout: '', stderr: '' });
    });
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
    expect(env).toEqual({ variables: { TEAM: 'a' } });
    expect(phases.install['runtime-versions']).toEqual({ nodejs: '20' });
    expect(phases.install.commands).toEqual(['echo first', expect.stringMatching(/^command -v node /)]);
    expect(phases.post_build.commands).toEqual(['echo last']);
  });
});

describe('the template of the pipeline', () => {
  test('says where the plan is, and never the tag', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const image = test.image();
    const { environment, project, actionEnvironment, template } = test.synthesizeStep({ images: [image] });
    expect(Object.keys(environment)).toEqual(['CACHED_DOCKER_BUILD_SETTINGS']);
    expect(project.Source.BuildSpec).toContain('image-PipelineStackImageE30ECBDA.json');
    expect(test.read('image-PipelineStackImageE30ECBDA.json')).toContain(image.imageTag);
    expect(JSON.stringify(template.toJSON())).not.toContain(image.imageTag);
    expect(actionEnvironment).toEqual({});
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
    const { statements } = test.synthesizeStep({ images: [test.image('Image', { repository: repositoryFor(test) })] });
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
    for (const images of [[], undefined as any]) {
      expect(() => new CachedDockerBuildStep('BuildImage', { pipeline, images }))
        .toThrow("'BuildImage': images is empty; give the step each CachedDockerImage that it builds");
    }
  });

  test('fails without a pipeline', () => {
    const image = new TestPipeline().image();
    expect(() => new CachedDockerBuildStep('BuildImage', { images: [image], pipeline: undefined as any }))
      .toThrow("'BuildImage': pipeline is missing; give the step the CodePipeline that it belongs to");
  });

  test('fails for an image in a stage that the pipeline deploys', () => {
    const test = new TestPipeline();
    test.stage('Prod', undefined, (stack) => {
      const image = new CachedDockerImage(stack, 'Image', { context: new TempContext().context });
      expect(() => test.step({ images: [image] })).toThrow(
        "'BuildImage': the image 'PipelineStack/Prod/Service/Image' is not in the stage of the pipeline 'PipelineStack/Pipeline'; define it in the stack of the pipeline, and hand it to the stages");
    });
  });
});
