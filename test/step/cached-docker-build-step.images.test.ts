import * as fs from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CachedDockerBuildStep, CachedDockerImage, CacheRepository, DockerBuilder, DockerContext, ImageRepository, ImageTag, LayerCache } from '../../lib';
import { SynthesizedStep } from '../testhelpers/synthesized-step';
import { HELLO, TempContext } from '../testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const ECR_ACTIONS = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

/** The names of the plans in the command of a build. */
function plansOf({ buildSpec }: SynthesizedStep): string[] {
  const [command, ...others] = buildSpec.phases.build.commands;
  expect(others).toEqual([]);
  return command.split(' ').filter((word: string) => word.startsWith('image-'));
}

describe('a step with several images', () => {
  test('is one project and one action', () => {
    const test = new TestPipeline();
    const { template, action } = test.synthesizeStep({ images: ['Api', 'Report', 'Mail'].map((id) => test.image(id)) });
    template.resourcePropertiesCountIs('AWS::CodeBuild::Project', { Environment: Match.objectLike({ PrivilegedMode: true }) }, 1);
    expect(action).toMatchObject({ Name: 'BuildImage', InputArtifacts: [{ Name: 'Synth_Output' }] });
  });

  test.each([[['Api', 'Report', 'Mail']], [['Mail', 'Report', 'Api']]])('builds them in the order in which they are given: %j', (ids) => {
    const test = new TestPipeline();
    const images = ids.map((id) => test.image(id));
    expect(plansOf(test.synthesizeStep({ images }))).toEqual(images.map((image) => image._planFile));
  });

  test('has a plan for each, with all that differs between them', () => {
    const test = new TestPipeline();
    const images = ['test', 'prod'].map((target) => test.image(target, { target, buildArgs: { TARGET: target } }));
    const plans = plansOf(test.synthesizeStep({ images })).map((name) => JSON.parse(test.read(name)));
    expect(plans.map(({ name, target, buildArgs, tag }) => ({ name, target, buildArgs, tag }))).toEqual([
      { name: 'test', target: 'test', buildArgs: { TARGET: 'test' }, tag: images[0].imageTag },
      { name: 'prod', target: 'prod', buildArgs: { TARGET: 'prod' }, tag: images[1].imageTag },
    ]);
  });

  test('has the same settings as a step with one of them', () => {
    const test = new TestPipeline();
    const { settings, environment } = test.synthesizeStep({ images: ['Api', 'Report'].map((id) => test.image(id)) });
    const one = new TestPipeline().synthesizeStep();
    expect(settings).toEqual(one.settings);
    expect(Object.keys(environment)).toEqual(Object.keys(one.environment));
  });

  test('may have images of two stacks', () => {
    const test = new TestPipeline();
    const api = test.image('Image');
    const report = new CachedDockerImage(new Stack(test.app, 'Reports'), 'Image', { context: new TempContext().context });
    const step = test.synthesizeStep({ images: [api, report] });
    const plans = plansOf(step);
    expect(plans).toEqual([api._planFile, report._planFile]);
    expect(new Set(plans).size).toBe(2);
    expect(plans.map((name) => JSON.parse(test.read(name)).cacheName)).toEqual([
      expect.stringMatching(/^cache-PipelineStack-Image-/), expect.stringMatching(/^cache-Reports-Image-/),
    ]);
    expect(step.statements.filter(({ Action }) => JSON.stringify(Action).includes('ecr:PutImage'))[0].Resource).toHaveLength(2);
  });

  test('may have images of stacks of two accounts, and is warned of the one that the build is not in', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const other = new Stack(test.app, 'Other', { env: OTHER_ENV });
    const image = new CachedDockerImage(other, 'Image', { context: new TempContext().context });
    test.step({ images: [test.image(), image] });
    expect(test.warnings()).not.toContain('cdk-cached-docker-build:repositoryPolicy');
    expect(test.warnings(other)).toContain('cdk-cached-docker-build:repositoryPolicy');
    expect(test.plan(image).repository).toMatch(/^222222222222\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/other-image-/);
  });

  test('may mix images of directories and of the source', () => {
    const test = new TestPipeline();
    const images = [
      test.image('Directory'),
      test.image('Source', { context: DockerContext.pipelineSource(test.source, 'api') }),
      test.image('Other', { context: DockerContext.pipelineSource(test.source, 'report') }),
    ];
    const step = test.synthesizeStep({ images });
    expect(step.action.InputArtifacts).toEqual([{ Name: 'Synth_Output' }, { Name: 'example_app_Source' }]);
    expect(step.buildSpec.phases.install.commands).toEqual([
      expect.stringContaining('ln -s -- "$CODEBUILD_SRC_DIR_example_app_Source" "image-source"'),
      expect.stringMatching(/^command -v node /),
    ]);
    expect(plansOf(step).map((name) => JSON.parse(test.read(name)).context)).toEqual([
      expect.stringMatching(/^asset\.[0-9a-f]{64}$/), 'image-source/api', 'image-source/report',
    ]);
  });

  test('has a machine for their platform', () => {
    const test = new TestPipeline();
    const images = ['Api', 'Report'].map((id) => test.image(id, { platform: Platform.LINUX_ARM64 }));
    expect(test.synthesizeStep({ images }).project.Environment.Type).toBe('ARM_CONTAINER');
  });

  test('keeps the layers of kaniko in one repository, which is that of the first image', () => {
    const test = new TestPipeline();
    const { template, settings } = test.synthesizeStep({ builder: DockerBuilder.kaniko(), images: ['Api', 'Report'].map((id) => test.image(id)) });
    template.resourceCountIs('AWS::ECR::Repository', 3);
    expect(settings.layerCache.repository).toMatch(/\$\{ApiKanikoCache\w+\}$/);
  });

  test('names its images once each in the assembly, and the runner once', () => {
    const test = new TestPipeline({ inStage: true });
    test.synthesizeStep({ images: ['Api', 'Report', 'Mail'].map((id) => test.image(id)) });
    test.app.synth();
    const files = fs.readdirSync(test.app.outdir, { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith('.cjs'))).toEqual(['cached-docker-build.cjs']);
    expect(files.filter((name) => path.basename(name).startsWith('image-'))).toHaveLength(3);
  });

  test('leaves the template of the pipeline as it is, byte for byte, when the source of one of them changes', () => {
    const [before, after] = ['first', 'second'].map((content) => {
      const test = new TestPipeline({ env: PIPELINE_ENV });
      const images = ['Api', 'Report', 'Mail'].map((id) => test.image(id, { context: new TempContext({ ...HELLO, 'app.py': id === 'Report' ? content : '' }).context }));
      test.synthesizeStep({ images, additionalTags: ['latest'] });
      test.app.synth();
      return { template: test.read('PipelineStack.template.json'), plans: images.map(({ _planFile }) => test.read(_planFile)) };
    });
    expect(before.template).toBe(after.template);
    expect(before.plans.map((plan, index) => plan === after.plans[index])).toEqual([true, false, true]);
  });
});

describe('a step fails', () => {
  test('for images of two platforms', () => {
    const test = new TestPipeline();
    const images = [test.image('Api'), test.image('Other'), test.image('Report', { platform: Platform.LINUX_ARM64 })];
    expect(() => test.step({ images })).toThrow(new Error(
      "'BuildImage': the images of a step are built on one machine, got 'PipelineStack/Api' for linux/amd64 and 'PipelineStack/Report' for linux/arm64; give each platform a step of its own"));
  });

  test('for an image that it is given twice', () => {
    const test = new TestPipeline();
    const [api, report] = ['Api', 'Report'].map((id) => test.image(id));
    expect(() => test.step({ images: [api, report, api] })).toThrow(new Error("'BuildImage': images has 'PipelineStack/Api' twice; name each image once"));
  });

  test('for one image among others that is in a stage', () => {
    const test = new TestPipeline();
    test.stage('Prod', undefined, (stack) => {
      const image = new CachedDockerImage(stack, 'Image', { context: new TempContext().context });
      expect(() => test.step({ images: [test.image(), image] })).toThrow("'BuildImage': the image 'PipelineStack/Prod/Service/Image' is not in the stage of the pipeline");
    });
  });

  test('for one image among others whose source is not that of the pipeline', () => {
    const test = new TestPipeline();
    const image = test.image('Other', { context: DockerContext.pipelineSource(TestPipeline.connection('example/other')) });
    expect(() => test.step({ images: [test.image(), image] })).toThrow("'BuildImage': the context of 'PipelineStack/Other' is not the source that the pipeline's synth step starts from");
  });

  test('for one image among others that the builder cannot build, or whose Dockerfile lacks a stage', () => {
    const test = new TestPipeline();
    const image = test.image('Other', { context: new TempContext({ Dockerfile: 'FROM busybox\nRUN --network=none x\n' }).context });
    expect(() => test.step({ images: [test.image('Api'), image], builder: DockerBuilder.kaniko() })).toThrow("cannot do RUN --network in line 2 of the Dockerfile of 'PipelineStack/Other'");
    expect(() => test.step({ images: [test.image('Report'), image], layerCache: LayerCache.inline({ stages: ['deps'] }) })).toThrow('must be a stage of the Dockerfile, got "deps"');
  });

  test('for two images of one repository with LayerCache.inline(), which would move the same tag', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
    const images = ['Api', 'Report'].map((id) => test.image(id, { repository }));
    expect(() => test.step({ images, layerCache: LayerCache.inline() })).toThrow("the tag 'latest' of repository 'images' is used for the image 'PipelineStack/Api' already");
  });

  test('for one image among others in whose repository the cache cannot be written', () => {
    const test = new TestPipeline();
    const repository = new ecr.Repository(test.stack, 'Plain', { repositoryName: 'plain', imageTagMutability: ecr.TagMutability.IMMUTABLE });
    const images = [test.image('Api'), test.image('Report', { repository, tag: ImageTag.contentHash() })];
    expect(() => test.step({ images })).toThrow(/^'BuildImage': the tag 'cache-PipelineStack-Report-\S+' is the same for each build, but immutable in repository 'plain'/);
    expect(() => test.step({ images, layerCache: LayerCache.none() })).not.toThrow();
  });
});

describe('the role of a step with several images', () => {
  const onRepositories = ({ statements }: SynthesizedStep) => statements.filter(({ Action }) => JSON.stringify(Action).includes('ecr:'));

  test('may push to the repository of each, and to no other', () => {
    const test = new TestPipeline();
    new ImageRepository(test.stack, 'Others');
    test.image('Unrelated');
    const images = ['Api', 'Report'].map((id) => test.image(id));
    expect(onRepositories(test.synthesizeStep({ images }))).toEqual([
      { Effect: 'Allow', Action: ECR_ACTIONS, Resource: images.map(({ repository }) => test.stack.resolve(repository.repositoryArn)) },
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    ]);
  });

  test('has a repository once that several share', () => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Shared');
    const images = [test.image('Api', { repository }), test.image('Own'), test.image('Report', { repository })];
    expect(onRepositories(test.synthesizeStep({ images }))[0].Resource).toEqual([
      { 'Fn::GetAtt': [expect.stringMatching(/^Shared/), 'Arn'] }, { 'Fn::GetAtt': [expect.stringMatching(/^OwnRepository/), 'Arn'] },
    ]);
    const alone = new TestPipeline();
    const one = new ImageRepository(alone.stack, 'Shared');
    expect(onRepositories(alone.synthesizeStep({ images: ['Api', 'Report'].map((id) => alone.image(id, { repository: one })) }))[0].Resource)
      .toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Shared/), 'Arn'] });
  });

  test('has the repository of the cache besides', () => {
    const test = new TestPipeline();
    const repository = new CacheRepository(test.stack, 'Layers');
    const statements = onRepositories(test.synthesizeStep({ images: ['Api', 'Report'].map((id) => test.image(id)), layerCache: LayerCache.registry({ repository }) }));
    // The CDK makes one statement of those that differ in their resources only.
    expect(statements.flatMap(({ Resource }) => Resource).map((resource) => JSON.stringify(resource).replace(/[0-9A-F]{8}/, ''))).toEqual([
      ...['ApiRepository', 'ReportRepository', 'Layers'].map((id) => JSON.stringify({ 'Fn::GetAtt': [id, 'Arn'] })), '"*"',
    ]);
  });

  test.each([false, true])('has policies that IAM takes with 100 repositories, minimized by the CDK: %p', (minimized) => {
    const test = new TestPipeline({ env: PIPELINE_ENV, flags: { '@aws-cdk/aws-iam:minimizePolicies': minimized } });
    const { context } = new TempContext();
    const images = Array.from({ length: 100 }, (_, index) => test.image(`Service${index}`, { context }));
    const { template } = test.synthesizeStep({ images });
    const arn = '"arn:aws:ecr:eu-west-1:111111111111:repository/pipelinestack-service100-repository-3a4999ec"';
    const sizes = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].map((type) => Object.values(template.findResources(type))
      .map(({ Properties }) => JSON.stringify(Properties.PolicyDocument)).filter((document) => document.includes('ecr:'))
      .map((document) => document.replace(/\{"Fn::GetAtt":\["Service\w+","Arn"\]\}/g, arn).length));
    const [inline, managed] = sizes;
    expect(inline).toHaveLength(1);
    expect(Math.max(...inline)).toBeLessThan(10_240); // what IAM takes of inline policies
    expect(managed.length).toBeLessThan(10); // as many as a role can have, unless one asks for more
    expect(Math.max(0, ...managed)).toBeLessThan(6_144); // what IAM takes of one
    expect(JSON.stringify(template.toJSON()).match(/"Service\d+Repository\w+","Arn"/g)).toHaveLength(100);
  });

  test('has its permissions in the order of their names', () => {
    const test = new TestPipeline();
    const { statements } = test.synthesizeStep({ images: ['Api', 'Report'].map((id) => test.image(id)), layerCache: LayerCache.registry({ repository: new CacheRepository(test.stack, 'Layers') }) });
    for (const { Action } of statements.filter((statement) => JSON.stringify(statement.Action).includes('ecr:'))) {
      expect([Action].flat()).toEqual([...[Action].flat()].sort());
    }
  });
});

test('two steps may build an image each, and one image together', () => {
  const test = new TestPipeline();
  const [api, shared, report] = ['Api', 'Shared', 'Report'].map((id) => test.image(id));
  const steps = [[api, shared], [shared, report]].map((images, index) => new CachedDockerBuildStep(`Build${index}`, { images, pipeline: test.pipeline }));
  test.pipeline.addWave('Deploy', { pre: steps });
  const { template } = test;
  expect(steps.map((step) => plansOf(new SynthesizedStep(template, test.stack, step)))).toEqual([
    [api._planFile, shared._planFile], [shared._planFile, report._planFile],
  ]);
});
