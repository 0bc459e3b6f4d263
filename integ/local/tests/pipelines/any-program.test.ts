import * as path from 'path';
import { ExampleWorkspace } from '../../apps/example-workspace';
import { bootstrap, endpointsOfCli } from '../../aws/bootstrap';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { BuildKit } from '../../engines/build-kit';
import { baseImages } from '../../images/base-images';
import { parts } from '../../parts/parts';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

// The script of the example, as it is.

const here = { account: '111111111111', region: 'eu-west-1' };

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

test('a script synthesizes, builds what is missing and deploys, with Node.js, Docker and credentials', async () => {
  const workspace = new ExampleWorkspace('any-program');
  workspace.write('api/requirements.txt', 'tiny-steps==1.0.0\n');
  const env = {
    ...lab.aws.environment(here.region),
    ...endpointsOfCli(lab.aws),
    ...buildKit.environment,
    ...workspace.environment,
    PATH: [workspace.environment.PATH, parts.bin, parts.python, '/usr/sbin:/usr/bin:/sbin:/bin'].join(':'),
    HOME: freshDirectory('home'),
    NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt',
  };
  await execute('npm', ['install'], { cwd: workspace.directory, env });
  const run = async () => execute(path.join(workspace.directory, 'deliver.sh'), [], { cwd: workspace.directory, env, onLine: line => void (process.env.PLAY_VERBOSE && process.stderr.write(`${line}\n`)) });
  await execute('npx', ['cdk', 'synth', '--quiet'], { cwd: workspace.directory, env });
  const assembly = path.join(workspace.directory, 'cdk.out');
  SynthesizedStack.fromAssembly(assembly, here, 'Images').createRepositories(lab.registry);

  expect(await run()).toMatch(/^result {8}built$/m);
  const service = SynthesizedStack.fromAssembly(assembly, here, 'Service');
  const [{ Code: { ImageUri: image } }] = service.ofType('AWS::Lambda::Function').map(id => service.resource(id).properties);
  expect((await lab.registry.manifest(image)).digest).toMatch(/^sha256:/);
  const { StackResources: resources } = await lab.aws.client(here.region, 'cloudformation', 'describe-stack-resources', '--stack-name', 'Service');
  expect(resources.map(({ ResourceType }: any) => ResourceType)).toContain('AWS::Lambda::Function');
}, 300_000);
