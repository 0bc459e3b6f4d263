import { Environment, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CachedDockerImage, ImageRepository, LayerCache } from '../../lib';
import { TempContext } from '../testhelpers/temp-context';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const REPOSITORY = 'pipelinestack-image-repository-3a4999ec';
const URL_SUFFIX = { Ref: 'AWS::URLSuffix' };

/** The statements of the policy of the one repository. */
function policyOf(template: Template): any[] {
  const [repository] = Object.values(template.findResources('AWS::ECR::Repository'));
  return repository.Properties.RepositoryPolicyText.Statement;
}

function functionsOf(account: unknown, region: unknown) {
  const plain = typeof account === 'string' && typeof region === 'string';
  return {
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    Condition: {
      StringLike: {
        'aws:sourceArn': {
          'Fn::Join': ['', plain
            ? ['arn:', { Ref: 'AWS::Partition' }, `:lambda:${region}:${account}:function:*`]
            : ['arn:', { Ref: 'AWS::Partition' }, ':lambda:', region, ':', account, ':function:*']],
        },
      },
    },
  };
}

function principalsOf(account: string) {
  return {
    Effect: 'Allow',
    Principal: { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]] } },
    Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  };
}

describe('a pipeline and a stage without an environment', () => {
  test('mean the same account and region, whichever that is', () => {
    const pipeline = new TestPipeline();
    const image = pipeline.builtImage();
    const stage = pipeline.functionStage('Prod', image);
    expect(stage.imageUri).toEqual({
      'Fn::Join': ['', [{ Ref: 'AWS::AccountId' }, '.dkr.ecr.', { Ref: 'AWS::Region' }, '.', URL_SUFFIX, `/${REPOSITORY}:${image.imageTag}`]],
    });
  });

  test('let in the functions of this account only', () => {
    const pipeline = new TestPipeline();
    pipeline.functionStage('Prod', pipeline.builtImage());
    expect(policyOf(pipeline.template)).toEqual([functionsOf({ Ref: 'AWS::AccountId' }, { Ref: 'AWS::Region' })]);
  });
});

describe('a pipeline with an environment', () => {
  test.each<[string, Environment | undefined]>([
    ['another account', OTHER_ENV],
    ['the same account', PIPELINE_ENV],
    ['no environment of its own', undefined],
  ])('gives its literal address to a stage with %s', (_, env) => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const image = pipeline.builtImage();
    expect(pipeline.functionStage('Prod', image, env).imageUri).toEqual({
      'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', URL_SUFFIX, `/${REPOSITORY}:${image.imageTag}`]],
    });
  });

  test('lets in the functions of its own account only, unless others use the image', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    pipeline.functionStage('Prod', pipeline.builtImage(), PIPELINE_ENV);
    expect(policyOf(pipeline.template)).toEqual([functionsOf('111111111111', 'eu-west-1')]);
  });

  test('lets in another account in which the image is used: its roles, and Lambda for its functions', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    pipeline.functionStage('Prod', pipeline.builtImage(), OTHER_ENV);
    expect(policyOf(pipeline.template)).toEqual([
      functionsOf('111111111111', 'eu-west-1'),
      principalsOf('222222222222'),
      functionsOf('222222222222', 'eu-west-1'),
    ]);
    expect(pipeline.warnings()).toEqual([]);
  });

  test('lets in each account once, however many functions it has', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const image = pipeline.builtImage();
    for (const env of [OTHER_ENV, { ...OTHER_ENV, account: '333333333333' }]) {
      for (const id of ['Beta', 'Prod']) {
        pipeline.stage(`${id}${env.account}`, env, (stack) => {
          for (let i = 0; i < 5; i++) {
            new lambda.DockerImageFunction(stack, `Function${i}`, { code: image.lambdaCode(stack) });
          }
        });
      }
    }
    expect(policyOf(pipeline.template)).toEqual([
      functionsOf('111111111111', 'eu-west-1'),
      ...['222222222222', '333333333333'].flatMap((account) => [principalsOf(account), functionsOf(account, 'eu-west-1')]),
    ]);
  });

  test('lets in each account for each of two images in one repository once', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = new ImageRepository(pipeline.stack, 'Images');
    for (const id of ['Api', 'Report']) {
      pipeline.functionStage(`Prod${id}`, pipeline.builtImage(id, { repository }), OTHER_ENV);
    }
    expect(policyOf(pipeline.template)).toHaveLength(3);
  });

  test('does not let in Lambda of another account for an image that no function runs', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const image = pipeline.builtImage();
    pipeline.stage('Prod', OTHER_ENV, (stack) => image.imageUri(stack));
    expect(policyOf(pipeline.template)).toEqual([functionsOf('111111111111', 'eu-west-1'), principalsOf('222222222222')]);
  });

  test('names the partition of its region', () => {
    const env = { account: '111111111111', region: 'cn-north-1' };
    const pipeline = new TestPipeline({ env });
    const image = pipeline.builtImage();
    const stage = pipeline.stage('Prod', env, (stack) => new ecs.FargateTaskDefinition(stack, 'Task').addContainer('Main', {
      image: image.containerImage(stack),
    }));
    stage.template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Resource: `arn:aws-cn:ecr:cn-north-1:111111111111:repository/${REPOSITORY}` })]) },
    });
  });
});

describe('every stage', () => {
  test('can use an image several times in one scope', () => {
    const pipeline = new TestPipeline();
    const image = pipeline.builtImage();
    let uris: string[] = [];
    const stage = pipeline.stage('Prod', undefined, (stack) => {
      image.lambdaCode(stack);
      uris = [image.imageUri(stack), image.imageUri(stack)];
    });
    expect(stage.stack.resolve(uris[0])).toEqual(stage.stack.resolve(uris[1]));
  });

  test('can use several images in one scope', () => {
    const pipeline = new TestPipeline();
    const images = ['Api', 'Report'].map((id) => pipeline.builtImage(id));
    pipeline.stage('Prod', undefined, (stack) => {
      const uris = images.map((image) => JSON.stringify(stack.resolve(image.imageUri(stack))));
      expect(uris[0]).toContain('pipelinestack-api-repository');
      expect(uris[1]).toContain('pipelinestack-report-repository');
    });
  });

  test('can use images with the same id from two stacks', () => {
    const pipeline = new TestPipeline();
    const first = pipeline.builtImage();
    const second = new CachedDockerImage(new Stack(pipeline.app, 'OtherStack'), 'Image', { context: new TempContext().context });
    pipeline.stage('Prod', undefined, (stack) => {
      expect(stack.resolve(first.imageUri(stack))).not.toEqual(stack.resolve(second.imageUri(stack)));
    });
  });

  test('runs a container from the image, and may pull it', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const image = pipeline.builtImage();
    const { template } = pipeline.stage('Prod', OTHER_ENV, (stack) => new ecs.FargateTaskDefinition(stack, 'Task').addContainer('Main', {
      image: image.containerImage(stack),
    }));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({
        Image: { 'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', URL_SUFFIX, `/${REPOSITORY}:${image.imageTag}`]] },
      })],
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
          Resource: `arn:aws:ecr:eu-west-1:111111111111:repository/${REPOSITORY}`,
        })]),
      },
    });
  });

  test.each<[string, (image: CachedDockerImage, stack: Stack) => unknown]>([
    ['lambdaCode', (image, stack) => image.lambdaCode(stack)],
    ['containerImage', (image, stack) => image.containerImage(stack)],
    ['imageUri', (image, stack) => image.imageUri(stack)],
  ])('fails in another region with %s', (_, use) => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const image = pipeline.builtImage();
    expect(() => pipeline.stage('Prod', { account: '111111111111', region: 'us-east-1' }, (stack) => use(image, stack)))
      .toThrow("'PipelineStack/Prod/Service': the image 'PipelineStack/Image' is in region eu-west-1, and can be used in that region only, got us-east-1; define another image with a repository in us-east-1");
  });

  test.each<[string, Environment | undefined, Environment, string]>([
    ['with a region', undefined, { region: 'eu-west-1' }, 'region eu-west-1'],
    ['with an account', undefined, { account: '111111111111' }, 'account 111111111111'],
    ['with both', undefined, PIPELINE_ENV, 'region eu-west-1'],
    ['with an account, when the pipeline says the region only', { region: 'eu-west-1' }, PIPELINE_ENV, 'account 111111111111'],
  ])('fails %s when the pipeline does not say its own', (_, pipelineEnv, env, what) => {
    const pipeline = new TestPipeline({ env: pipelineEnv });
    const image = pipeline.builtImage();
    expect(() => pipeline.functionStage('Prod', image, env)).toThrow(
      `'PipelineStack/Prod/Service': it is in ${what}, but the ${what.split(' ')[0]} of the image 'PipelineStack/Image' is not known at synthesis; give the stack of the pipeline an explicit env`);
  });
});

describe('a repository that is given', () => {
  test('may be a plain one with a name, whose policy is then extended', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = new ecr.Repository(pipeline.stack, 'Plain', { repositoryName: 'team/plain' });
    const image = pipeline.builtImage('Image', { repository });
    const stage = pipeline.functionStage('Prod', image, OTHER_ENV);
    expect(stage.imageUri).toEqual({ 'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', URL_SUFFIX, `/team/plain:${image.imageTag}`]] });
    expect(policyOf(pipeline.template)).toEqual([principalsOf('222222222222'), functionsOf('222222222222', 'eu-west-1')]);
    expect(pipeline.warnings(stage.stack)).toEqual([]);
  });

  test('may be an import by name, which is in the environment of the pipeline', () => {
    const pipeline = new TestPipeline();
    const repository = ecr.Repository.fromRepositoryName(pipeline.stack, 'Foreign', 'team/foreign');
    const stage = pipeline.functionStage('Prod', pipeline.builtImage('Image', { repository }));
    expect(JSON.stringify(stage.imageUri)).toContain('/team/foreign:');
    expect([...pipeline.warnings(), ...pipeline.warnings(stage.stack)]).toEqual([]);
  });

  test.each<[string, Environment | undefined]>([
    ['with another account', OTHER_ENV],
    ['with the account of the pipeline', PIPELINE_ENV],
    ['without an environment, which is in the account of the pipeline', undefined],
  ])('may be an import from elsewhere, and a stage %s is warned that it is not let in', (_, env) => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Foreign', 'arn:aws:ecr:eu-west-1:333333333333:repository/team/foreign');
    const image = pipeline.builtImage('Image', { repository });
    const stage = pipeline.functionStage('Prod', image, env);
    expect(stage.imageUri).toEqual({ 'Fn::Join': ['', ['333333333333.dkr.ecr.eu-west-1.', URL_SUFFIX, `/team/foreign:${image.imageTag}`]] });
    expect(pipeline.warnings(stage.stack)).toEqual(['cdk-cached-docker-build:repositoryPolicy']);
  });

  test('fails for a stage without an environment, which is in the region of the pipeline and not in that of the import', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Foreign', 'arn:aws:ecr:us-east-1:111111111111:repository/team/foreign');
    const image = pipeline.builtImage('Image', { repository });
    expect(() => pipeline.functionStage('Prod', image))
      .toThrow("'PipelineStack/Prod/Service': the image 'PipelineStack/Image' is in region us-east-1, and can be used in that region only, got eu-west-1");
  });

  test('gives a warning that can be read when the account of the pipeline is not known', () => {
    const pipeline = new TestPipeline();
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Foreign', 'arn:aws:ecr:eu-west-1:333333333333:repository/team/foreign');
    const stage = pipeline.functionStage('Prod', pipeline.builtImage('Image', { repository }));
    expect(JSON.stringify(Annotations.fromStack(stage.stack).findWarning('*', Match.anyValue()).map(({ entry }) => entry.data))).not.toContain('${Token[');
  });

  test('from elsewhere has to let the build push, of which the pipeline is warned', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Foreign', 'arn:aws:ecr:eu-west-1:222222222222:repository/team/foreign');
    const image = pipeline.image('Image', { repository });
    pipeline.synthesizeStep({ images: [image] });
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:repositoryPolicy']);
  });

  test('and so has the repository of a layer cache', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Layers', 'arn:aws:ecr:eu-west-1:222222222222:repository/team/layers');
    pipeline.synthesizeStep({ layerCache: LayerCache.registry({ repository }) });
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:repositoryPolicy']);
  });

  test('may be an import from elsewhere, without a warning for a stage in the account of the repository', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Foreign', 'arn:aws:ecr:eu-west-1:222222222222:repository/team/foreign');
    const stage = pipeline.functionStage('Prod', pipeline.builtImage('Image', { repository }), OTHER_ENV);
    expect(pipeline.warnings(stage.stack)).toEqual([]);
  });
  test('may belong to another account of the app, and lets in the account of the pipeline for a stage without an environment', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const repository = new ImageRepository(new Stack(pipeline.app, 'Tools', { env: OTHER_ENV }), 'Images', { repositoryName: 'images' });
    pipeline.functionStage('Prod', pipeline.builtImage('Image', { repository }));
    expect(policyOf(Template.fromStack(Stack.of(repository)))).toEqual([
      functionsOf('222222222222', 'eu-west-1'),
      principalsOf('111111111111'),
      functionsOf('111111111111', 'eu-west-1'),
    ]);
  });
});
