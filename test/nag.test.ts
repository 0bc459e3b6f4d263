import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import * as pipelines from 'aws-cdk-lib/pipelines';
import {
  BuildSecret, CachedDockerBuildStepProps, CacheRepository, DockerAssetCache, DockerBuilder, DockerContext, LayerCache, PullThroughCache,
  RegistryLogin, UpstreamRegistry,
} from '../lib';
import { CDK_NAGS, reasonsIn } from './testhelpers/cdk-nag';
import { TempContext } from './testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline, TestPipelineProps } from './testhelpers/test-pipeline';

type StepProps = (test: TestPipeline) => Partial<CachedDockerBuildStepProps>;

const STEP = 'PipelineStack/Pipeline/Pipeline/Deploy/BuildImage';
const EVERYWHERE = { env: PIPELINE_ENV, options: { crossAccountKeys: true } };

const quay = (stack: Stack) => new PullThroughCache(stack, 'Quay', { upstream: UpstreamRegistry.quay() });
const hub = (stack: Stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'Hub', 'hub');

/** A wave with our step, and one of the CDK's that does nothing. */
function pipelineWith(pipelineProps: TestPipelineProps, props: StepProps): TestPipeline {
  const test = new TestPipeline(pipelineProps);
  const bare = new pipelines.CodeBuildStep('Bare', { input: test.pipeline.cloudAssemblyFileSet, commands: ['true'] });
  test.pipeline.addWave('Deploy', { pre: [test.step(props(test)), bare] });
  return test;
}

const STEPS: [string, TestPipelineProps, StepProps][] = [
  ['by default', {}, () => ({})],
  ['in an explicit environment', { env: PIPELINE_ENV }, () => ({})],
  ['with keys for several accounts', EVERYWHERE, () => ({})],
  ['with fewer and larger statements', { ...EVERYWHERE, flags: { '@aws-cdk/aws-iam:minimizePolicies': true } }, ({ stack }) => ({ vpc: new ec2.Vpc(stack, 'Vpc') })],
  ['with aspects that run until nothing changes', { ...EVERYWHERE, flags: { '@aws-cdk/core:aspectStabilization': true } }, () => ({})],
  ['with LayerCache.inline()', {}, () => ({ layerCache: LayerCache.inline() })],
  ['with LayerCache.inline() and stages', {}, () => ({ layerCache: LayerCache.inline({ stages: ['deps'] }) })],
  ['with a repository for the cache', {}, ({ stack }) => ({ layerCache: LayerCache.registry({ repository: new CacheRepository(stack, 'Layers') }) })],
  ['with a cache that it may only read', {}, ({ stack }) => ({
    layerCache: LayerCache.registry({ repository: new CacheRepository(stack, 'Layers'), fallbackRepository: new CacheRepository(stack, 'Main'), fallbackScopes: ['main'] }),
  })],
  ['with a bucket for the cache', EVERYWHERE, ({ stack }) => ({ layerCache: LayerCache.s3(new s3.Bucket(stack, 'Layers', { encryptionKey: new kms.Key(stack, 'Key') })) })],
  ['with a bucket that is defined elsewhere', {}, ({ stack }) => ({ layerCache: LayerCache.s3(s3.Bucket.fromBucketArn(stack, 'Layers', 'arn:aws:s3:::layers')) })],
  ['with a bucket of another stack', {}, ({ app }) => ({ layerCache: LayerCache.s3(new s3.Bucket(new Stack(app, 'Buckets'), 'Layers')) })],
  ['with LayerCache.codeBuildLocal()', {}, () => ({ layerCache: LayerCache.codeBuildLocal(), builder: DockerBuilder.dockerEngine() })],
  ['with LayerCache.none()', {}, () => ({ layerCache: LayerCache.none() })],
  ['with DockerBuilder.dockerEngine()', {}, () => ({ layerCache: LayerCache.none(), builder: DockerBuilder.dockerEngine() })],
  ['with DockerBuilder.dockerServer()', {}, () => ({ layerCache: LayerCache.none(), builder: DockerBuilder.dockerServer() })],
  ['with DockerBuilder.remote()', {}, ({ stack }) => ({ builder: DockerBuilder.remote({ endpoints: ['tcp://buildkit.internal:1234'], certificates: hub(stack) }) })],
  ['with DockerBuilder.kaniko()', {}, () => ({ builder: DockerBuilder.kaniko() })],
  ['for a source', {}, (test) => ({ images: [test.image('SourceImage', { context: DockerContext.pipelineSource(test.source) })] })],
  ['with a mirror in Amazon ECR', { env: PIPELINE_ENV }, ({ stack }) => ({ builder: DockerBuilder.buildkit({ mirrors: [quay(stack).mirror] }) })],
  ['with a mirror in a stack without an environment', {}, ({ stack }) => ({ builder: DockerBuilder.buildkit({ mirrors: [quay(stack).mirror] }) })],
  ['with additional tags', {}, () => ({ additionalTags: ['latest'] })],
  ['with logins', {}, ({ stack }) => ({ registryLogins: [RegistryLogin.dockerHub(hub(stack))] })],
  ['with secrets for the build', {}, (test) => ({
    images: [test.image('Secretive', {
      context: new TempContext({ Dockerfile: 'FROM node\nRUN --mount=type=secret,id=a --mount=type=secret,id=b npm ci\n' }).context,
      buildSecrets: {
        a: BuildSecret.secretsManager(hub(test.stack), 'token'),
        b: BuildSecret.ssmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(test.stack, 'Token', { parameterName: '/team/token' })),
      },
    })],
  })],
  ['in a VPC', EVERYWHERE, ({ stack }) => ({ vpc: new ec2.Vpc(stack, 'Vpc') })],
];

describe.each(CDK_NAGS)('cdk-nag $major finds nothing', ({ check }) => {
  test.each(STEPS)('in a step %s', (_, pipelineProps, props) => {
    const find = check(pipelineWith(pipelineProps, props));
    expect(find('PipelineStack/Pipeline/Pipeline/Deploy/Bare')).not.toEqual([]);
    expect(find(STEP)).toEqual([]);
  });

  test('in a role that a step is given', () => {
    const find = check(pipelineWith(EVERYWHERE, ({ stack }) => ({
      role: new iam.Role(stack, 'BuildRole', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') }), vpc: new ec2.Vpc(stack, 'Vpc'),
    })));
    expect(find('PipelineStack/BuildRole')).toEqual([]);
    expect(find(STEP)).toEqual([]);
  });

  test('in a role with a policy, which comes before the pipeline', () => {
    const test = new TestPipeline(EVERYWHERE);
    const role = new iam.Role(test.stack, 'BuildRole', { assumedBy: new iam.ServicePrincipal('codebuild.amazonaws.com') });
    hub(test.stack).grantRead(role);
    const pipeline = new pipelines.CodePipeline(test.stack, 'Later', {
      crossAccountKeys: true, synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['npx cdk synth'] }),
    });
    pipeline.addWave('Deploy', { pre: [test.step({ pipeline, role, vpc: new ec2.Vpc(test.stack, 'Vpc') })] });
    expect(check(test)('PipelineStack/BuildRole')).toEqual([]);
  });

  test('in permissions that are more than a policy of a role can hold', () => {
    const test = new TestPipeline(EVERYWHERE);
    const images = Array.from({ length: 120 }, (_, index) => test.image(`Image${index}`));
    test.pipeline.addWave('Deploy', { pre: [test.step({ images })] });
    expect(check(test)(STEP)).toEqual([]);
  });

  test('in a pull-through cache', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const encryptionKey = kms.Key.fromKeyArn(test.stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
    quay(test.stack);
    new PullThroughCache(test.stack, 'Encrypted', { upstream: UpstreamRegistry.kubernetes(), encryptionKey });
    new PullThroughCache(test.stack, 'Ecr', { upstream: UpstreamRegistry.ecr(OTHER_ENV.account, OTHER_ENV.region) });
    const find = check(test);
    expect(['Quay', 'Encrypted', 'Ecr'].flatMap((id) => find(`PipelineStack/${id}`))).toEqual([]);
  });

  test('in a repository for caches', () => {
    const test = new TestPipeline();
    new CacheRepository(test.stack, 'Layers');
    expect(check(test)('PipelineStack/Layers')).toEqual([]);
  });

  test('in an image and its repository, also when other accounts use them', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    test.functionStage('Prod', test.builtImage(), OTHER_ENV);
    expect(check(test)('PipelineStack/Image')).toEqual([]);
  });
});

test.each(CDK_NAGS)('cdk-nag $major finds in the Assets stage with a DockerAssetCache what it finds without', ({ check }) => {
  const [ours, bare] = [true, false].map((hasCache) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const pipeline = new pipelines.CodePipeline(test.stack, 'Assets', {
      synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['npx cdk synth'] }),
      assetPublishingCodeBuildDefaults: hasCache ? new DockerAssetCache(test.stack, 'AssetCache').codeBuildOptions() : undefined,
    });
    pipeline.addStage(test.stage('Prod', PIPELINE_ENV, (stack) => { new DockerImageAsset(stack, 'Image', { directory: new TempContext().directory }); }));
    return check(test)('PipelineStack/Assets/Assets').map((finding) => finding.replace(/<[^>]+>/g, '<Resource>'));
  });
  expect(bare).not.toEqual([]);
  expect(ours).toEqual(bare);
});

describe.each(CDK_NAGS)('cdk-nag $major still finds', ({ check }) => {
  test('what somebody else lets a build do', () => {
    const rolePolicy = [
      new iam.PolicyStatement({ actions: ['s3:GetObject*'], resources: ['arn:aws:s3:::other'] }),
      new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: ['arn:aws:s3:::other/*'] }),
      new iam.PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }),
    ];
    const test = pipelineWith({ ...EVERYWHERE, options: { crossAccountKeys: true, codeBuildDefaults: { rolePolicy } } }, () => ({}));
    expect(check(test)(STEP)).toEqual(['Action::s3:GetObject*', 'Resource::*', 'Resource::arn:aws:s3:::other/*']
      .map((finding) => `BuildImage/Role/DefaultPolicy/Resource: AwsSolutions-IAM5[${finding}]`));
  });

  test('an artifact without a key', () => {
    const test = pipelineWith({}, () => ({}));
    const [step] = test.pipeline.waves[0].pre as pipelines.CodeBuildStep[];
    step.addOutputDirectory('reports');
    expect(check(test)(`${STEP}/BuildImage/Resource`)).toEqual([': AwsSolutions-CB4']);
  });
});

test('each wildcard of a step has its reason, and no step has one that it does not need', () => {
  const reasons = (props: StepProps) => {
    const test = pipelineWith({ env: PIPELINE_ENV }, props);
    test.app.synth();
    const [step] = test.pipeline.waves[0].pre as pipelines.CodeBuildStep[];
    return Object.fromEntries(Object.entries(reasonsIn(step.project)).map(([rule, reason]) => [rule.replace(/<PipelineDeploy\w+>/, '<Project>'), reason.split('.')[0]]));
  };
  const artifacts = 'The artifacts of the pipeline, which AWS CodePipeline names';
  const always = {
    'AwsSolutions-CB4': 'The step leaves no artifact to encrypt: images and layers go to Amazon ECR or Amazon S3, which encrypt them as the repository or the bucket says',
    'AwsSolutions-IAM5[Action::s3:GetBucket*]': artifacts,
    'AwsSolutions-IAM5[Action::s3:GetObject*]': artifacts,
    'AwsSolutions-IAM5[Action::s3:List*]': artifacts,
    'AwsSolutions-IAM5[Resource::*]': 'Amazon ECR has no resource for ecr:GetAuthorizationToken',
    'AwsSolutions-IAM5[Resource::<PipelineArtifactsBucketAEA9A052.Arn>/*]': artifacts,
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:codebuild:eu-west-1:111111111111:report-group/<Project>-*]': 'The report groups of this project',
    'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:eu-west-1:111111111111:log-group:/aws/codebuild/<Project>:*]': 'The log streams of this project, which AWS CodeBuild names',
    ...Object.fromEntries(['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'].map((pack) => [`${pack}-IAMNoInlinePolicy`, 'These are the permissions of one build'])),
    ...Object.fromEntries(['HIPAA.Security', 'NIST.800.53.R4', 'PCI.DSS.321'].map((pack) => [`${pack}-CodeBuildProjectSourceRepoUrl`, 'The source is an artifact of the pipeline'])),
  };
  expect(reasons(() => ({}))).toEqual(always);
  expect(reasons(({ stack }) => ({ layerCache: LayerCache.s3(new s3.Bucket(stack, 'Layers')) }))).toEqual({
    ...always,
    ['AwsSolutions-IAM5[Resource::<Layers00D1235E.Arn>/docker-layers/*]']: 'The objects of the layer cache below its prefix, whose names are made of digests',
  });
});

describe('what cdk-nag 2 reads in a template', () => {
  const template = (check?: (test: TestPipeline) => unknown) => {
    const test = pipelineWith({ env: PIPELINE_ENV }, () => ({}));
    check?.(test);
    return JSON.stringify(test.template.toJSON());
  };

  test('is there only when it looks', () => {
    const [two, three] = CDK_NAGS;
    expect(template(two.check)).toContain('"rules_to_suppress"');
    expect(template(three.check)).not.toContain('cdk_nag');
    expect(template()).not.toContain('cdk_nag');
  });
});
