import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as fc from 'fast-check';
import { BuildSecret, DockerContext } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

// The maps of Java and Go have no order, so that an app may give them in another one each time.

const NAMES = ['a', 'b10', 'b9', 'c'];
const DOCKERFILE = 'FROM scratch\nRUN --mount=type=secret,id=a --mount=type=secret,id=b9 --mount=type=secret,id=b10 --mount=type=secret,id=c true\nCOPY --from=a x /\n';

const context = new TempContext({ Dockerfile: DOCKERFILE }).context;
const shared = new TempContext({ x: '' }).context;

/** The template and the plan, as the assembly has them, with each map of an image and its step in the given order. */
function synthesize(names: readonly string[]): string {
  const test = new TestPipeline();
  const map = <T>(value: (name: string) => T): { [name: string]: T } => Object.fromEntries(names.map((name) => [name, value(name)]));
  const image = test.image('Image', {
    context,
    buildArgs: map((name) => `value of ${name}`),
    buildContexts: map((name) => name === 'a' ? shared : DockerContext.image(`example.com/${name}`)),
    buildSecrets: map((name) => BuildSecret.secretsManager(secretsmanager.Secret.fromSecretNameV2(test.stack, name, name))),
  });
  test.pipeline.addWave('Deploy', { pre: [test.step({ images: [image], env: map((name) => `value of ${name}`) })] });
  test.app.synth();
  return test.read('PipelineStack.template.json') + test.read(image._planFile);
}

test('an assembly is the same in whatever order its maps are given', () => {
  const usual = synthesize(NAMES);
  expect(usual).toContain('value of b10');
  fc.assert(fc.property(fc.shuffledSubarray(NAMES, { minLength: NAMES.length }), (names) => {
    expect(synthesize(names)).toEqual(usual);
  }), { numRuns: 8, examples: [[[...NAMES].reverse()]] });
});
