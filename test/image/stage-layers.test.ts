import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CachedDockerBuildStep, CachedDockerImage, CacheMode, CacheRepository, DockerContext, ImageRepository, LayerCache } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const STAGES = ['FROM node AS build', 'RUN make', 'FROM scratch', 'COPY --from=build /out /'];
const OWN = 'pipelinestack-image-stagelayers-[0-9a-f]{8}';

function contextOf(...dockerfile: readonly string[]): DockerContext {
  return new TempContext({ Dockerfile: dockerfile.join('\n') }).context;
}

let pipeline: TestPipeline;

beforeEach(() => { pipeline = new TestPipeline({ env: PIPELINE_ENV }); });

function names(template: Template): unknown[] {
  return Object.values(template.findResources('AWS::ECR::Repository')).map(({ Properties }) => Properties.RepositoryName);
}

/** Ends the definition of the app. */
function expectNone(image: CachedDockerImage): void {
  expect(pipeline.plan(image)).not.toHaveProperty('cacheRepository');
  expect(names(pipeline.template).filter((name) => /stagelayers/.test(String(name)))).toEqual([]);
}

describe('where another account uses an image whose Dockerfile has several stages', () => {
  test('the layer cache is in a repository of its own, which that account cannot read', () => {
    const image = pipeline.builtImage('Image', { context: contextOf(...STAGES) });
    pipeline.functionStage('Prod', image, OTHER_ENV);
    const { cacheRepository } = pipeline.plan(image);
    expect(cacheRepository).toMatch(new RegExp(`^111111111111\\.dkr\\.ecr\\.eu-west-1\\.amazonaws\\.com/${OWN}$`));
    const { template } = pipeline;
    template.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Delete',
      Properties: {
        RepositoryName: cacheRepository.split('/')[1],
        RepositoryPolicyText: Match.absent(),
        EncryptionConfiguration: Match.absent(),
        LifecyclePolicy: Match.anyValue(),
      },
    });
  });

  test.each([['before', true], ['after', false]])('a step that is defined %s the stage may use that repository, and the one of the image', (_, isFirst) => {
    const image = pipeline.image('Image', { context: contextOf(...STAGES) });
    const define = [
      () => pipeline.pipeline.addWave('Images', { pre: [new CachedDockerBuildStep('Build', { images: [image], pipeline: pipeline.pipeline })] }),
      () => pipeline.functionStage('Prod', image, OTHER_ENV),
    ];
    (isFirst ? define : define.reverse()).forEach((part) => part());
    const { template } = pipeline;
    const push = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => Action.includes('ecr:PutImage'));
    const repositories = Object.keys(template.findResources('AWS::ECR::Repository'));
    expect(push.flatMap(({ Resource }) => Resource)).toEqual(repositories.map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] })));
    expect(repositories).toHaveLength(2);
    expect(new Set(push.map(({ Action }) => Action.join())).size).toBe(1);
  });

  test('several steps and accounts share that repository', () => {
    const image = pipeline.builtImage('Image', { context: contextOf(...STAGES) });
    pipeline.functionStage('Prod', image, OTHER_ENV);
    pipeline.functionStage('Test', image, { ...OTHER_ENV, account: '333333333333' });
    pipeline.pipeline.addWave('Again', { pre: [new CachedDockerBuildStep('Again', { images: [image], pipeline: pipeline.pipeline })] });
    expect(names(pipeline.template)).toHaveLength(2);
  });

  test('it is encrypted as the image is', () => {
    const key = new kms.Key(pipeline.stack, 'Key');
    const repository = new ImageRepository(pipeline.stack, 'Images', { encryption: ecr.RepositoryEncryption.KMS, encryptionKey: key });
    pipeline.functionStage('Prod', pipeline.builtImage('Image', { context: contextOf(...STAGES), repository }), OTHER_ENV);
    const [one, other, ...more] = Object.values(pipeline.template.findResources('AWS::ECR::Repository')).map(({ Properties }) => Properties.EncryptionConfiguration);
    expect(one).toMatchObject({ EncryptionType: 'KMS' });
    expect([other, ...more]).toEqual([one]);
  });

  test('it is there, too, where the repository of the image is defined elsewhere', () => {
    const repository = ecr.Repository.fromRepositoryName(pipeline.stack, 'Given', 'team/given');
    const image = pipeline.builtImage('Image', { context: contextOf(...STAGES), repository });
    pipeline.functionStage('Prod', image, OTHER_ENV);
    expect(pipeline.plan(image).cacheRepository).toMatch(new RegExp(`/${OWN}$`));
  });

  test('so it is for an image of a source, whose Dockerfile nobody knows', () => {
    const image = pipeline.builtImage('Image', { context: DockerContext.pipelineSource(pipeline.source) });
    pipeline.functionStage('Prod', image, OTHER_ENV);
    expect(pipeline.plan(image).cacheRepository).toMatch(new RegExp(`/${OWN}$`));
  });
});

describe('the layer cache stays where it is', () => {
  test('where no other account uses the image', () => {
    const image = pipeline.builtImage('Image', { context: contextOf(...STAGES) });
    pipeline.functionStage('Prod', image, PIPELINE_ENV);
    pipeline.functionStage('Test', image);
    expectNone(image);
  });

  test.each([
    ['there is one stage only', ['FROM node', 'RUN make']],
    ['all stages are below the last one', ['FROM node AS base', 'RUN make', 'FROM base', 'COPY a b']],
    ['the other stages are not built', ['FROM node AS other', 'RUN make', 'FROM node', 'COPY --from=python /a /b']],
  ])('where %s', (_, dockerfile) => {
    const image = pipeline.builtImage('Image', { context: new TempContext({ Dockerfile: dockerfile.join('\n'), a: '' }).context });
    pipeline.functionStage('Prod', image, OTHER_ENV);
    expectNone(image);
  });

  test.each<[string, (stack: Stack) => LayerCache]>([
    ['a repository that the step names', (stack) => LayerCache.registry({ repository: new CacheRepository(stack, 'Layers') })],
    ['a bucket', (stack) => LayerCache.s3(new s3.Bucket(stack, 'Bucket'))],
    ['the image itself', () => LayerCache.inline()],
    ['no place', () => LayerCache.none()],
    ['the repository of the image, without the layers of other stages', () => LayerCache.registry({ mode: CacheMode.MIN })],
  ])('where it is in %s', (_, layerCache) => {
    const image = pipeline.image('Image', { context: contextOf(...STAGES) });
    const step = new CachedDockerBuildStep('Build', { images: [image], pipeline: pipeline.pipeline, layerCache: layerCache(pipeline.stack) });
    pipeline.pipeline.addWave('Images', { pre: [step] });
    pipeline.functionStage('Prod', image, OTHER_ENV);
    expectNone(image);
  });
});
