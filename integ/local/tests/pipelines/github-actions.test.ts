import * as fs from 'fs';
import * as path from 'path';
import { ExampleWorkspace } from '../../apps/example-workspace';
import { addImagePublishingRole, assetBucket, bootstrap, createImageRepository } from '../../aws/bootstrap';
import { BuildPermissions } from '../../aws/build-permissions';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { BuildKit } from '../../engines/build-kit';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { playWorkflow, WorkflowResult } from '../../machine/github-workflow';
import { answerForEcr } from '../../registry/ecr-api';
import { TrafficTotals } from '../../registry/traffic';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

// The workflow that the example generates, its commands run as they are.

const here = { account: '111111111111', region: 'eu-west-1' };

let lab: Lab;
let workspace: ExampleWorkspace;
let permissions: BuildPermissions;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here] });
  answerForEcr(lab.aws, lab.registry);
  await (await baseImages.lambdaPython()).publish(lab.registry, 'public.ecr.aws/lambda/python:3.13');
  workspace = new ExampleWorkspace('github-actions');
  for (const image of ['api', 'report']) workspace.write(`${image}/requirements.txt`, 'tiny-steps==1.0.0\n'); // what the index of this world has

  const setup = SynthesizedStack.fromAssembly(await workspace.synthesize(), here, 'Setup');
  setup.createRepositories(lab.registry);
  createImageRepository(lab.registry, here);
  permissions = new BuildPermissions(setup.ofType('AWS::IAM::Policy').map(id => setup.resource(id).properties)
    .filter(({ Roles }) => Roles.includes('github-workflow')).flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .concat([{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${here.account}:role/cdk-*` }]));
  await bootstrap(lab, here);
  addImagePublishingRole(lab.aws.callers, here);
}, 600_000);

afterAll(async () => lab.stop());

interface WorkflowRun {
  readonly logs: WorkflowResult;
  readonly traffic: TrafficTotals;
  /** The images of the functions that were deployed. */
  readonly images: readonly string[];
}

/** Pushes the workspace, and lets the workflow run. */
async function push(): Promise<WorkflowRun> {
  const before = lab.registry.traffic.snapshot();
  const buildKit = await BuildKit.fresh({ isInMemory: true });
  const images: string[] = [];
  try {
    const logs = await playWorkflow({
      file: '.github/workflows/deploy.yml',
      repository: workspace.directory,
      environment: { ...workspace.environment, ...buildKit.environment },
      assumeRole: (arn, region) => lab.aws.environment(region, lab.aws.callers.add({
        account: here.account, permissions: arn.endsWith('/github-workflow') ? permissions : new BuildPermissions([]),
      })),
      deploy: async ({ template }) => {
        const stack = new SynthesizedStack('Service', await published(path.basename(`${template}`)), here);
        images.push(...stack.ofType('AWS::Lambda::Function').map(id => stack.resource(id).properties.Code.ImageUri));
      },
    });
    return { logs, traffic: lab.registry.traffic.since(before), images };
  } finally {
    await buildKit.wipe();
  }
}

/** The template that was published under a key. */
async function published(key: string): Promise<{ readonly Resources: Record<string, any> }> {
  const file = path.join(freshDirectory('template'), key);
  await lab.aws.client(here.region, 's3api', 'get-object', '--bucket', assetBucket(here), '--key', key, file);
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

async function sources({ images }: WorkflowRun): Promise<string[]> {
  return Promise.all(images.map(async image => (await imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, 'var/task/app.py')).toString()));
}

test('the workflow builds the image and the image asset before it deploys them, and a new source with the layers of the last run', async () => {
  const first = await push();
  expect(first.images).toHaveLength(2);
  expect(await sources(first)).toEqual([expect.stringContaining("'api'"), expect.stringContaining("'report'")]);

  for (const image of ['api', 'report']) workspace.write(`${image}/src/app.py`, `# second ${image}\n`);
  const second = await push();
  expect(await sources(second)).toEqual(['# second api\n', '# second report\n']);
  for (const job of ['Prod-BuildImages', 'Assets-DockerAsset1']) {
    expect(second.logs[job]).toMatch(/\| copies {8}linked: 1/);
    expect(second.logs[job]).not.toContain('WARNING');
  }
  expect(second.traffic.blobs.down + second.traffic.blobs.up).toBeLessThan(200_000);
  expect(permissions.missing).toEqual([]);
  expect(permissions.unused()).toEqual([]);
}, 300_000);
