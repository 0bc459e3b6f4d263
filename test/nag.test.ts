import { Validations } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { AwsSolutionsChecks } from 'cdk-nag';
import { CachedDockerBuildStepProps, CacheRepository, DockerAssetCache, DockerBuilder, DockerContext, LayerCache, PullThroughCache, UpstreamRegistry } from '../lib';
import { TempContext } from './testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline, TestPipelineProps } from './testhelpers/test-pipeline';

/** What cdk-nag finds, by the path of the construct that it finds it in. Ids of projects are left out. */
function findings({ app, pipeline }: TestPipeline): (path: string) => string[] {
  pipeline.buildPipeline();
  app.synth();
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return (path) => violations
    .filter(({ violatingResources }) => violatingResources.some(({ constructPath }) => constructPath?.startsWith(`${path}/`)))
    .map(({ ruleName }) => ruleName.replace(/<Pipeline\w+[0-9A-F]{8}>/, '<Project>'))
    .sort();
}

/** What cdk-nag finds in our step, and in a step of the same wave that does nothing. */
function compare(pipelineProps: TestPipelineProps, props: (test: TestPipeline) => Partial<CachedDockerBuildStepProps>) {
  const test = new TestPipeline(pipelineProps);
  const bare = new pipelines.CodeBuildStep('Bare', { input: test.pipeline.cloudAssemblyFileSet, commands: ['true'] });
  test.pipeline.addWave('Deploy', { pre: [test.step(props(test)), bare] });
  const find = findings(test);
  return ['BuildImage', 'Bare'].map((id) => find(`PipelineStack/Pipeline/Pipeline/Deploy/${id}`));
}

describe('of a step, cdk-nag finds what it finds of every step', () => {
  test.each<[string, TestPipelineProps, (test: TestPipeline) => Partial<CachedDockerBuildStepProps>]>([
    ['by default', {}, () => ({})],
    ['in an explicit environment', { env: PIPELINE_ENV }, () => ({})],
    ['with keys for several accounts', { env: PIPELINE_ENV, options: { crossAccountKeys: true } }, () => ({})],
    ['with LayerCache.inline()', {}, () => ({ layerCache: LayerCache.inline() })],
    ['with LayerCache.inline() and stages', {}, () => ({ layerCache: LayerCache.inline({ stages: ['deps'] }) })],
    ['with a repository for the cache', {}, ({ stack }) => ({ layerCache: LayerCache.registry({ repository: new CacheRepository(stack, 'Layers') }) })],
    ['with LayerCache.none()', {}, () => ({ layerCache: LayerCache.none() })],
    ['with DockerBuilder.dockerEngine()', {}, () => ({ layerCache: LayerCache.none(), builder: DockerBuilder.dockerEngine() })],
    ['for a source', {}, (test) => ({ images: [test.image('SourceImage', { context: DockerContext.pipelineSource(test.source) })] })],
    ['with a bucket for the cache', {}, ({ stack }) => ({ layerCache: LayerCache.s3(new s3.Bucket(stack, 'Layers')) })],
    ['with a bucket that is defined elsewhere', {}, ({ stack }) => ({ layerCache: LayerCache.s3(s3.Bucket.fromBucketArn(stack, 'Layers', 'arn:aws:s3:::layers')) })],
    ['with a mirror in Amazon ECR', { env: PIPELINE_ENV }, ({ stack }) => (
      { builder: DockerBuilder.buildkit({ mirrors: [new PullThroughCache(stack, 'Quay', { upstream: UpstreamRegistry.quay() }).mirror] }) })],
    ['with a mirror in a stack without an environment', {}, ({ stack }) => (
      { builder: DockerBuilder.buildkit({ mirrors: [new PullThroughCache(stack, 'Quay', { upstream: UpstreamRegistry.quay() }).mirror] }) })],
    ['with additional tags', {}, () => ({ additionalTags: ['latest'] })],
  ])('%s', (_, pipelineProps, props) => {
    const [ours, bare] = compare(pipelineProps, props);
    expect(bare.length).toBeGreaterThan(0);
    expect(ours).toEqual(bare);
  });
});

test('each wildcard of a step has its reason, and no step has one that it does not need', () => {
  const reasons = (props: (test: TestPipeline) => Partial<CachedDockerBuildStepProps>) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const step = test.step(props(test));
    test.pipeline.addWave('Deploy', { pre: [step] });
    test.app.synth();
    const { metadata } = step.project.node;
    const acknowledged = metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
    const found = acknowledged.flatMap(({ data }) => Object.entries<string>(data));
    return Object.fromEntries(found.map(([id, reason]) => [id.replace(/^\w+::/, ''), reason.split('.')[0]]));
  };
  const token = { 'AwsSolutions-IAM5[Resource::*]': 'Amazon ECR has no resource for ecr:GetAuthorizationToken' };
  expect(reasons(() => ({}))).toEqual(token);
  expect(reasons(({ stack }) => ({ layerCache: LayerCache.s3(new s3.Bucket(stack, 'Layers')) }))).toEqual({
    ...token,
    ['AwsSolutions-IAM5[Resource::<Layers00D1235E.Arn>/docker-layers/*]']: 'The objects of the layer cache below its prefix, whose names are made of digests',
  });
});

test('cdk-nag finds nothing in a pull-through cache', () => {
  const test = new TestPipeline();
  new PullThroughCache(test.stack, 'Quay', { upstream: UpstreamRegistry.quay() });
  const find = findings(test);
  expect(find('PipelineStack/Quay')).toEqual([]);
  expect(find('PipelineStack')).not.toEqual([]);
});

test('cdk-nag finds nothing in a repository for caches', () => {
  const test = new TestPipeline();
  new CacheRepository(test.stack, 'Layers');
  const find = findings(test);
  expect(find('PipelineStack/Layers')).toEqual([]);
  expect(find('PipelineStack')).not.toEqual([]);
});

test('cdk-nag finds nothing in an image and its repository, also when other accounts use them', () => {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  test.functionStage('Prod', test.builtImage(), OTHER_ENV);
  const find = findings(test);
  expect(find('PipelineStack/Image')).toEqual([]);
  expect(find('PipelineStack')).not.toEqual([]);
});

test('of the Assets stage, cdk-nag finds with a DockerAssetCache what it finds without', () => {
  const [ours, bare] = [true, false].map((hasCache) => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const pipeline = new pipelines.CodePipeline(test.stack, 'Assets', {
      synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['npx cdk synth'] }),
      assetPublishingCodeBuildDefaults: hasCache ? new DockerAssetCache(test.stack, 'AssetCache').codeBuildOptions() : undefined,
    });
    pipeline.addStage(test.stage('Prod', PIPELINE_ENV, (stack) => { new DockerImageAsset(stack, 'Image', { directory: new TempContext().directory }); }));
    pipeline.buildPipeline();
    test.app.synth();
    const { violations } = new AwsSolutionsChecks(test.app).validateScope(test.app);
    return violations.filter(({ violatingResources }) => violatingResources.some(({ constructPath }) => constructPath?.startsWith('PipelineStack/Assets/Assets/')))
      .map(({ ruleName }) => ruleName.replace(/<[^>]+>/g, '<Resource>')).sort();
  });
  expect(bare.length).toBeGreaterThan(0);
  expect(ours).toEqual(bare);
});
