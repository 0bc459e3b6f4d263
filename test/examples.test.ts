import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { peerDependencies } from '../package.json';

const root = path.join(__dirname, '../examples');
const read = (...names: string[]) => fs.readFileSync(path.join(root, ...names), 'utf-8');
const apps = fs.readdirSync(root).filter((name) => fs.existsSync(path.join(root, name, 'app.ts')));
/** Those of CDK Pipelines on CodePipeline with a build step; other-pipelines.test.ts has the rest. */
const examples = apps.filter((name) => read(name, 'app.ts').includes('new CachedDockerBuildStep('));
const assemblies = fs.mkdtempSync(path.join(os.tmpdir(), 'examples-'));

/** An example as the CDK's CLI gets it: its app is run, once. */
function synthesize(example: string): void {
  process.env[cxapi.OUTDIR_ENV] = path.join(assemblies, example);
  jest.requireActual(path.join(root, example, 'app'));
  delete process.env[cxapi.OUTDIR_ENV];
}

const assembly = (example: string) => new cxapi.CloudAssembly(path.join(assemblies, example));

/** The stack of the pipeline, which is the only one that is in no stage. */
const pipeline = (example: string) => Template.fromJSON(assembly(example).stacks[0].template);

/** The stack of a stage. */
const deployed = (example: string, stage: string) => Template.fromJSON(assembly(example).getNestedAssembly(`assembly-${assembly(example).stacks[0].id}-${stage}`).stacks[0].template);

/** The plans of the images. */
const plans = (example: string) => fs.readdirSync(path.join(assemblies, example)).filter((name) => /^image-.*\.json$/.test(name))
  .map((name) => JSON.parse(fs.readFileSync(path.join(assemblies, example, name), 'utf-8')));

/** The actions of a stage of the pipeline, in the order in which they run. */
function actions(example: string, stage: string): string[] {
  const [{ Properties }] = Object.values(pipeline(example).findResources('AWS::CodePipeline::Pipeline'));
  const found = Properties.Stages.find(({ Name }: { Name: string }) => Name === stage).Actions as { Name: string; RunOrder: number }[];
  return found.sort((one, other) => one.RunOrder - other.RunOrder).map(({ Name }) => Name);
}

beforeAll(() => examples.forEach(synthesize));
afterAll(() => fs.rmSync(assemblies, { recursive: true }));

const inPython = fs.readdirSync(root).filter((name) => fs.existsSync(path.join(root, name, 'app.py')));

/** integ/languages synthesizes it, and integ/local builds its image. */
test('the example in Python is the first success of README.md', () => {
  expect(inPython).toEqual(['lambda-python']);
  const readme = fs.readFileSync(path.join(root, '../README.md'), 'utf-8');
  expect(read('lambda-python', 'app.py')).toBe(/^```python\n([^]*?)^```$/m.exec(readme)![1]);
  expect(JSON.parse(read('lambda-python', 'cdk.json'))).toEqual({ app: 'python3 app.py' });
  const lowest = peerDependencies['aws-cdk-lib'].replace('^', '');
  expect(read('lambda-python', 'requirements.txt')).toBe(`aws-cdk-lib>=${lowest},<3\ncdk-cached-docker-build\n`);
});

describe.each(apps)('the example %s', (example) => {
  test('is a whole app, which takes the versions that the library takes', () => {
    const { dependencies, scripts } = JSON.parse(read(example, 'package.json'));
    expect(dependencies).toMatchObject({ ...peerDependencies, 'cdk-cached-docker-build': 'latest' });
    expect(JSON.parse(read(example, 'tsconfig.json'))).toMatchObject({ compilerOptions: { module: 'commonjs' } }); // without it, ts-node takes no module of TypeScript
    expect(JSON.parse(read(example, 'cdk.json'))).toEqual({
      app: 'npx ts-node app.ts',
      ...scripts?.watch && { watch: { include: '**' } }, // without it, `cdk watch` does not start
    });
  });
});

test.each([...apps, ...inPython])('the example %s is told of in a few lines', (example) => {
  const lines = read(example, 'README.md').trimEnd().split('\n').length;
  expect(lines).toBeGreaterThanOrEqual(5);
  expect(lines).toBeLessThanOrEqual(15);
  expect(read('README.md')).toContain(`](${example}/README.md)`);
});

describe.each(examples)('the app of the example %s', (example) => {
  test('plans its images, with all files that they are built from', () => {
    const assets = path.join(assemblies, example, 'docker-assets.json'); // image assets have no plans
    expect(plans(example).length > 0 || fs.existsSync(assets)).toBe(true);
    for (const { context, contextFiles } of plans(example)) {
      expect(Object.keys(contextFiles.files)).not.toEqual([]);
      for (const file of Object.keys(contextFiles.files)) expect(fs.existsSync(path.join(assemblies, example, context, file))).toBe(true);
    }
  });

  test('gives no reason for advice', () => {
    expect(assembly(example).stacks.flatMap(({ messages }) => messages.filter(({ entry }) => String(entry.data).includes('cdk-cached-docker-build')))).toEqual([]);
  });

  test('deploys the tags of its images, of which the pipeline itself knows nothing', () => {
    const template = JSON.stringify(pipeline(example).toJSON());
    const stages = fs.readdirSync(path.join(assemblies, example)).filter((name) => name.startsWith('assembly-'));
    for (const { tag } of plans(example)) {
      expect(template).not.toContain(tag);
      for (const stage of stages) {
        const templates = fs.readdirSync(path.join(assemblies, example, stage)).filter((name) => name.endsWith('.template.json'));
        expect(templates.map((name) => fs.readFileSync(path.join(assemblies, example, stage, name), 'utf-8')).join()).toContain(tag);
      }
    }
  });
});

test('the function in Node.js is compiled in a stage that is not deployed', () => {
  expect(actions('lambda-node', 'Prod')).toEqual(['BuildImage', 'Api.Prepare', 'Api.Deploy']);
  const [{ dockerfileContent }] = plans('lambda-node');
  expect(dockerfileContent).toMatch(/RUN npx tsc[^]*\nFROM [^]*\nCOPY --from=build/);
});

test('the service on Fargate runs the image that was built', () => {
  expect(actions('ecs-fargate', 'Prod')).toEqual(['BuildImage', 'Web.Prepare', 'Web.Deploy']);
  const [task] = Object.values(deployed('ecs-fargate', 'Prod').findResources('AWS::ECS::TaskDefinition'));
  expect(JSON.stringify(task.Properties.ContainerDefinitions[0].Image)).toContain(plans('ecs-fargate')[0].tag);
});

test('the images of the monorepo have their own service and what is shared, and one step', () => {
  expect(actions('monorepo', 'Prod')).toEqual(['BuildImages', 'Services.Prepare', 'Services.Deploy']);
  const services = plans('monorepo').map(({ contextFiles }) => Object.keys(contextFiles.files).filter((file) => file.endsWith('.py')));
  expect(services).toEqual(['api', 'worker'].map((service) => [`services/${service}/src/app.py`, 'shared/orders.py']));
});

test('the image for ARM is built on an ARM machine, and the function is one', () => {
  expect(plans('arm')).toMatchObject([{ platform: 'linux/arm64' }]);
  deployed('arm', 'Prod').hasResourceProperties('AWS::Lambda::Function', { Architectures: ['arm64'] });
  pipeline('arm').hasResourceProperties('AWS::CodeBuild::Project', { Environment: { Type: 'ARM_CONTAINER', PrivilegedMode: true } });
});

test('staging and production have the same image, which is built once, and may pull it', () => {
  expect(actions('two-accounts', 'Staging')).toEqual(['BuildImage', 'Api.Prepare', 'Api.Deploy']);
  expect(actions('two-accounts', 'Production')).toEqual(['Release', 'Api.Prepare', 'Api.Deploy']);
  const [[staging], [production]] = ['Staging', 'Production'].map((stage) => Object.values(deployed('two-accounts', stage).findResources('AWS::Lambda::Function')));
  expect(staging.Properties.Code).toEqual(production.Properties.Code);
  const repositories = JSON.stringify(pipeline('two-accounts').findResources('AWS::ECR::Repository'));
  for (const account of ['222222222222', '333333333333']) expect(repositories).toContain(account);
});

test('the secrets of the private registries are read by the build, and by nothing else', () => {
  expect(plans('private-packages').map(({ secretIds }) => secretIds)).toEqual([['pip_conf'], ['npm_token']]);
  const template = pipeline('private-packages').toJSON();
  const readers = Object.values<any>(template.Resources).filter((resource) => JSON.stringify(resource).includes('secretsmanager:GetSecretValue'));
  expect(readers).toHaveLength(1);
});
