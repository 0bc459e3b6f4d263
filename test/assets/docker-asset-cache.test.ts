import * as fs from 'fs';
import * as path from 'path';
import { App, AssetStaging, Environment, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CacheRepository, DockerAssetCache } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { temporaryDirectory } from '../testhelpers/temporary-directory';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const PREPARE = 'CDK_DOCKER="$(node "$CODEBUILD_SRC_DIR/cached-docker-build.cjs" prepare-assets)" && export CDK_DOCKER';

let images: TempContext;

beforeEach(() => { images = new TempContext(); });

/** Another file of the image. The CDK has to look for it again. */
function change(): void {
  images.write({ 'added.py': 'x = 1' });
  AssetStaging.clearAssetHashCache();
}

/** A pipeline whose Assets stage has the cache, and a stage with an image asset. */
function assetPipeline(options: Partial<pipelines.CodePipelineProps> = {}, own?: pipelines.CodeBuildOptions) {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const cache = new DockerAssetCache(test.stack, 'AssetCache');
  const pipeline = new pipelines.CodePipeline(test.stack, 'WithCache', {
    synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['npx cdk synth'] }),
    assetPublishingCodeBuildDefaults: cache.codeBuildOptions(own),
    ...options,
  });
  pipeline.addStage(test.stage('Prod', PIPELINE_ENV, (stack) => { new DockerImageAsset(stack, 'Image', { directory: images.directory }); }));
  return { test, cache };
}

/** The project that publishes the image. */
function project(template: Template): any {
  const [found] = Object.values(template.findResources('AWS::CodeBuild::Project', { Properties: { Environment: { PrivilegedMode: true } } }));
  return found.Properties;
}

describe('the project that publishes an image', () => {
  test('has the command before those of the CDK, and no variable', () => {
    const { test } = assetPipeline();
    const { Source, Environment: environment } = project(test.template);
    const { phases } = JSON.parse(Source.BuildSpec);
    expect(phases.install.commands).toEqual([PREPARE, 'npm install -g cdk-assets@latest']);
    expect(phases.build.commands).toEqual([expect.stringMatching(/^cdk-assets .* publish /)]);
    expect(environment.EnvironmentVariables).toBeUndefined();
  });

  test('may use the repository of the cache, and no other', () => {
    const { test, cache } = assetPipeline();
    const statements = Object.values(test.template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('DockerRole'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const ofEcr = statements.filter(({ Action }) => [Action].flat().some((action: string) => action.startsWith('ecr:')));
    expect(ofEcr).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetDownloadUrlForLayer', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'],
        Resource: test.stack.resolve(cache.repository.repositoryArn),
      },
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    ]);
  });

  test('has what the pipeline gives it as well', () => {
    const { test } = assetPipeline({}, {
      buildEnvironment: { computeType: codebuild.ComputeType.LARGE, environmentVariables: { OWN: { value: 'mine' } } },
      partialBuildSpec: codebuild.BuildSpec.fromObject({ phases: { install: { commands: ['own command'] } } }),
      rolePolicy: [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::own/*'] })],
    });
    const { Source, Environment: environment } = project(test.template);
    expect(JSON.parse(Source.BuildSpec).phases.install.commands).toEqual(['own command', PREPARE, 'npm install -g cdk-assets@latest']);
    expect(environment).toMatchObject({ ComputeType: 'BUILD_GENERAL1_LARGE' });
    expect(environment.EnvironmentVariables).toContainEqual({ Name: 'OWN', Type: 'PLAINTEXT', Value: 'mine' });
    test.template.hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:GetObject' })]) } });
  });

  test('can be one for all images, whose commands are a file of the assembly', () => {
    const { test } = assetPipeline({ publishAssetsInParallel: false });
    test.app.synth();
    const { Source } = project(test.template);
    expect(test.read(Source.BuildSpec)).toContain(JSON.stringify(PREPARE));
  });

  test('is as the pipeline has it when an image changes, but for the hash', () => {
    const before = project(assetPipeline().test.template);
    change();
    const after = project(assetPipeline().test.template);
    const withoutHash = (value: object) => JSON.stringify(value).replace(/[0-9a-f]{64}/g, '<hash>').replace(/eu-west-1-[0-9a-f]{8}/g, '<destination>');
    expect(withoutHash(after)).toBe(withoutHash(before));
    expect(JSON.stringify(after)).not.toBe(JSON.stringify(before));
  });
});

describe('the list of assets', () => {
  function assembly(define: (app: App) => void, env?: Environment): string {
    const app = new App({ outdir: temporaryDirectory() });
    new DockerAssetCache(new Stack(app, 'Pipeline', { env }), 'AssetCache');
    define(app);
    app.synth();
    return app.outdir;
  }

  const written = (directory: string) => JSON.parse(fs.readFileSync(path.join(directory, 'docker-assets.json'), 'utf8'));
  const list = (define: (app: App) => void): any => written(assembly(define)).assets;

  test('has those of all stages by their hashes, with names that stay when the content changes', () => {
    let asset: DockerImageAsset;
    const define = (app: App) => { asset = new DockerImageAsset(new Stack(new Stage(app, 'Prod'), 'Api'), 'Image', { directory: images.directory }); };
    const before = list(define);
    expect(before).toEqual({ [asset!.assetHash]: { name: 'Prod/Api/Image', cacheName: expect.stringMatching(/^cache-Prod-Api-Image-[0-9a-f]{8}$/) } });
    change();
    const after = list(define);
    expect(Object.keys(after)).not.toEqual(Object.keys(before));
    expect(Object.values(after)).toEqual(Object.values(before));
  });

  test('has no two assets with one name, and one for two with the same content', () => {
    const assets = list((app) => {
      for (const [stage, args] of [['Beta', {}], ['Prod', {}], ['Other', { LEVEL: '1' }]] as const) {
        new DockerImageAsset(new Stack(new Stage(app, stage), 'Api'), 'Image', { directory: images.directory, buildArgs: args });
      }
    });
    expect(Object.values(assets).map(({ name }: any) => name).sort()).toEqual(['Beta/Api/Image', 'Other/Api/Image']);
  });

  test('is empty where there are none', () => {
    expect(list(() => undefined)).toEqual({});
  });

  test('says where the layers are, with placeholders for what only the place of the build knows', () => {
    expect(written(assembly(() => undefined, PIPELINE_ENV)).repository).toMatch(/^111111111111\.dkr\.ecr\.eu-west-1\.amazonaws\.com\/pipeline-assetcache-repository-\w{8}$/);
    expect(written(assembly(() => undefined)).repository).toMatch(/^\$\{AWS::AccountId\}\.dkr\.ecr\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}\//);
  });

  test('has a program for laptops beside it, which can be executed', () => {
    const program = path.join(assembly(() => undefined), 'cached-docker.cjs');
    expect(fs.statSync(program).mode.toString(8)).toMatch(/755$/);
    expect(fs.readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('the repository', () => {
  test('is a CacheRepository of its own', () => {
    const { cache } = assetPipeline();
    expect(cache.repository).toBeInstanceOf(CacheRepository);
  });

  test('can be given', () => {
    const stack = new Stack(new App(), 'Stack');
    const repository = ecr.Repository.fromRepositoryName(stack, 'Layers', 'layers');
    expect(new DockerAssetCache(stack, 'AssetCache', { repository }).repository).toBe(repository);
    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 0);
  });

  test('with a name that only the deployment gives is refused', () => {
    const stack = new Stack(new App(), 'Stack');
    expect(() => new DockerAssetCache(stack, 'AssetCache', { repository: new CacheRepository(stack, 'Layers') })).toThrow(
      "'Stack/AssetCache': the name of the repository 'Stack/Layers' must be known at synthesis, because laptops and workflows find it by its name; give it a repositoryName, or give none");
  });

  test('can be read by those who deploy from a laptop, and used by the role of a workflow', () => {
    const stack = new Stack(new App(), 'Stack');
    const cache = new DockerAssetCache(stack, 'AssetCache');
    const [reader, publisher] = ['Reader', 'Publisher'].map((id) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }));
    cache.grantRead(reader);
    cache.grantPublish(publisher);
    const pull = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
    const push = ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];
    const actionsOf = (id: string) => {
      const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter((policy) => JSON.stringify(policy.Properties.Roles).includes(id));
      return Properties.PolicyDocument.Statement.flatMap(({ Action }: any) => Action).sort();
    };
    expect(actionsOf('Reader')).toEqual([...pull, 'ecr:GetAuthorizationToken'].sort());
    expect(actionsOf('Publisher')).toEqual([...pull, ...push, 'ecr:GetAuthorizationToken'].sort());
  });

  test('with tags that cannot be set again is refused', () => {
    const stack = new Stack(new App(), 'Stack');
    const repository = new ecr.Repository(stack, 'Layers', { repositoryName: 'layers', imageTagMutability: ecr.TagMutability.IMMUTABLE });
    expect(() => new DockerAssetCache(stack, 'AssetCache', { repository })).toThrow(
      "'Stack/AssetCache': the tags of the repository 'Stack/Layers' are immutable, and a cache sets its tags again with each change; give a CacheRepository, or none");
  });
});

test('it is refused outside of an app', () => {
  expect(() => new DockerAssetCache(new Stack(), 'AssetCache')).not.toThrow(); // a stack makes an app of its own
  expect(() => new DockerAssetCache(new Stage(undefined as any, ''), 'AssetCache')).toThrow(/it must be in an App/);
});
