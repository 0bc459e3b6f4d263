import { CfnParameter, Duration, Stack, Token } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { CachedDockerBuildStepProps, DockerBuilder, LayerCache, RegistryLogin } from '../../lib';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const ARM_IMAGE = 'aws/codebuild/amazonlinux-aarch64-standard:3.0';

describe('by default', () => {
  test('the build has what every build of a pipeline has, and privileges for Docker', () => {
    const { project } = new TestPipeline().synthesizeStep();
    expect(project.Environment).toMatchObject({
      Image: 'aws/codebuild/standard:7.0',
      Type: 'LINUX_CONTAINER',
      ComputeType: 'BUILD_GENERAL1_SMALL',
      PrivilegedMode: true,
    });
    expect(Object.keys(project).sort()).toEqual(['Artifacts', 'Cache', 'Description', 'EncryptionKey', 'Environment', 'ServiceRole', 'Source']);
    expect(project.Cache).toEqual({ Type: 'NO_CACHE' });
  });

  test('there is nothing in environment and settings that nobody asked for', () => {
    const { environment, settings, actionEnvironment } = new TestPipeline().synthesizeStep();
    expect(Object.keys(environment)).toEqual(['CACHED_DOCKER_BUILD_SETTINGS']);
    expect(settings).toEqual({
      version: PLAN_VERSION,
      layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' },
      builder: { kind: 'buildkit', buildkitImage: expect.stringMatching(/^moby\/buildkit:v/) },
      metrics: { pipeline: 'PipelineStack/Pipeline', step: 'BuildImage' },
    });
    expect(actionEnvironment).toEqual({});
  });

  test('there is no VPC, and no security group', () => {
    const { template } = new TestPipeline().synthesizeStep();
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
    template.allResourcesProperties('AWS::CodeBuild::Project', { VpcConfig: Match.absent() });
  });

  test('there are no additional tags', () => {
    expect(new TestPipeline().synthesizeStep().settings).not.toHaveProperty('additionalTags');
  });

  test('there is no test report', () => {
    expect(new TestPipeline().synthesizeStep().buildSpec).not.toHaveProperty('reports');
    expect(new TestPipeline().synthesizeStep({ testReport: false }).buildSpec).not.toHaveProperty('reports');
  });

  test('there is no warning', () => {
    const test = new TestPipeline();
    test.synthesizeStep();
    expect(test.warnings()).toEqual([]);
  });
});

describe('the step gives to its build', () => {
  test('a test report in a group that its role may write to, and changes nothing else of it', () => {
    const [usual, reporting] = [undefined, true].map((testReport) => new TestPipeline().synthesizeStep({ testReport }));
    const { reports, ...rest } = reporting.buildSpec;
    expect(reports).toEqual({ images: { 'files': ['report.xml'], 'base-directory': 'image-outputs', 'file-format': 'JUNITXML' } });
    expect(rest).toEqual(usual.buildSpec);
    expect(rest.phases.build.commands[0]).toContain('--outputs "$CODEBUILD_SRC_DIR/image-outputs"');
    expect(reporting.statements).toEqual(usual.statements);
    const [statement] = reporting.statements.filter(({ Action }) => Action.includes('codebuild:CreateReportGroup'));
    expect(statement.Action).toEqual(expect.arrayContaining(['codebuild:CreateReport', 'codebuild:UpdateReport', 'codebuild:BatchPutTestCases']));
    const project = { Ref: expect.stringMatching(/^PipelineProdBuildImage/) };
    expect(statement.Resource['Fn::Join'][1].slice(-3)).toEqual([':report-group/', project, '-*']);
  });

  test('a fleet, and none unless it is given', () => {
    const test = new TestPipeline();
    const fleet = codebuild.Fleet.fromFleetArn(test.stack, 'Fleet', 'arn:aws:codebuild:eu-west-1:111111111111:fleet/builds:1');
    expect(test.synthesizeStep({ fleet }).project.Environment.Fleet).toEqual({ FleetArn: 'arn:aws:codebuild:eu-west-1:111111111111:fleet/builds:1' });
    expect(new TestPipeline().synthesizeStep().project.Environment).not.toHaveProperty('Fleet');
  });

  test.each<['fleet' | 'dockerServer', string]>([
    ['fleet', '2.233.0'],
    ['dockerServer', '2.218.0'],
  ])('fails for a %s that pipelines of an older aws-cdk-lib leave out', (property, version) => {
    const test = new TestPipeline();
    const fleet = codebuild.Fleet.fromFleetArn(test.stack, 'Fleet', 'arn:aws:codebuild:eu-west-1:111111111111:fleet/builds:1');
    const step = test.step(property === 'fleet' ? { fleet } : { builder: DockerBuilder.dockerServer() });
    test.pipeline.addWave('Deploy', { pre: [step] });
    test.pipeline.buildPipeline();
    const project = step.project.node.defaultChild as codebuild.CfnProject;
    project.environment = { ...test.stack.resolve(project.environment), [property]: undefined };
    expect(() => test.app.synth()).toThrow(`'BuildImage': its ${property} does not reach the project, because the pipelines of this aws-cdk-lib leave it out; update aws-cdk-lib to ${version} or later`);
  });

  test('the build image and the compute type', () => {
    const { project } = new TestPipeline().synthesizeStep({
      buildImage: codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5,
      computeType: codebuild.ComputeType.X2_LARGE,
    });
    expect(project.Environment).toMatchObject({ Image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0', ComputeType: 'BUILD_GENERAL1_2XLARGE', PrivilegedMode: true });
  });

  test('the timeout', () => {
    expect(new TestPipeline().synthesizeStep({ timeout: Duration.minutes(15) }).project.TimeoutInMinutes).toBe(15);
  });

  test('the name of the project', () => {
    expect(new TestPipeline().synthesizeStep({ projectName: 'build-image' }).project.Name).toBe('build-image');
  });

  test('the VPC, the subnets and the security groups', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const vpc = new ec2.Vpc(test.stack, 'Vpc', { maxAzs: 1 });
    const securityGroup = new ec2.SecurityGroup(test.stack, 'Builds', { vpc });
    const { project } = test.synthesizeStep({ vpc, subnetSelection: { subnetType: ec2.SubnetType.PUBLIC }, securityGroups: [securityGroup] });
    expect(project.VpcConfig).toEqual({
      VpcId: test.stack.resolve(vpc.vpcId),
      Subnets: vpc.publicSubnets.map(({ subnetId }) => test.stack.resolve(subnetId)),
      SecurityGroupIds: [test.stack.resolve(securityGroup.securityGroupId)],
    });
  });

  test('private subnets and a security group of its own when only the VPC is given', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const vpc = new ec2.Vpc(test.stack, 'Vpc', { maxAzs: 1 });
    const { project, template } = test.synthesizeStep({ vpc });
    expect(project.VpcConfig.Subnets).toEqual(vpc.privateSubnets.map(({ subnetId }) => test.stack.resolve(subnetId)));
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  });

  test('the logging', () => {
    const test = new TestPipeline();
    const logGroup = new logs.LogGroup(test.stack, 'Logs');
    const { project } = test.synthesizeStep({ logging: { cloudWatch: { logGroup, prefix: 'image' } } });
    expect(project.LogsConfig.CloudWatchLogs).toEqual({ GroupName: test.stack.resolve(logGroup.logGroupName), StreamName: 'image', Status: 'ENABLED' });
  });

  test('the role, which is given what the build needs', () => {
    const test = new TestPipeline();
    const role = new iam.Role(test.stack, 'Role', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
    const { project, statements } = test.synthesizeStep({ role });
    expect(project.ServiceRole).toEqual(test.stack.resolve(role.roleArn));
    expect(statements).toContainEqual({ Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' });
  });

  test('plain variables and those of CloudFormation through the project, those of the pipeline through the action', () => {
    const test = new TestPipeline();
    const parameter = new CfnParameter(test.stack, 'Parameter');
    const { environment, actionEnvironment } = test.synthesizeStep({
      env: { BUILDX_BUILDER: 'mine', PARAMETER: parameter.valueAsString, COMMIT: test.source.sourceAttribute('CommitId') },
    });
    expect(environment).toMatchObject({ BUILDX_BUILDER: 'mine', PARAMETER: { Ref: 'Parameter' }, CACHED_DOCKER_BUILD_SETTINGS: expect.any(String) });
    expect(environment).not.toHaveProperty('COMMIT');
    expect(actionEnvironment).toEqual({ COMMIT: expect.stringMatching(/^#\{Source@.*\.CommitId\}$/) });
  });
});

describe('the defaults of the pipeline', () => {
  const codeBuildDefaults = (stack: Stack) => ({
    buildEnvironment: {
      buildImage: codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5,
      computeType: codebuild.ComputeType.LARGE,
      environmentVariables: { TEAM: { value: 'a' } },
    },
    timeout: Duration.minutes(20),
    rolePolicy: [new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [`arn:${stack.partition}:s3:::reports/*`] })],
  });

  test('count for the step', () => {
    const test = new TestPipeline({ options: { codeBuildDefaults: codeBuildDefaults(new Stack()) } });
    const { project, environment, statements } = test.synthesizeStep();
    expect(project).toMatchObject({
      TimeoutInMinutes: 20,
      Environment: { Image: 'aws/codebuild/amazonlinux-x86_64-standard:5.0', ComputeType: 'BUILD_GENERAL1_LARGE', PrivilegedMode: true },
    });
    expect(environment).toMatchObject({ TEAM: 'a', CACHED_DOCKER_BUILD_SETTINGS: expect.any(String) });
    expect(statements.map(({ Action }) => Action)).toEqual(expect.arrayContaining(['s3:PutObject', 'ecr:GetAuthorizationToken']));
  });

  test('count less than what the step is given', () => {
    const test = new TestPipeline({ options: { codeBuildDefaults: codeBuildDefaults(new Stack()) } });
    const { project } = test.synthesizeStep({
      buildImage: codebuild.LinuxBuildImage.STANDARD_7_0, computeType: codebuild.ComputeType.MEDIUM, timeout: Duration.minutes(30),
    });
    expect(project).toMatchObject({ TimeoutInMinutes: 30, Environment: { Image: 'aws/codebuild/standard:7.0', ComputeType: 'BUILD_GENERAL1_MEDIUM' } });
  });

  test('leave an ARM image to an ARM machine', () => {
    const test = new TestPipeline({ options: { codeBuildDefaults: codeBuildDefaults(new Stack()) } });
    const { project } = test.synthesizeStep({ images: [test.image('Image', { platform: Platform.LINUX_ARM64 })] });
    expect(project.Environment).toMatchObject({ Image: ARM_IMAGE, Type: 'ARM_CONTAINER', ComputeType: 'BUILD_GENERAL1_LARGE' });
  });
});

describe('the machine', () => {
  test('is an ARM one for an ARM image by itself', () => {
    const test = new TestPipeline();
    const { project } = test.synthesizeStep({ images: [test.image('Image', { platform: Platform.LINUX_ARM64 })] });
    expect(project.Environment).toMatchObject({ Image: ARM_IMAGE, Type: 'ARM_CONTAINER', PrivilegedMode: true });
    expect(test.warnings()).toEqual([]);
  });

  test.each<[Platform, codebuild.IBuildImage]>([
    [Platform.LINUX_ARM64, codebuild.LinuxBuildImage.STANDARD_7_0],
    [Platform.LINUX_AMD64, codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0],
  ])('is warned about when it has to emulate $platform', (platform, buildImage) => {
    const test = new TestPipeline();
    test.synthesizeStep({ images: [test.image('Image', { platform })], buildImage });
    expect(test.warnings()).toEqual(['cdk-cached-docker-build:foreignArchitecture']);
  });

  test('is privileged with the Docker engine as well', () => {
    const { project } = new TestPipeline().synthesizeStep({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.none() });
    expect(project.Environment.PrivilegedMode).toBe(true);
  });

  test.each<[string, codebuild.IBuildImage]>([
    ['Lambda', codebuild.LinuxLambdaBuildImage.AMAZON_LINUX_2023_NODE_20],
    ['Windows', codebuild.WindowsBuildImage.WIN_SERVER_CORE_2022_BASE_3_0],
  ])('fails to be one of %s, which run no Docker engine for Linux', (_, buildImage) => {
    expect(() => new TestPipeline().step({ buildImage })).toThrow(
      `'BuildImage': buildImage must be a Linux machine that runs Docker, got ${buildImage.imageId} of type ${buildImage.type}; use codebuild.LinuxBuildImage or codebuild.LinuxArmBuildImage`);
  });
});

describe('an environment variable of the user', () => {
  test.each(['CACHED_DOCKER_BUILD_SETTINGS', 'EXPERIMENTAL_BUILDKIT_SOURCE_POLICY'])('fails to be %s, which the build sets itself', (name) => {
    expect(() => new TestPipeline().step({ env: { [name]: 'mine', OTHER: '1' } }))
      .toThrow(`'BuildImage': the environment variables ${name} are used by the build itself; give yours other names`);
  });

  test.each<[string, (test: TestPipeline) => Partial<CachedDockerBuildStepProps>]>([
    ['CACHED_DOCKER_BUILD_CACHE_SCOPE', () => ({ layerCache: LayerCache.registry({ scope: '#{Source.BranchName}' }) })],
    ['CACHED_DOCKER_BUILD_CACHE_FALLBACK_SCOPE_1', () => ({ layerCache: LayerCache.registry({ fallbackScopes: ['main', '#{Source.Base}'] }) })],
    ['CACHED_DOCKER_BUILD_ADDITIONAL_TAG_0', ({ source }) => ({ additionalTags: [source.sourceAttribute('CommitId')] })],
    ['REGISTRY_USERNAME_0', ({ stack }) => ({ registryLogins: [RegistryLogin.secret('ghcr.io', secretsmanager.Secret.fromSecretNameV2(stack, 'Login', 'login'))] })],
  ])('fails to be %s only where the build uses it', (name, props) => {
    const test = new TestPipeline();
    expect(() => test.step({ ...props(test), env: { [name]: 'mine' } }))
      .toThrow(`'BuildImage': the environment variables ${name} are used by the build itself; give yours other names`);
    expect(new TestPipeline().synthesizeStep({ env: { [name]: 'mine' } }).environment[name]).toBe('mine');
  });

  test.each(['IMAGE_REPOSITORY', 'CACHE_FROM', 'BUILDKIT_IMAGE', 'BUILDX_BUILDER'])('may be %s, which means nothing to the build or what it should mean', (name) => {
    expect(new TestPipeline().synthesizeStep({ env: { [name]: 'mine' } }).environment[name]).toBe('mine');
  });

  test('has its place by its name, whatever the order it was given in', () => {
    const [one, other] = [{ B: '1', a: '2', A: '3' }, { A: '3', a: '2', B: '1' }].map((env) => new TestPipeline().synthesizeStep({ env }));
    expect(Object.keys(one.environment)).toEqual(['A', 'B', 'CACHED_DOCKER_BUILD_SETTINGS', 'a']);
    expect(JSON.stringify(other.project)).toEqual(JSON.stringify(one.project));
  });

  test('from the defaults of the pipeline does not take the place of the settings', () => {
    const environmentVariables = { CACHED_DOCKER_BUILD_SETTINGS: { value: 'mine' } };
    const test = new TestPipeline({ options: { codeBuildDefaults: { buildEnvironment: { environmentVariables } } } });
    const { settings, project } = test.synthesizeStep();
    expect(settings).toEqual(new TestPipeline().synthesizeStep().settings);
    expect(project.Environment.EnvironmentVariables).toHaveLength(1);
  });
});

describe('maxConcurrentBuilds', () => {
  test.each([1, 2, 100])('is told to the runner: %p', (maxConcurrentBuilds) => {
    expect(new TestPipeline().synthesizeStep({ maxConcurrentBuilds }).settings.maxConcurrentBuilds).toBe(maxConcurrentBuilds);
  });

  test('is left to the runner by default', () => {
    expect(new TestPipeline().synthesizeStep().settings).not.toHaveProperty('maxConcurrentBuilds');
  });

  test.each([0, -1, 1.5, NaN, Infinity, Token.asNumber({ resolve: () => 2 })])('fails to be %p', (maxConcurrentBuilds) => {
    expect(() => new TestPipeline().step({ maxConcurrentBuilds }))
      .toThrow(new Error(`'BuildImage': maxConcurrentBuilds must be a whole number above 0, known at synthesis, got ${maxConcurrentBuilds}; for example 2`));
  });
});
