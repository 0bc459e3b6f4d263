import * as fs from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerBuildStep, ImageRepository } from '../../lib';
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
  const pre = images.map((image) => new CachedDockerBuildStep(`Build${image.node.id}`, { image, pipeline: test.pipeline, additionalTags: ['latest'] }));
  test.pipeline.addWave('Deploy', { pre }).addStage(test.stage('Prod', undefined, (stack: Stack) => {
    images.forEach((image) => new lambda.DockerImageFunction(stack, image.node.id, { code: image.lambdaCode(stack) }));
  }));
  test.app.synth();
  template = test.read('PipelineStack.template.json');
  files = fs.readdirSync(test.app.outdir, { recursive: true }).map(String);
});

/** The actions that build an image, with the name of their stage. */
function builds(): any[] {
  const [pipeline] = Object.values(Template.fromJSON(JSON.parse(template)).findResources('AWS::CodePipeline::Pipeline'));
  return pipeline.Properties.Stages
    .flatMap(({ Name, Actions }: any) => Actions.map((action: any) => ({ ...action, stage: Name })))
    .filter(({ Name }: any) => Name.startsWith('BuildService'));
}

test('a pipeline of 50 images is one template that CloudFormation takes', () => {
  expect(files.filter((name) => /^[^/]*\.template\.json$/.test(name))).toEqual(['PipelineStack.template.json']);
  expect(Object.values(JSON.parse(template).Resources).filter(({ Type }: any) => Type === 'AWS::ECR::Repository')).toHaveLength(50);
  expect(Buffer.byteLength(template)).toBeLessThan(1_000_000); // the limit of CloudFormation is 1 MB
  expect(Object.keys(JSON.parse(template).Resources).length).toBeLessThanOrEqual(500); // and this is another one
});

test('all of them are built at the same time', () => {
  expect(builds().map(({ Name }) => Name).sort()).toEqual(IMAGES.map((id) => `Build${id}`).sort());
  expect(new Set(builds().map(({ stage, RunOrder }) => `${stage} ${RunOrder}`)).size).toBe(1);
});

test('the scripts are in the assembly once, and their text is in no template', () => {
  expect(files.filter((name) => path.basename(name) === 'build.sh')).toEqual([path.join('cached-docker-build', 'build.sh')]);
  expect(template).not.toContain('set -euo pipefail');
  expect(files.filter((name) => /^image-.*\.json$/.test(name))).toHaveLength(50);
});

test('one image more adds little to the template', () => {
  const [one, two] = [1, 2].map((count) => {
    const test = new TestPipeline();
    const repository = new ImageRepository(test.stack, 'Images');
    const pre = IMAGES.slice(0, count).map((id) => new CachedDockerBuildStep(id, { image: test.image(id, { repository }), pipeline: test.pipeline }));
    test.pipeline.addWave('Deploy', { pre });
    test.app.synth();
    return Buffer.byteLength(test.read('PipelineStack.template.json'));
  });
  expect(two - one).toBeLessThan(15_000);
});
