import { Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as actions from 'aws-cdk-lib/aws-codepipeline-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecrAssets from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { BuildSecret, CachedDockerBuildProject, CachedDockerBuildProjectProps, CachedDockerImage, DockerBuilder, DockerContext, LayerCache } from '../../lib';
import { CDK_NAGS } from '../testhelpers/cdk-nag';
import { TempContext } from '../testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const webhook = codebuild.Source.gitHub({ owner: 'example', repo: 'app', webhook: true });
const synthCommands = ['npm ci', 'npx cdk synth'];

let setup: TestPipeline;
let image: CachedDockerImage;

beforeEach(() => {
  setup = new TestPipeline({ env: PIPELINE_ENV });
  image = setup.image();
});

const build = (props: Partial<CachedDockerBuildProjectProps> = {}) => new CachedDockerBuildProject(setup.stack, 'Build', { images: [image], ...props });

/** The project, as the template has it. */
function project(): any {
  return Object.entries(Template.fromStack(setup.stack).findResources('AWS::CodeBuild::Project')).find(([id]) => id.startsWith('BuildProject'))![1].Properties;
}

const commands = () => JSON.parse(project().Source.BuildSpec).phases.build.commands;
const run = (directory: string) => `node "$CODEBUILD_SRC_DIR${directory}/cached-docker-build.cjs" build ${image._planFile}`;

describe('a project for the action of a pipeline', () => {
  test('takes the cloud assembly as its input', () => {
    const { project: ofAction } = build();
    const [assembly, source] = [new codepipeline.Artifact(), new codepipeline.Artifact()];
    new codepipeline.Pipeline(setup.stack, 'Plain', {
      stages: [
        { stageName: 'Source', actions: [new actions.CodeStarConnectionsSourceAction({ actionName: 'Source', connectionArn: 'arn:x', owner: 'example', repo: 'app', output: source })] },
        { stageName: 'Synth', actions: [new actions.CodeBuildAction({ actionName: 'Synth', input: source, outputs: [assembly], project: new codebuild.PipelineProject(setup.stack, 'Synth') })] },
        { stageName: 'Build', actions: [new actions.CodeBuildAction({ actionName: 'Build', input: assembly, project: ofAction })] },
      ],
    });
    expect(project()).toMatchObject({ Source: { Type: 'CODEPIPELINE' }, Artifacts: { Type: 'CODEPIPELINE' } });
    expect(commands()).toEqual([run('')]);
  });

  test('can synthesize what it builds', () => {
    build({ synthCommands });
    expect(commands()).toEqual([...synthCommands, run('/cdk.out')]);
  });

  test('finds the assembly where it is', () => {
    build({ assemblyDirectory: 'app/cdk.out' });
    expect(commands()).toEqual([run('/app/cdk.out')]);
  });
});

test('a project with a webhook synthesizes, builds and deploys, in this order', () => {
  build({ source: webhook, synthCommands, deployCommands: ['npx cdk deploy --app cdk.out --all'] });
  expect(commands()).toEqual([...synthCommands, run('/cdk.out'), 'npx cdk deploy --app cdk.out --all']);
  expect(project()).toMatchObject({ Source: { Type: 'GITHUB' }, Triggers: { Webhook: true } });
});

test('a project is a privileged machine with the image and the settings of a step', () => {
  build();
  const { Environment: { EnvironmentVariables: [settings, ...others], ...machine } } = project();
  expect(machine).toEqual({ ComputeType: 'BUILD_GENERAL1_SMALL', Image: 'aws/codebuild/standard:7.0', ImagePullCredentialsType: 'CODEBUILD', PrivilegedMode: true, Type: 'LINUX_CONTAINER' });
  expect(others).toEqual([]);
  expect(settings.Name).toBe('CACHED_DOCKER_BUILD_SETTINGS');
});

test('an image for ARM is built on such a machine', () => {
  image = setup.image('Arm', { platform: ecrAssets.Platform.LINUX_ARM64 });
  build();
  expect(project().Environment.Type).toBe('ARM_CONTAINER');
});

test('the role of a project has the permissions of a step, and only builds of this account take it', () => {
  build({ additionalTags: ['latest'] });
  const step = setup.step({ images: [image] });
  setup.pipeline.addWave('Deploy', { pre: [step] });
  const template = Template.fromStack(setup.stack);
  const ofEcr = (id: string) => Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(id))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement).filter(({ Action }) => JSON.stringify(Action).includes('ecr:'));
  expect(ofEcr('BuildProjectRole').length).toBe(2);
  expect(ofEcr('BuildProjectRole')).toEqual(ofEcr('BuildImageRole'));
  template.hasResourceProperties('AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Condition: { StringEquals: { 'aws:SourceAccount': '111111111111' } } })] } });
});

test('a role that is given gets the permissions, and keeps its trust policy', () => {
  const role = new iam.Role(setup.stack, 'Own', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
  expect(build({ role }).grantPrincipal).toBe(role);
  const template = Template.fromStack(setup.stack);
  template.hasResourceProperties('AWS::IAM::Policy', { Roles: [setup.stack.resolve((role.node.defaultChild as iam.CfnRole).ref)] });
  expect(JSON.stringify(template.findResources('AWS::IAM::Role')[setup.stack.getLogicalId(role.node.defaultChild as iam.CfnRole)])).not.toContain('Condition');
});

test('layers that another account may not see move, also when it is known after the project was made', () => {
  image = setup.image('Stages', { context: new TempContext({ Dockerfile: 'FROM busybox AS build\nRUN make\nFROM scratch\nCOPY --from=build /a /a\n' }).context });
  build();
  image.imageUri(new Stack(setup.app, 'Service', { env: OTHER_ENV }));
  const resources = Object.values(Template.fromStack(setup.stack).findResources('AWS::IAM::Policy')).filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('BuildProjectRole'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement).map(({ Resource }) => JSON.stringify(Resource));
  expect(resources.some((resource) => resource.includes('StageLayers'))).toBe(true);
});

test('secrets are read by CodeBuild', () => {
  image = setup.image('Secretive', {
    context: new TempContext({ Dockerfile: 'FROM node\nRUN --mount=type=secret,id=a npm ci\n' }).context,
    buildSecrets: { a: BuildSecret.secretsManager(secretsmanager.Secret.fromSecretNameV2(setup.stack, 'Token', 'token')) },
  });
  build();
  expect(project().Environment.EnvironmentVariables).toContainEqual({ Name: 'BUILD_SECRET_0', Type: 'SECRETS_MANAGER', Value: 'token' });
});

test('an image that a project builds can be used by any stack', () => {
  build();
  image.imageUri(new Stack(setup.app, 'Service', { env: PIPELINE_ENV }));
  expect(() => setup.app.synth()).not.toThrow();
  expect(setup.warnings()).toEqual([]);
});

test('what a user may change is as it is given', () => {
  const vpc = new ec2.Vpc(setup.stack, 'Vpc');
  build({ projectName: 'images', computeType: codebuild.ComputeType.LARGE, vpc, env: { BUILDX_BUILDER: 'mine' } });
  expect(project()).toMatchObject({ Name: 'images', Environment: { ComputeType: 'BUILD_GENERAL1_LARGE', EnvironmentVariables: expect.arrayContaining([{ Name: 'BUILDX_BUILDER', Type: 'PLAINTEXT', Value: 'mine' }]) }, VpcConfig: expect.anything() });
});

describe('fails', () => {
  test.each<[string, Partial<CachedDockerBuildProjectProps>, string]>([
    ['without images', { images: [] }, "'PipelineStack/Build': images is empty; give the project each CachedDockerImage that it builds"],
    ['with a source and nothing that synthesizes it', { source: webhook }, "'PipelineStack/Build': it has source and no synthCommands, so there is nothing to build: a project takes the cloud assembly of a pipeline, or synthesizes it; give it synthCommands such as ['npm ci', 'npx cdk synth'], or leave out source"],
    ['with something to deploy that nobody synthesizes', { deployCommands: ['npx cdk deploy'] }, "'PipelineStack/Build': it has deployCommands and no synthCommands"],
    ['with a pipeline variable', { additionalTags: ['#{Source.CommitId}'] }, "'PipelineStack/Build': the environment variable CACHED_DOCKER_BUILD_ADDITIONAL_TAG_0 has a pipeline variable as its value, which CodePipeline knows in actions only;"],
    ['with a cache and a builder that do not go together', { layerCache: LayerCache.registry(), builder: DockerBuilder.dockerEngine() }, "'PipelineStack/Build': LayerCache.registry() does not go with DockerBuilder.dockerEngine()"],
  ])('%s', (_, props, message) => {
    expect(() => build(props)).toThrow(message);
  });

  test('with an image from a source of CDK Pipelines', () => {
    const sourced = setup.image('Sourced', { context: DockerContext.pipelineSource(setup.source) });
    expect(() => build({ images: [sourced] })).toThrow("the context of 'PipelineStack/Sourced' is a source of CDK Pipelines, which a project does not have; use DockerContext.directory(), or a CachedDockerBuildStep");
  });

  test('with an image of another stage', () => {
    const other = new CachedDockerImage(new Stack(new Stage(setup.app, 'Prod'), 'Service', { env: PIPELINE_ENV }), 'Image', { context: new TempContext().context });
    expect(() => build({ images: [other] })).toThrow("is not in the stage of the project 'PipelineStack/Build'; define it in the stack of the project, and hand it to the stages");
  });

  test('at synthesis with a cache on the machine, which CodeBuild does not keep in a VPC', () => {
    build({ layerCache: LayerCache.codeBuildLocal(), builder: DockerBuilder.dockerEngine(), vpc: new ec2.Vpc(setup.stack, 'Vpc') });
    expect(() => setup.app.synth()).toThrow("'PipelineStack/Build': LayerCache.codeBuildLocal() does not go with a VPC");
  });
});

test.each(CDK_NAGS)('cdk-nag $major finds nothing in a project', ({ check }) => {
  build();
  const bare = new codebuild.PipelineProject(setup.stack, 'Bare', { environment: { privileged: true } });
  bare.addToRolePolicy(new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }));
  const find = check(setup);
  expect(find('PipelineStack/Bare')).not.toEqual([]);
  expect(find('PipelineStack/Build')).toEqual([]);
});
