import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerBuildProject, CachedDockerBuildStep, CachedDockerImage, CacheRepository, DockerContext, LayerCache } from '../../../lib';
import { DeclaredSettings } from '../../../runner/input/declared-settings';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { BuildMachine } from '../testhelpers/build-machine';

const HERE = { account: '111111111111', region: 'eu-west-1' };
const SOURCE = { connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/0' };

let machine: BuildMachine;

beforeEach(() => { machine = new BuildMachine('aws'); });

type Declare = (stack: Stack, source: pipelines.CodePipelineSource) => LayerCache | undefined;

interface Declared {
  readonly assembly: string;
  /** What is found of the cache. */
  readonly found: () => Promise<unknown>;
}

/** An app with an image that a step builds with a cache. */
function declared(cache: Declare, env?: { readonly account: string; readonly region: string }): Declared {
  const assembly = temporaryDirectory();
  const context = temporaryDirectory();
  fs.writeFileSync(path.join(context, 'Dockerfile'), 'FROM scratch\n');
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'Pipelines', { env });
  const input = pipelines.CodePipelineSource.connection('example/app', 'main', SOURCE);
  const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
  const [image, other] = ['Image', 'Other'].map((id) => new CachedDockerImage(stack, id, { context: DockerContext.directory(context) }));
  const layerCache = cache(stack, input);
  pipeline.addWave('Wave', {
    pre: [
      new CachedDockerBuildStep('Build', { images: [image], pipeline, layerCache }),
      new CachedDockerBuildStep('BuildOther', { images: [other], pipeline, layerCache: LayerCache.inline() }),
    ],
  });
  app.synth();
  const file = fs.readdirSync(assembly).find((name) => /^image-.*Image.*\.json$/.test(name))!;
  return { assembly, found: async () => (await new DeclaredSettings(assembly, machine.env).of(file))?.layerCache };
}

test.each([
  ['the default', () => undefined, { kind: 'registry', mode: 'max', compression: 'zstd' }],
  ['none', () => LayerCache.none(), { kind: 'none' }],
  ['that of the image', () => LayerCache.inline(), { kind: 'inline', tags: ['latest'], stages: [] }],
  ['a scope', () => LayerCache.registry({ scope: 'main' }), { kind: 'registry', scope: 'main' }],
  ['a scope that the pipeline says', (_, source) => LayerCache.registry({ scope: source.sourceAttribute('BranchName') }), { scope: { variable: 'CACHED_DOCKER_BUILD_CACHE_SCOPE' } }],
] as [string, Declare, object][])('a step with %s is found by the plan that it builds', async (_, cache, expected) => {
  expect(await declared(cache).found()).toMatchObject(expected);
  expect(machine.calls('aws')).toEqual([]);
});

test('a repository with a name is told with its address, and with placeholders for an account that nobody knows', async () => {
  const named: Declare = (stack) => LayerCache.registry({ repository: ecr.Repository.fromRepositoryName(stack, 'Layers', 'team/layers') });
  expect(await declared(named, HERE).found()).toMatchObject({ repository: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/layers' });
  expect(await declared(named).found()).toMatchObject({ repository: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/team/layers' });
  const own: Declare = (stack) => LayerCache.registry({ repository: new CacheRepository(stack, 'Layers', { repositoryName: 'own' }) });
  expect(await declared(own, HERE).found()).toMatchObject({ repository: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/own' });
  expect(await declared(own, { ...HERE, region: 'cn-north-1' }).found()).toMatchObject({ repository: '111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/own' });
  expect(machine.calls('aws')).toEqual([]);
});

test('of a repository and a bucket without one, CloudFormation tells the name, once', async () => {
  machine.tell('aws', { 'cloudformation describe-stack-resource *': { stdout: 'made-by-cloudformation\n' } });
  const own: Declare = (stack) => LayerCache.registry({ repository: new CacheRepository(stack, 'Layers') });
  expect(await declared(own, HERE).found()).toMatchObject({ repository: '111111111111.dkr.ecr.eu-west-1.amazonaws.com/made-by-cloudformation' });
  expect(machine.argumentsOf('aws')).toEqual([[
    'cloudformation', 'describe-stack-resource', '--stack-name', 'Pipelines', '--logical-resource-id', expect.stringMatching(/^Layers/), '--region', 'eu-west-1',
    '--query', 'StackResourceDetail.PhysicalResourceId', '--output', 'text',
  ]]);
  expect(await declared((stack) => LayerCache.s3(new s3.Bucket(stack, 'Bucket')), HERE).found()).toMatchObject({ kind: 's3', region: 'eu-west-1', bucket: 'made-by-cloudformation' });
});

test.each([[{ code: 255, stderr: 'Stack with id Pipelines does not exist\n' }, 'Stack with id Pipelines does not exist'], [{ stdout: '"; x\n' }, 'it has none']])(
  'where CloudFormation does not tell it, that is said', async (answer, reason) => {
    machine.tell('aws', { 'cloudformation *': answer });
    const { found } = declared((stack) => LayerCache.registry({ repository: new CacheRepository(stack, 'Layers') }), HERE);
    await expect(found()).rejects.toThrow(new RegExp(`^what builds it in the stack Pipelines cannot be told: CloudFormation does not say the name of Layers\\w+ \\(${reason}\\)$`));
  });

test('a project is found as a step is', async () => {
  const assembly = temporaryDirectory();
  const context = temporaryDirectory();
  fs.writeFileSync(path.join(context, 'Dockerfile'), 'FROM scratch\n');
  const app = new App({ outdir: assembly });
  const stack = new Stack(app, 'Images');
  const image = new CachedDockerImage(stack, 'Image', { context: DockerContext.directory(context) });
  new CachedDockerBuildProject(stack, 'Project', { images: [image], layerCache: LayerCache.none() });
  app.synth();
  const file = fs.readdirSync(assembly).find((name) => name.startsWith('image-'))!;
  expect((await new DeclaredSettings(assembly, machine.env).of(file))?.layerCache).toEqual({ kind: 'none' });
});

test('an image that nothing in the app builds has none', async () => {
  const { assembly } = declared(() => undefined);
  expect(await new DeclaredSettings(assembly, machine.env).of('image-Gone.json')).toBeUndefined();
  expect(await new DeclaredSettings(temporaryDirectory(), machine.env).of('image-Gone.json')).toBeUndefined();
});

/** An assembly that is written by hand, with these settings in its template. */
function written(value: unknown, manifest: object | string = { artifacts: { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 's.json' } } } }): DeclaredSettings {
  const assembly = temporaryDirectory();
  const project = {
    Type: 'AWS::CodeBuild::Project',
    Properties: { Environment: { EnvironmentVariables: [{ Name: 'CACHED_DOCKER_BUILD_SETTINGS', Value: value }] }, Source: { BuildSpec: 'build image-A.json' } },
  };
  fs.writeFileSync(path.join(assembly, 's.json'), JSON.stringify({ Resources: { P: project, Q: { Type: 'AWS::CodeBuild::Project' } } }));
  fs.writeFileSync(path.join(assembly, 'manifest.json'), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return new DeclaredSettings(assembly, machine.env);
}

test.each([
  ['no JSON', '{'], ['of another version', '{"version":1,"layerCache":{"kind":"none"}}'], ['without a cache', '{"version":3}'], ['null', 'null'],
  ['what this program does not know', { 'Fn::ImportValue': 'x' }], ['a list', { 'Fn::Split': [':', 'a:b'] }], ['a number', 3], ['nothing', undefined],
])('settings that are %s are said to be unknown', async (_, value) => {
  await expect(written(value).of('image-A.json')).rejects.toThrow(/^what builds it in the stack S cannot be told: /);
});

test.each([['{'], ['null'], ['{"artifacts":{"A":{"type":"x"}}}'], [{ artifacts: { S: { type: 'aws:cloudformation:stack', properties: { templateFile: 'gone.json' } } } }]])(
  'an assembly that says %j declares nothing', async (manifest) => {
    expect(await written('{}', manifest).of('image-A.json')).toBeUndefined();
  });
