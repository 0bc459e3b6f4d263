import * as fs from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerBuildStep, CachedDockerImage, ImageRepository } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const IMAGES = Array.from({ length: 50 }, (_, index) => `Service${index}`);

/** Of a pipeline that deploys 50 functions, each with an image of its own: the template, and the files of the cloud assembly. */
let template: string;
let files: string[];

beforeAll(() => {
  const test = new TestPipeline({ env: PIPELINE_ENV, options: { crossAccountKeys: true } });
  const { context } = new TempContext();
  const images = IMAGES.map((id) => test.image(id, { context }));
  const pre = [new CachedDockerBuildStep('BuildServices', { images, pipeline: test.pipeline, additionalTags: ['latest'] })];
  test.pipeline.addWave('Deploy', { pre }).addStage(test.stage('Prod', undefined, (stack: Stack) => {
    images.forEach((image) => new lambda.DockerImageFunction(stack, image.node.id, { code: image.lambdaCode(stack) }));
  }));
  test.app.synth();
  template = test.read('PipelineStack.template.json');
  files = fs.readdirSync(test.app.outdir, { recursive: true }).map(String);
});

test('a pipeline of 50 images is one template that CloudFormation takes', () => {
  expect(files.filter((name) => /^[^/]*\.template\.json$/.test(name))).toEqual(['PipelineStack.template.json']);
  expect(Object.values(JSON.parse(template).Resources).filter(({ Type }: any) => Type === 'AWS::ECR::Repository')).toHaveLength(50);
  expect(Buffer.byteLength(template)).toBeLessThan(250_000); // the limit of CloudFormation is 1 MB
  expect(Object.keys(JSON.parse(template).Resources).length).toBeLessThanOrEqual(100); // the limit is 500
});

test('all of them are built by one action', () => {
  const [pipeline] = Object.values(Template.fromJSON(JSON.parse(template)).findResources('AWS::CodePipeline::Pipeline'));
  const actions = pipeline.Properties.Stages.flatMap(({ Actions }: any) => Actions.map(({ Name }: any) => Name));
  expect(actions.filter((name: string) => name.startsWith('Build'))).toEqual(['BuildServices']);
});

test('the runner is in the assembly once, and its text is in no template', () => {
  expect(files.filter((name) => path.basename(name) === 'cached-docker-build.cjs')).toEqual(['cached-docker-build.cjs']);
  expect(template).not.toContain('require(');
  expect(files.filter((name) => /^image-.*\.json$/.test(name))).toHaveLength(50);
});

describe('one image more', () => {
  /** How many bytes the template of the pipeline grows by for each image after the first, on average. */
  function growth(define: (test: TestPipeline, ids: string[]) => void, images = 10): number {
    const [one, many] = [1, images].map((count) => {
      const test = new TestPipeline();
      define(test, IMAGES.slice(0, count));
      test.app.synth();
      return Buffer.byteLength(test.read('PipelineStack.template.json'));
    });
    return (many - one) / (images - 1);
  }

  const inOneStep = (test: TestPipeline, images: CachedDockerImage[]) => test.pipeline.addWave('Deploy', { pre: [test.step({ images })] });

  test('adds its name to the template when it shares step and repository', () => {
    expect(growth((test, ids) => {
      const repository = new ImageRepository(test.stack, 'Images');
      inOneStep(test, ids.map((id) => test.image(id, { repository })));
    })).toBeLessThan(100);
  });

  test('adds little more than its repository when it shares the step', () => {
    expect(growth((test, ids) => { inOneStep(test, ids.map((id) => test.image(id))); })).toBeLessThan(2_200);
    expect(growth((test, ids) => { ids.forEach((id) => test.image(id)); })).toBeLessThan(2_200);
  });

  test('adds a project, a role and an action when it has a step of its own', () => {
    expect(growth((test, ids) => {
      const repository = new ImageRepository(test.stack, 'Images');
      const pre = ids.map((id) => new CachedDockerBuildStep(id, { images: [test.image(id, { repository })], pipeline: test.pipeline }));
      test.pipeline.addWave('Deploy', { pre });
    })).toBeLessThan(7_000);
  });
});
