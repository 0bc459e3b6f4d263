import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildStep, CachedDockerImage } from '../../lib';
import { SynthesizedStep } from '../testhelpers/synthesized-step';
import { temporaryDirectory } from '../testhelpers/temporary-directory';
import { TestPipeline } from '../testhelpers/test-pipeline';

let pipeline: TestPipeline;
let api: CachedDockerImage;
let report: CachedDockerImage;
let step: CachedDockerBuildStep;

beforeEach(() => {
  pipeline = new TestPipeline();
  [api, report] = ['Api', 'Report'].map((id) => pipeline.image(id));
  step = pipeline.step({ images: [api, report] });
});

/** What the template says of the step and of one behind it that has these variables. */
function synthesize(env: { [name: string]: string }): { readonly built: SynthesizedStep; readonly scan: SynthesizedStep } {
  const scan = new pipelines.CodeBuildStep('Scan', { commands: ['scan "$IMAGE"'], env });
  pipeline.pipeline.addWave('Deploy', { pre: pipelines.Step.sequence([step, scan]) });
  const { template, stack } = pipeline;
  return { built: new SynthesizedStep(template, stack, step), scan: new SynthesizedStep(template, stack, scan) };
}

const command = (variable: string, image: CachedDockerImage, extension: string) => `export ${variable}="$(cat "$CODEBUILD_SRC_DIR/image-outputs/${image._planFile}.${extension}")"`;

test('a later step gets digest and address of each image', () => {
  const env = { A: step.imageDigest(report), B: step.imageUriWithDigest(report), C: step.imageDigest(api) };
  const { built, scan } = synthesize(env);
  expect(built.buildSpec.env).toEqual({ 'exported-variables': ['IMAGE_DIGEST_1', 'IMAGE_URI_1', 'IMAGE_DIGEST_0'] });
  expect(built.buildSpec.phases.build.commands).toEqual([
    expect.stringMatching(/^node /),
    command('IMAGE_DIGEST_1', report, 'digest'),
    command('IMAGE_URI_1', report, 'uri'),
    command('IMAGE_DIGEST_0', api, 'digest'),
  ]);
  const { Namespace } = built.action;
  expect(scan.actionEnvironment).toEqual({ A: `#{${Namespace}.IMAGE_DIGEST_1}`, B: `#{${Namespace}.IMAGE_URI_1}`, C: `#{${Namespace}.IMAGE_DIGEST_0}` });
});

test('nothing is exported that nobody asked for', () => {
  const { built } = synthesize({});
  expect(built.action).not.toHaveProperty('Namespace');
  expect(built.buildSpec).not.toHaveProperty('env');
  expect(built.buildSpec.phases.build.commands).toHaveLength(1);
});

test('who asks twice gets the same, and the build has one command for it', () => {
  expect(step.imageDigest(api)).toBe(step.imageDigest(api));
  expect(step.imageUriWithDigest(api)).toBe(step.imageUriWithDigest(api));
  const { built } = synthesize({ A: step.imageDigest(api), B: step.imageDigest(api) });
  expect(built.buildSpec.phases.build.commands.slice(1)).toEqual([command('IMAGE_DIGEST_0', api, 'digest'), command('IMAGE_URI_0', api, 'uri')]);
});

test('the commands read files of the runner as values, also from a folder with a strange name', () => {
  const { built } = synthesize({ A: step.imageDigest(api), B: step.imageUriWithDigest(report) });
  const input = path.join(temporaryDirectory(), 'a "b" $(id)');
  fs.mkdirSync(path.join(input, 'image-outputs'), { recursive: true });
  fs.writeFileSync(path.join(input, 'image-outputs', `${api._planFile}.digest`), 'sha256:1$(id)\n');
  fs.writeFileSync(path.join(input, 'image-outputs', `${report._planFile}.uri`), 'example.com/a@sha256:2');
  const script = [...built.buildSpec.phases.build.commands.slice(1), 'printf "%s|%s" "$IMAGE_DIGEST_0" "$IMAGE_URI_1"'].join('\n');
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf-8', env: { PATH: process.env.PATH, CODEBUILD_SRC_DIR: input } }))
    .toBe('sha256:1$(id)|example.com/a@sha256:2');
});

test.each(['imageDigest', 'imageUriWithDigest'] as const)('%s fails for an image that the step does not build', (method) => {
  const other = pipeline.image('Other');
  expect(() => step[method](other)).toThrow(new Error("'BuildImage': the step does not build 'PipelineStack/Other'; give it that image, or ask the step that builds it"));
  const images = [api];
  const copied = new CachedDockerBuildStep('Other', { images, pipeline: pipeline.pipeline });
  images.push(other);
  expect(() => copied[method](other)).toThrow("'Other': the step does not build 'PipelineStack/Other'");
});

test('who asks after the pipeline was built gets an error', () => {
  pipeline.pipeline.addWave('Deploy', { pre: [step] });
  pipeline.pipeline.buildPipeline();
  expect(() => step.imageDigest(api)).toThrow('Pipeline has already been produced');
  expect(step.commands).toHaveLength(1);
});
