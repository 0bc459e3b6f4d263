import { describeWithKaniko } from '../../apps/kaniko-app';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { KanikoContainer } from '../../engines/kaniko-container';
import { CodeBuildPlay, playCodeBuild } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => lab.stop());

/** What a build prints whose Node.js calls a registry. */
async function callRegistry(more: Partial<CodeBuildPlay> = {}): Promise<string> {
  const call = 'fetch("https://public.ecr.aws/v2/").then(({ status }) => console.log(process.version, status))';
  const stack = new SynthesizedStack('Stack', {
    Resources: {
      Project: {
        Type: 'AWS::CodeBuild::Project',
        Properties: { Source: { BuildSpec: JSON.stringify({ version: '0.2', phases: { build: { commands: [`node --eval '${call}'`] } } }) } },
        Metadata: { 'aws:cdk:path': 'Stack/Project' },
      },
    },
  }, { account: '111111111111', region: 'eu-west-1' });
  return (await playCodeBuild({ stack, aws: lab.aws, project: 'Project', source: freshDirectory('source'), ...more })).log;
}

test('the Node.js of a build trusts the registries', async () => {
  expect(await callRegistry()).toMatch(/^v18\.20\.8 200$/m);
});

describeWithKaniko('the container for kaniko', () => {
  test.each([
    ['has it too', [], /^v18\.20\.8 200$/m],
    ['lacks it when it is hidden', ['node'], /node: not found/],
  ])('%s', async (_, hidden, expected) => {
    const container = new KanikoContainer(hidden);
    try {
      expect(await callRegistry({ container, environment: KanikoContainer.environment })).toMatch(expected);
    } finally {
      await container.wipe();
    }
  });
});
