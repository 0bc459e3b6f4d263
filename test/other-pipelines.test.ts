import * as fs from 'fs';
import * as path from 'path';
import { Template } from 'aws-cdk-lib/assertions';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { parse } from 'yaml';
import { temporaryDirectory } from './testhelpers/temporary-directory';

// The examples that deploy without a step of CDK Pipelines on CodePipeline. They are run as the CDK's CLI runs them; integ/local/tests/pipelines plays them.

const root = path.join(__dirname, '../examples');
const workflow = path.join(root, 'github-actions/.github/workflows/deploy.yml');

function synthesize(example: string): cxapi.CloudAssembly {
  const outdir = temporaryDirectory();
  process.env[cxapi.OUTDIR_ENV] = outdir;
  jest.requireActual(path.join(root, example, 'app'));
  delete process.env[cxapi.OUTDIR_ENV];
  return new cxapi.CloudAssembly(outdir);
}

const template = ({ stacks }: cxapi.CloudAssembly, name: string) => Template.fromJSON(stacks.find(({ stackName }) => stackName === name)!.template);

/** The plans of the images. */
const plans = ({ directory }: cxapi.CloudAssembly) => fs.readdirSync(directory).filter((name) => /^image-.*\.json$/.test(name))
  .map((name) => JSON.parse(fs.readFileSync(path.join(directory, name), 'utf-8')));

/** The commands of the project that builds images. */
function commands(stack: Template): string[] {
  const specs = Object.values(stack.findResources('AWS::CodeBuild::Project')).map(({ Properties }) => JSON.parse(Properties.Source.BuildSpec).phases.build.commands as string[]);
  return specs.find((lines) => lines.some((line) => line.includes('cached-docker-build.cjs')))!;
}

test('the plain pipeline builds the image in a stage before the one that deploys it', () => {
  const assembly = synthesize('codepipeline');
  const [{ Properties: { Stages: stages } }] = Object.values(template(assembly, 'CodePipeline').findResources('AWS::CodePipeline::Pipeline'));
  expect(stages.map(({ Name }: { Name: string }) => Name)).toEqual(['Source', 'Synth', 'Images', 'Deploy']);
  expect(commands(template(assembly, 'CodePipeline'))).toEqual([expect.stringMatching(/^node "\$CODEBUILD_SRC_DIR\/cached-docker-build\.cjs" build image-\w+\.json$/)]);
  expect(JSON.stringify(template(assembly, 'Service').toJSON())).toContain(plans(assembly)[0].tag);
  expect(JSON.stringify(template(assembly, 'CodePipeline').toJSON())).not.toContain(plans(assembly)[0].tag);
});

test('the project with a webhook synthesizes, builds and deploys', () => {
  const assembly = synthesize('codebuild-webhook');
  expect(commands(template(assembly, 'Delivery'))).toEqual([
    'npm ci', 'npx cdk synth', expect.stringContaining('/cdk.out/cached-docker-build.cjs" build image-'), 'npx cdk deploy --app cdk.out --require-approval never Service',
  ]);
  template(assembly, 'Delivery').hasResourceProperties('AWS::CodeBuild::Project', { Triggers: { Webhook: true } });
});

test('the app for any program says that its image is built elsewhere, and has no project', () => {
  const assembly = synthesize('any-program');
  template(assembly, 'Images').resourceCountIs('AWS::CodeBuild::Project', 0);
  expect(plans(assembly)).toHaveLength(1);
  expect(assembly.stacks.flatMap(({ messages }) => messages.filter(({ entry }) => String(entry.data).includes('cdk-cached-docker-build')))).toEqual([]);
});

test('the app with image assets has the cache in the pipeline, and a program for laptops', () => {
  const { directory } = synthesize('image-assets');
  const { assets } = JSON.parse(fs.readFileSync(path.join(directory, 'docker-assets.json'), 'utf-8'));
  expect(Object.values(assets)).toEqual([expect.objectContaining({ name: 'ImageAssets/Prod/Service/Api/AssetImage' })]); // the stack that is deployed by hand has the same one
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'image-assets/package.json'), 'utf-8'));
  for (const script of Object.values<string>(scripts)) expect(fs.existsSync(path.join(directory, /cdk\.out\/([\w.-]+)/.exec(script)![1]))).toBe(true);
});

describe('the workflow of GitHub Actions', () => {
  let assembly: cxapi.CloudAssembly;
  let text: string;

  beforeAll(() => {
    assembly = synthesize('github-actions');
    text = fs.readFileSync(workflow, 'utf-8');
  });
  afterAll(() => fs.rmSync(path.join(root, 'github-actions/.github'), { recursive: true }));

  test('has the role for the image and for the assets, which may use their repositories and no others', () => {
    const setup = template(assembly, 'Setup');
    const resources = Object.values(setup.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => JSON.stringify(Action).includes('ecr:PutImage')).map(({ Resource }) => Resource['Fn::GetAtt'][0]);
    expect(resources.sort()).toEqual(Object.keys(setup.findResources('AWS::ECR::Repository')).sort());
  });

  test('deploys after the image is built and the assets are published', () => {
    const { jobs } = parse(text);
    expect(Object.keys(jobs)).toEqual(['Build-Synth', 'Assets-DockerAsset1', 'Assets-FileAsset1', 'Prod-BuildImages', 'Prod-Service-Deploy']);
    expect(jobs['Prod-Service-Deploy'].needs).toEqual(expect.arrayContaining(['Assets-DockerAsset1', 'Prod-BuildImages']));
    expect(jobs['Prod-BuildImages'].permissions['id-token']).toBe('write');
  });

  test('says nothing that changes with an image', () => {
    expect(text).not.toMatch(/[0-9a-f]{64}/);
  });
});
