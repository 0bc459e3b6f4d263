import * as fs from 'fs';
import * as path from 'path';
import { ExampleWorkspace } from '../../apps/example-workspace';
import { Laptop } from '../../apps/laptop';
import { addImagePublishingRole, bootstrap, createImageRepository } from '../../aws/bootstrap';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { BuildKit } from '../../engines/build-kit';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess, playCodeBuild } from '../../machine/code-build';
import { answerForEcr } from '../../registry/ecr-api';
import { Registry } from '../../registry/registry';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';
import { Terminal } from '../../world/terminal';

// The example of image assets as it is: its pipeline publishes the image, and somebody works on it with `cdk watch` of the real CLI.

const here = { account: '111111111111', region: 'eu-west-1' };
/** What the CLI does with the user's own credentials when it changes a function without CloudFormation. */
const ownActions = ['cloudformation:*', 'lambda:*', 'logs:*'];

const show = (line: string) => void (process.env.PLAY_VERBOSE && process.stderr.write(`${line}\n`));

let lab: Lab;
let workspace: ExampleWorkspace;
let cacheRepository: string;
let engine: Engine;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here] });
  answerForEcr(lab.aws, lab.registry);
  createImageRepository(lab.registry, here);
  addImagePublishingRole(lab.aws.callers, here);
  await bootstrap(lab, here);
  await (await baseImages.lambdaPython({ dependencies: 1 })).publish(lab.registry, 'public.ecr.aws/lambda/python:3.13');
  engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  workspace = new ExampleWorkspace('image-assets');
  workspace.write('api/requirements.txt', 'big-numbers==1.0.0\n'); // what the pip of this world finds
}, 600_000);

afterAll(async () => {
  await engine.wipe();
  await lab.stop();
});

/** Pushes the workspace, and lets the Assets stage publish the image. */
async function push(): Promise<{ log: string; uploaded: number }> {
  const assembly = await workspace.synthesize();
  const stack = SynthesizedStack.fromAssembly(assembly, here);
  if (!cacheRepository) [cacheRepository] = stack.createRepositories(lab.registry);
  const buildKit = await BuildKit.fresh({ isInMemory: true });
  const before = lab.registry.traffic.snapshot();
  const environment = { ...workspace.environment, ...buildKit.environment };
  const { log } = expectSuccess(await playCodeBuild({ stack, aws: lab.aws, action: stack.actionsOf('Assets')[0], source: assembly, fidelity: 'lossy', environment, onLine: show }));
  await buildKit.wipe();
  return { log, uploaded: lab.registry.traffic.since(before).blobs.up };
}

/** A file of the image that the function was given at last. */
async function deployedFile(file: string): Promise<Buffer> {
  const { Functions: [{ FunctionName: name }] } = await lab.aws.client(here.region, 'lambda', 'list-functions');
  const { Code: { ImageUri } } = await lab.aws.client(here.region, 'lambda', 'get-function', '--function-name', name);
  const image = ImageUri.replace('.localhost/', '.amazonaws.com/'); // the CLI takes the end of all addresses from that of the endpoint
  return imageFile(lab.registry, image, (await lab.registry.manifest(image)).manifest, file);
}

async function until(condition: () => boolean, patience = 60_000): Promise<void> {
  for (const start = Date.now(); !condition(); await new Promise(resolve => setTimeout(resolve, 50))) {
    if (Date.now() - start > patience) throw new Error(`it did not come to ${condition}`);
  }
}

/** Those of the whole world, also in containers. */
function processesCalled(command: string): number[] {
  return fs.readdirSync('/proc').map(Number).filter(pid => {
    try {
      return pid > 1 && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === command;
    } catch {
      return false; // gone meanwhile
    }
  });
}

test('the Assets stage publishes the image, and another source with the layers of the first run', async () => {
  await push();
  workspace.write('api/src/app.py', '# of the pipeline\n');
  const { log, uploaded } = await push();
  expect(log).toMatch(/^copies +linked: 1/m);
  expect(uploaded).toBeLessThan(20_000);
}, 300_000);

test('cdk watch builds each change of the source with the layers that are there, and leaves nothing behind when it is ended in the middle of a build', async () => {
  const laptop = new Laptop(lab, engine, here);
  const cached = await lab.registry.tags(Registry.ecrHost(here), cacheRepository);
  const own = laptop.environment(path.join(workspace.directory, 'cdk.out'), [cacheRepository], ownActions);
  const env = { ...workspace.environment, ...own, PATH: `${workspace.environment.PATH}:${own.PATH}` };

  workspace.write('api/src/app.py', '# deployed\n');
  await execute('npx', ['cdk', 'deploy', 'Dev', '--require-approval', 'never'], { cwd: workspace.directory, env, onLine: show });
  expect((await deployedFile('var/task/app.py')).toString()).toBe('# deployed\n');

  const watch = new Terminal('npx', ['cdk', 'watch', 'Dev'], workspace.directory, env);
  try {
    await watch.until(/Total time/);
    workspace.write('api/src/app.py', '# watched\n');
    const log = await watch.until(/hotswapped!.*Total time/s);
    expect((await deployedFile('var/task/app.py')).toString()).toBe('# watched\n');
    expect(log.match(/CACHED/g)).toHaveLength(2);

    workspace.write('api/Dockerfile', `${fs.readFileSync(path.join(workspace.directory, 'api/Dockerfile'), 'utf8')}RUN sleep 977\n`);
    await watch.until(/RUN sleep 977\n/);
    await until(() => processesCalled('sleep 977').length > 0);
  } finally {
    await watch.interrupt();
  }
  await until(() => watch.processes.length === 0 && processesCalled('sleep 977').length === 0);
  expect(fs.readdirSync(laptop.temporary).filter(name => !name.startsWith('v8-compile-cache'))).toEqual([]); // which is that of ts-node
  expect(await lab.registry.tags(Registry.ecrHost(here), cacheRepository)).toEqual(cached);
}, 300_000);
