import { NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage } from '../../lib';
import { TestPipeline, TestStage } from '../testhelpers/test-pipeline';

let setup: TestPipeline;
let image: CachedDockerImage;

beforeEach(() => {
  setup = new TestPipeline();
  image = setup.image();
});

const step = (id = 'BuildImage') => new CachedDockerBuildStep(id, { images: [image], pipeline: setup.pipeline });
const user = (id = 'Prod'): TestStage => setup.functionStage(id, image);
const manual = (id = 'Manual') => new pipelines.ManualApprovalStep(id);
const synthesize = () => setup.app.synth();

const TOO_EARLY = "[PipelineStack/Image] the image is used by 'PipelineStack/Prod/Service', which may be deployed before the step 'BuildImage' has built it;";

describe('an image that no step builds', () => {
  test.each<[string, () => void]>([
    ['in a stage of the pipeline', () => setup.pipeline.addStage(user())],
    ['in a stage of no pipeline', user],
    ['in a stack of the app', () => image.imageUri(new Stack(setup.app, 'Service'))],
    ['in a nested stack', () => image.imageUri(new NestedStack(new Stack(setup.app, 'Service'), 'Nested'))],
  ])('fails the synthesis when it is used %s', (_, use) => {
    use();
    expect(synthesize).toThrow(/\[PipelineStack\/Image\] the image is used by '(PipelineStack\/Prod\/)?Service', but no step builds it, so the deployment would not find it; give it to the images of a CachedDockerBuildStep or a CachedDockerBuildProject, or say with builtElsewhere that something else builds it/);
  });

  test('names all that use it', () => {
    user();
    user('Beta');
    expect(synthesize).toThrow("'PipelineStack/Prod/Service', 'PipelineStack/Beta/Service', but no step");
  });

  test('fails when its step is nowhere in the pipeline', () => {
    step();
    setup.pipeline.addStage(user());
    expect(synthesize).toThrow("but the step 'BuildImage' that builds it is in no wave or stage of the pipeline, so the deployment would not find it; put the step into 'pre' of the wave or stage that deploys the image");
  });

  test('is a warning when nothing uses it', () => {
    expect(setup.warnings()).toEqual(['cdk-cached-docker-build:imageNotBuilt']);
  });
});

describe('a step is early enough', () => {
  test.each<[string, () => void]>([
    ['in pre of the wave', () => setup.pipeline.addWave('Deploy', { pre: [step()] }).addStage(user())],
    ['in pre of the stage', () => setup.pipeline.addStage(user(), { pre: [step()] })],
    ['in an earlier wave', () => {
      setup.pipeline.addWave('Images', { post: [step()] });
      setup.pipeline.addStage(user());
    }],
    ['in post of an earlier stage', () => {
      setup.pipeline.addStage(setup.stage('Beta', undefined, (stack) => new lambda.Function(stack, 'F', { code: lambda.Code.fromInline('x'), handler: 'x', runtime: lambda.Runtime.NODEJS_22_X })), { post: [step()] });
      setup.pipeline.addStage(user());
    }],
    ['before the stack', () => {
      const stage = user();
      setup.pipeline.addStage(stage, { stackSteps: [{ stack: stage.stack, pre: [step()] }] });
    }],
    ['as a dependency of a step in front', () => {
      const approval = manual();
      approval.addStepDependency(step());
      setup.pipeline.addStage(user(), { pre: [approval] });
    }],
    ['twice, of which one is', () => {
      setup.pipeline.addStage(user(), { pre: [step()] });
      setup.pipeline.addWave('Late', { pre: [step('Again')] });
    }],
    ['for a stack that is deployed by hand', () => {
      setup.pipeline.addWave('Images', { pre: [step()] });
      user('Dev');
    }],
  ])('%s', (_, add) => {
    add();
    expect(synthesize).not.toThrow();
  });
});

describe('a step is too late', () => {
  test.each<[string, () => void]>([
    ['in post of the stage', () => setup.pipeline.addStage(user(), { post: [step()] })],
    ['in post of the wave', () => setup.pipeline.addWave('Deploy', { post: [step()] }).addStage(user())],
    ['in a later wave', () => {
      setup.pipeline.addStage(user());
      setup.pipeline.addWave('Late', { pre: [step()] });
    }],
    ['behind the stack', () => {
      const stage = user();
      setup.pipeline.addStage(stage, { stackSteps: [{ stack: stage.stack, post: [step()] }] });
    }],
    ['in pre of another stage of the wave, which may come later', () => {
      const wave = setup.pipeline.addWave('Deploy');
      wave.addStage(setup.functionStage('Beta', image), { pre: [step()] });
      wave.addStage(user());
    }],
  ])('%s', (_, add) => {
    add();
    expect(synthesize).toThrow(TOO_EARLY);
  });

  test('and is told where it has to be', () => {
    setup.pipeline.addWave('Deploy', { post: [step()] }).addStage(user());
    expect(synthesize).toThrow("put the step into 'pre' of the wave 'Deploy', of the stage 'Prod', or of a wave before it");
  });

  test('for the stack of the pipeline, which is there before all steps', () => {
    setup.pipeline.addWave('Images', { pre: [step()] });
    image.imageUri(setup.stack);
    expect(synthesize).toThrow("the image is used by 'PipelineStack', the stack of the pipeline itself, which is deployed before the step 'BuildImage' runs; use it in a stack of a stage that the pipeline deploys");
  });
});

test('a stack waits for the steps of the stacks that it depends on', () => {
  const stage = new (class extends Stage {
    public readonly first = new Stack(this, 'First');
    public readonly second = new Stack(this, 'Second');
  })(setup.stack, 'Prod');
  stage.second.addDependency(stage.first);
  [stage.first, stage.second].forEach((stack) => new lambda.Function(stack, 'F', { code: lambda.Code.fromInline('x'), handler: 'x', runtime: lambda.Runtime.NODEJS_22_X }));
  image.imageUri(stage.second);
  setup.pipeline.addStage(stage, { stackSteps: [{ stack: stage.first, post: [step()] }] });
  expect(synthesize).not.toThrow();
});
