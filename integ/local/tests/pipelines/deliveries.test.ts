import * as fs from 'fs';
import * as path from 'path';
import { ExampleWorkspace } from '../../apps/example-workspace';
import { bootstrap, endpointsOfCli } from '../../aws/bootstrap';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { BuildKit } from '../../engines/build-kit';
import { baseImages } from '../../images/base-images';
import { readReport } from '../../machine/build-report';
import { CodeBuildPlay, CodeBuildResult, expectSuccess, playCodeBuild } from '../../machine/code-build';
import { parts } from '../../parts/parts';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

// The examples of pipelines that are not made with CDK Pipelines: what they synthesize is played, and their scripts and commands are run as they are.

const here = { account: '111111111111', region: 'eu-west-1' };
const show = (line: string) => void (process.env.PLAY_VERBOSE && process.stderr.write(`${line}\n`));

let lab: Lab;
let buildKit: BuildKit;

beforeAll(async () => {
  [lab, buildKit] = [await Lab.start({ ecr: [here] }), await BuildKit.fresh({ isInMemory: true })];
  await (await baseImages.lambdaPython()).publish(lab.registry, 'public.ecr.aws/lambda/python:3.13');
  await bootstrap(lab, here);
}, 600_000);

afterAll(async () => {
  await buildKit.wipe();
  await lab.stop();
});

/** An example, with the packages that the index of this world has, and the repositories of one of its stacks. */
async function prepare(example: string, stack: string) {
  const workspace = new ExampleWorkspace(example);
  workspace.write('api/requirements.txt', 'tiny-steps==1.0.0\n');
  const assembly = await workspace.synthesize();
  const owner = SynthesizedStack.fromAssembly(assembly, here, stack);
  owner.createRepositories(lab.registry);
  return { workspace, assembly, owner };
}

/** The digest of the image that the stack `Service` deploys. */
async function deployedImage(assembly: string): Promise<string> {
  const service = SynthesizedStack.fromAssembly(assembly, here, 'Service');
  const [{ Code: { ImageUri: image } }] = service.ofType('AWS::Lambda::Function').map(id => service.resource(id).properties);
  return (await lab.registry.manifest(image)).digest;
}

/** What CloudFormation has made of the stack `Service`, which is gone again afterwards. */
async function takeDownService(): Promise<string[]> {
  const { StackResources: resources } = await lab.aws.client(here.region, 'cloudformation', 'describe-stack-resources', '--stack-name', 'Service');
  await lab.aws.client(here.region, 'cloudformation', 'delete-stack', '--stack-name', 'Service');
  return resources.map(({ ResourceType }: { ResourceType: string }) => ResourceType);
}

async function play(stack: SynthesizedStack, options: Partial<CodeBuildPlay> & { readonly source: string }): Promise<CodeBuildResult> {
  const environment = { ...buildKit.environment, ...options.environment };
  return expectSuccess(await playCodeBuild({ stack, aws: lab.aws, onLine: show, ...options, environment }));
}

test('the project of a plain pipeline builds from the cloud assembly that another action has made', async () => {
  const { assembly, owner } = await prepare('codepipeline', 'CodePipeline');
  const { log, permissions } = await play(owner, { action: 'BuildImages', source: assembly, fidelity: 'lossy' });
  expect(readReport(log)).toMatchObject({ result: 'built' });
  expect(await deployedImage(assembly)).toMatch(/^sha256:/);
  expect(permissions!.missing).toEqual([]);
}, 300_000);

test('the project with a webhook synthesizes the source, builds and deploys', async () => {
  const { workspace, assembly, owner } = await prepare('codebuild-webhook', 'Delivery');
  const synthesized = freshDirectory('before');
  fs.cpSync(assembly, synthesized, { recursive: true });
  for (const made of ['cdk.out', 'node_modules']) fs.rmSync(path.join(workspace.directory, made), { recursive: true });
  const { log, permissions } = await play(owner, {
    project: 'Delivery/Project', source: workspace.directory, environment: { ...workspace.environment, ...endpointsOfCli(lab.aws) },
  });
  expect(readReport(log)).toMatchObject({ result: 'built' });
  expect(await deployedImage(synthesized)).toMatch(/^sha256:/);
  expect(permissions!.missing).toEqual([]);
  expect(await takeDownService()).toContain('AWS::Lambda::Function');
}, 300_000);

test('a script synthesizes, builds what is missing and deploys, with Node.js, Docker and credentials', async () => {
  const { workspace, assembly } = await prepare('any-program', 'Images');
  const printed = await execute(path.join(workspace.directory, 'deliver.sh'), [], {
    cwd: workspace.directory,
    env: {
      ...lab.aws.environment(here.region),
      ...endpointsOfCli(lab.aws),
      ...buildKit.environment,
      ...workspace.environment,
      PATH: [workspace.environment.PATH, parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
      HOME: freshDirectory('home'),
      NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
    },
    onLine: show,
  });
  expect(readReport(printed)).toMatchObject({ result: 'built' });
  expect(await deployedImage(assembly)).toMatch(/^sha256:/);
  expect(await takeDownService()).toContain('AWS::Lambda::Function');
}, 300_000);
