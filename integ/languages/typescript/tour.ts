import {
  App, CfnOutput, Duration, RemovalPolicy, Size, Stack, Stage,
  aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions, aws_codebuild as codebuild, aws_ec2 as ec2, aws_ecr as ecr,
  aws_ecr_assets as assets, aws_ecs as ecs, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, aws_s3 as s3,
  aws_secretsmanager as secretsmanager, aws_sns as sns, aws_ssm as ssm, pipelines,
} from 'aws-cdk-lib';
import {
  BuildCacheAlarms, BuildCacheDashboard, BuildMetrics, BuildSecret, CacheCompression, CachedDockerBuildProject, CachedDockerBuildStep,
  CachedDockerImage, CacheMode, CacheRepository, DockerAssetCache, DockerBuilder, DockerContext, ImageMetrics, ImageRepository, ImageTag,
  LayerCache, PullThroughCache, RegistryLogin, RegistryMirror, UpstreamRegistry,
} from '../../../lib';

// Every class and every option of the public API, once. The tours of the other languages are this one, line by line.

const env = { account: '111111111111', region: 'eu-west-1' };
const app = new App();
const stack = new Stack(app, 'Tour', { env });

const key = new kms.Key(stack, 'Key');
const secret = new secretsmanager.Secret(stack, 'Secret');
const parameter = ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Token', { parameterName: '/tour/token' });
const bucket = new s3.Bucket(stack, 'Bucket');
const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 1, natGateways: 1 });
const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
const fleet = codebuild.Fleet.fromFleetArn(stack, 'Fleet', 'arn:aws:codebuild:eu-west-1:111111111111:fleet/tour:00000000-0000-0000-0000-000000000000');
const bases = ecr.Repository.fromRepositoryName(stack, 'Bases', 'tour/bases');

// Repositories
const images = new ImageRepository(stack, 'Images', {
  repositoryName: 'tour/images',
  encryption: ecr.RepositoryEncryption.KMS,
  encryptionKey: key,
  imageScanOnPush: true,
  mutableTags: ['stable', 'nightly'],
  removalPolicy: RemovalPolicy.DESTROY,
  emptyOnDelete: true,
});
const layers = new CacheRepository(stack, 'Layers', {
  repositoryName: 'tour/layers',
  encryption: ecr.RepositoryEncryption.KMS,
  encryptionKey: key,
  maxAge: Duration.days(20),
  removalPolicy: RemovalPolicy.DESTROY,
});

// The cache for image assets
const assetCache = new DockerAssetCache(stack, 'AssetCache', { repository: new CacheRepository(stack, 'AssetLayers', { repositoryName: 'tour/asset-layers' }) });
const source = pipelines.CodePipelineSource.connection('example/app', 'main', {
  connectionArn: 'arn:aws:codeconnections:eu-west-1:111111111111:connection/00000000-0000-0000-0000-000000000000',
});
const pipeline = new pipelines.CodePipeline(stack, 'Pipeline', {
  synth: new pipelines.ShellStep('Synth', { input: source, commands: ['synthesize'] }),
  assetPublishingCodeBuildDefaults: assetCache.codeBuildOptions({ timeout: Duration.hours(1) }),
});

// Mirrors of registries
const hub = new PullThroughCache(stack, 'Hub', {
  upstream: UpstreamRegistry.dockerHub(),
  credentials: secretsmanager.Secret.fromSecretNameV2(stack, 'HubSecret', 'ecr-pullthroughcache/hub'),
  encryptionKey: key,
  maxAge: Duration.days(30),
  repositoryPrefix: 'hub',
});
hub.grantPull(role);
const open = [UpstreamRegistry.ecrPublic(), UpstreamRegistry.kubernetes(), UpstreamRegistry.ecr('222222222222', 'eu-west-1')]
  .map((upstream) => new PullThroughCache(stack, upstream.host, { upstream }));
for (const upstream of [UpstreamRegistry.gitHub(), UpstreamRegistry.gitLab(), UpstreamRegistry.chainguard(), UpstreamRegistry.azure('example')]) {
  const credentials = secretsmanager.Secret.fromSecretNameV2(stack, `Secret of ${upstream.host}`, `ecr-pullthroughcache/${upstream.host}`);
  new PullThroughCache(stack, upstream.host, { upstream, credentials });
}
const quay = PullThroughCache.fromPullThroughCacheAttributes(stack, 'Quay', {
  upstream: UpstreamRegistry.quay(),
  account: '333333333333',
  region: 'eu-west-1',
  repositoryNames: ['organization/*'],
  repositoryPrefix: 'their-quay',
});
const mirror = RegistryMirror.of({
  upstream: 'registry.example.com',
  endpoint: 'mirror.example.com/copies',
  credentials: secret,
});
new CfnOutput(stack, 'Mirror', { value: `${mirror.upstream} ${mirror.endpoint} ${hub.repositoryPrefix}` });

// Images. The maps have no order in some languages, and the assembly has to be the same whatever it is.
const api = new CachedDockerImage(stack, 'Api', {
  context: DockerContext.directory('contexts/api'),
  repository: images,
  dockerfile: 'Dockerfile',
  target: 'final',
  platform: assets.Platform.LINUX_AMD64,
  buildArgs: { ZONE: 'eu-west-1', COLOR: 'green', ANIMAL: 'cat', MONTH: 'may' },
  buildContexts: {
    shared: DockerContext.directory('contexts/shared'),
    worker: DockerContext.directory('contexts/worker'),
    base: DockerContext.image('public.ecr.aws/docker/library/python:3.12'),
  },
  buildSecrets: {
    token: BuildSecret.ssmParameter(parameter),
    npm: BuildSecret.secretsManager(secret, 'npm'),
    pip: BuildSecret.secretsManager(secret, 'pip'),
  },
  buildSshKey: BuildSecret.secretsManager(secret, 'ssh'),
  linkCopies: false,
  tag: ImageTag.contentHash({ refreshEvery: Duration.days(90) }),
});
const worker = (id: string, tag = ImageTag.contentHash()) => new CachedDockerImage(stack, id, { context: DockerContext.directory('contexts/worker'), tag });
const plain = worker('Plain');
const fixed = worker('Fixed', ImageTag.fixed('1.2.3'));
const commit = worker('Commit', ImageTag.commit());
const whole = new CachedDockerImage(stack, 'Whole', { context: DockerContext.pipelineSource(source, 'services/whole') });
const stored = worker('Stored');
const local = worker('Local');
const server = worker('Server');
const remote = worker('Remote');
const kaniko = worker('Kaniko');

// Steps: each builder and each layer cache
const build = new CachedDockerBuildStep('BuildKit', {
  images: [api, plain],
  pipeline,
  layerCache: LayerCache.registry({
    repository: layers,
    fallbackRepository: ecr.Repository.fromRepositoryName(stack, 'OldLayers', 'tour/old-layers'),
    compression: CacheCompression.GZIP,
    mode: CacheMode.MIN,
    scope: source.sourceAttribute('BranchName'),
    fallbackScopes: ['main', 'release'],
    ignoreErrors: false,
  }),
  builder: DockerBuilder.buildkit({
    buildkitImage: 'registry.example.com/buildkit:v0.32.2',
    config: 'debug = true\n',
    maxParallelism: 2,
    mirrors: [hub.mirror, quay.mirror, mirror, ...open.map((cache) => cache.mirror)],
    fallbackToUpstream: false,
  }),
  additionalTags: ['latest', source.sourceAttribute('CommitId')],
  registryLogins: [
    RegistryLogin.dockerHub(secret, { usernameField: 'user', passwordField: 'token' }),
    RegistryLogin.ecr(bases),
    RegistryLogin.secret('private.example.com', secret),
  ],
  buildImage: codebuild.LinuxBuildImage.STANDARD_7_0,
  computeType: codebuild.ComputeType.LARGE,
  env: { ZONE: 'one', COLOR: 'two', ANIMAL: 'three', MONTH: 'four' },
  logging: { cloudWatch: { logGroup: new logs.LogGroup(stack, 'Log'), prefix: 'builds' } },
  maxConcurrentBuilds: 3,
  metrics: BuildMetrics.STEP_AND_IMAGES,
  projectName: 'tour-build',
  role,
  securityGroups: [group],
  subnetSelection: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
  testReport: true,
  timeout: Duration.minutes(45),
  vpc,
});
const steps = [
  build,
  new CachedDockerBuildStep('Inline', { images: [fixed], pipeline, fleet, metrics: BuildMetrics.NONE, layerCache: LayerCache.inline({ fromTags: ['latest'], stages: ['base'] }) }),
  new CachedDockerBuildStep('None', { images: [commit, whole], pipeline, metrics: BuildMetrics.STEP, layerCache: LayerCache.none() }),
  new CachedDockerBuildStep('Stored', { images: [stored], pipeline, layerCache: LayerCache.s3(bucket, { prefix: 'layers/', mode: CacheMode.MAX, scope: 'tour' }) }),
  new CachedDockerBuildStep('Engine', {
    images: [local],
    pipeline,
    layerCache: LayerCache.codeBuildLocal(),
    builder: DockerBuilder.dockerEngine({ fallbackToUpstream: true, mirrors: [hub.mirror] }),
  }),
  new CachedDockerBuildStep('Server', {
    images: [server],
    pipeline,
    vpc,
    layerCache: LayerCache.none(),
    builder: DockerBuilder.dockerServer({ computeType: codebuild.DockerServerComputeType.MEDIUM, securityGroups: [group] }),
  }),
  new CachedDockerBuildStep('Remote', {
    images: [remote],
    pipeline,
    vpc,
    layerCache: LayerCache.registry({ compression: CacheCompression.ZSTD }),
    builder: DockerBuilder.remote({
      endpoints: ['tcp://buildkit-0.example.internal:1234', 'tcp://buildkit-1.example.internal:1234'],
      certificates: secret,
      caField: 'authority',
      certField: 'certificate',
      keyField: 'privateKey',
      serverName: 'buildkit.example.internal',
    }),
  }),
  new CachedDockerBuildStep('Kaniko', { images: [kaniko], pipeline, builder: DockerBuilder.kaniko({ fallbackToUpstream: true }) }),
];

// What watches them
const ofApi: ImageMetrics = build.imageMetrics(api);
const metrics = [
  build.metricCacheHitRatio(), build.metricDuration(), build.metricBytesPulled(), build.metricBytesPushed(),
  build.metricImagesBuilt(), build.metricImagesSkipped(), build.metricCacheErrors({ label: 'errors' }),
  ofApi.metricCacheHitRatio(), ofApi.metricDuration(), ofApi.metricBytesPulled(), ofApi.metricBytesPushed(),
  ofApi.metricImagesBuilt(), ofApi.metricImagesSkipped(), ofApi.metricCacheErrors(),
];
const dashboard = new BuildCacheDashboard(stack, 'Dashboard', { steps: [build], dashboardName: 'tour-builds', defaultInterval: Duration.days(7) });
dashboard.addWidgets(new cloudwatch.SingleValueWidget({ metrics }));
const alarms = new BuildCacheAlarms(stack, 'Alarms', { step: build, faultyHours: 2, maxDuration: Duration.minutes(20), maxWeeklyGrowth: Size.gibibytes(10) });
alarms.addAlarmAction(new actions.SnsAction(new sns.Topic(stack, 'Topic')));
new CfnOutput(stack, 'AlarmNames', { value: `${alarms.cacheErrors.alarmName} ${alarms.slowBuilds.alarmName} ${alarms.repositoryGrowth.alarmName}` });

// What other pipelines need
const other = new iam.Role(stack, 'OtherRole', { assumedBy: new iam.AccountPrincipal('222222222222') });
assetCache.grantRead(other);
assetCache.grantPublish(other);
const elsewhere = new CachedDockerImage(stack, 'Elsewhere', { context: DockerContext.directory('contexts/worker'), builtElsewhere: true });
elsewhere.grantBuild(other);
const delivery = new CachedDockerBuildProject(stack, 'Delivery', {
  images: [worker('Delivered')],
  source: codebuild.Source.gitHub({ owner: 'example', repo: 'app', webhook: true }),
  synthCommands: ['synthesize'],
  deployCommands: ['deploy'],
  assemblyDirectory: 'out',
  env: { ZONE: 'one', COLOR: 'two', ANIMAL: 'three', MONTH: 'four' },
});
bucket.grantRead(delivery.grantPrincipal);
new CfnOutput(stack, 'Project', { value: delivery.project.projectName });

// A stage that uses the images, and an image asset
const prod = new Stage(stack, 'Prod', { env });
const services = new Stack(prod, 'Services');
new lambda.DockerImageFunction(services, 'Api', {
  code: api.lambdaCode(services, { cmd: ['app.handler'], entrypoint: ['/lambda-entrypoint.sh'], workingDirectory: '/var/task' }),
});
new lambda.DockerImageFunction(services, 'Asset', { code: lambda.DockerImageCode.fromImageAsset('contexts/worker') });
const task = new ecs.FargateTaskDefinition(services, 'Task');
task.addContainer('Main', { image: plain.containerImage(task) });
for (const image of [fixed, commit, whole, stored, local, server, remote, kaniko]) {
  new CfnOutput(services, `${image.node.id}Uri`, { value: image.imageUri(services) });
}
new CfnOutput(stack, 'Tag', { value: `${fixed.imageTag} of ${fixed.repository.node.id}` });
pipeline.addWave('Deploy', {
  pre: steps,
  post: [
    new pipelines.ShellStep('ShowDigest', { env: { DIGEST: build.imageDigest(api) }, commands: ['printenv DIGEST'] }),
    new pipelines.ShellStep('ShowUri', { env: { URI: build.imageUriWithDigest(plain) }, commands: ['printenv URI'] }),
  ],
}).addStage(prod);

app.synth();
