import { CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ImageRepository, ImageRepositoryProps } from '../../lib';
import { RepositoryIdentity } from '../../lib/repository/repository-identity';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

/** What Amazon ECR takes as the name of a repository. */
const REPOSITORY_NAME = /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** The repository in the template of a stack. */
function synthesize(props?: ImageRepositoryProps): any {
  const stack = new Stack();
  new ImageRepository(stack, 'Images', props);
  const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  return repository;
}

function isMoving(repository: ImageRepository, tag: string): boolean {
  return RepositoryIdentity.of(repository, repository).isMoving(tag);
}

function nameOf(scope: Construct, id: string = 'Images'): string {
  return (new ImageRepository(scope, id).node.defaultChild as ecr.CfnRepository).repositoryName!;
}

function exclusions(...patterns: string[]) {
  return patterns.map((pattern) => ({ ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue: pattern }));
}

describe('tags', () => {
  test('are immutable, except those of the layer cache and latest', () => {
    expect(synthesize().Properties).toMatchObject({
      ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      ImageTagMutabilityExclusionFilters: exclusions('cache-*', 'latest'),
    });
  });

  test.each<[string[], string[]]>([
    [['main', 'branch-*'], ['cache-*', 'latest', 'main', 'branch-*']],
    [[], ['cache-*', 'latest']],
    [['latest', 'main', 'main'], ['cache-*', 'latest', 'main']],
  ])('given as mutable leave latest and the layer cache mutable: %j', (mutableTags, patterns) => {
    expect(synthesize({ mutableTags }).Properties.ImageTagMutabilityExclusionFilters).toEqual(exclusions(...patterns));
  });

  test.each<[string, string[], boolean]>([
    ['latest', [], true],
    ['latest', ['main'], true],
    ['main', [], false],
    ['latest-1', ['latest'], false],
    ['my-latest', ['latest'], false],
    ['cache-a', [], true],
    ['cache-', [], true],
    ['cache', [], false],
    ['a-cache-b', [], false],
    ['main-1', ['main-*'], true],
    ['a-x-b', ['a-*-b'], true],
    ['a-b', ['a-*-b'], false],
    ['1x0', ['1.0'], false],
    ['1.0', ['1.0'], true],
  ])('move or not as Amazon ECR reads the patterns: %s with %j', (tag, mutableTags, moves) => {
    expect(isMoving(new ImageRepository(new Stack(), 'Images', { mutableTags }), tag)).toBe(moves);
  });

  test('can be three mutable ones, and latest', () => {
    expect(synthesize({ mutableTags: ['a', 'b', 'c', 'latest'] }).Properties.ImageTagMutabilityExclusionFilters).toHaveLength(5);
  });

  test('fails for four mutable ones', () => {
    expect(() => synthesize({ mutableTags: ['a', 'b', 'c', 'd'] }))
      .toThrow("'Images': mutableTags takes at most 3 tags besides 'latest', got [\"a\",\"b\",\"c\",\"d\"]; use a pattern such as 'branch-*'");
  });
});

test('what has lost its tag is removed after a day, and nothing else ever', () => {
  const { rules } = JSON.parse(synthesize().Properties.LifecyclePolicy.LifecyclePolicyText);
  expect(rules).toEqual([{
    rulePriority: 1,
    description: expect.any(String),
    selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 1, countUnit: 'days' },
    action: { type: 'expire' },
  }]);
});

test('images are scanned when they are pushed, unless that is off', () => {
  expect(synthesize().Properties.ImageScanningConfiguration).toEqual({ ScanOnPush: true });
  expect(synthesize({ imageScanOnPush: false }).Properties.ImageScanningConfiguration).toEqual({ ScanOnPush: false });
});

test('the repository outlives its stack and keeps its images, unless it is to be destroyed', () => {
  expect(synthesize()).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(synthesize().Properties).not.toHaveProperty('EmptyOnDelete');
  expect(synthesize({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true }))
    .toMatchObject({ DeletionPolicy: 'Delete', Properties: { EmptyOnDelete: true } });
});

test('images are encrypted by Amazon ECR, unless a key is given', () => {
  expect(synthesize().Properties).not.toHaveProperty('EncryptionConfiguration');
  expect(synthesize({ encryption: ecr.RepositoryEncryption.KMS }).Properties.EncryptionConfiguration).toEqual({ EncryptionType: 'KMS' });
  const stack = new Stack();
  const encryptionKey = new kms.Key(stack, 'Key');
  new ImageRepository(stack, 'Images', { encryptionKey });
  Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
    EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: stack.resolve(encryptionKey.keyArn) },
  });
});

test.each([
  ['without an environment', undefined, [':lambda:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':function:*']],
  ['with one', PIPELINE_ENV, [':lambda:eu-west-1:111111111111:function:*']],
])('the policy lets in the functions of this account only, in a stack %s', (_, env, arn) => {
  const { stack } = new TestPipeline({ env });
  new ImageRepository(stack, 'Images');
  Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
    RepositoryPolicyText: {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Condition: { StringLike: { 'aws:sourceArn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...arn]] } } },
      }],
    },
  });
});

test('nothing but the repository is made', () => {
  const stack = new Stack();
  new ImageRepository(stack, 'Images');
  expect(stack.node.findAll().map(({ node }) => node.path)).toEqual(['Default', 'Default/Images', 'Default/Images/Resource']);
  expect(Object.values(Template.fromStack(stack).toJSON().Resources).map((resource: any) => resource.Type)).toEqual(['AWS::ECR::Repository']);
});

describe('the name', () => {
  test('is the one that is given', () => {
    expect(synthesize({ repositoryName: 'team/images' }).Properties.RepositoryName).toBe('team/images');
  });

  test('is made from the path of the construct', () => {
    const { stack } = new TestPipeline();
    expect(nameOf(stack)).toMatch(/^pipelinestack-images-[0-9a-f]{8}$/);
  });

  test('is the same in each synthesis', () => {
    expect(nameOf(new TestPipeline().stack)).toEqual(nameOf(new TestPipeline({ env: PIPELINE_ENV }).stack));
  });

  test.each(['Images', 'x'.repeat(255), 'My_Images', 'a.b', 'A b', '1', '-', '--x--', '画像', 'Ünïcode'])('is one that Amazon ECR takes, for a construct with the id %s', (id) => {
    const parent = new Construct(new TestPipeline().stack, id);
    expect(nameOf(parent, 'Repository')).toMatch(REPOSITORY_NAME);
    expect(nameOf(parent, id)).toMatch(REPOSITORY_NAME);
  });

  test('is another one for each path', () => {
    const { app, stack } = new TestPipeline();
    const parent = new Construct(stack, 'Parent');
    const names = [
      nameOf(stack, 'Images'),
      nameOf(stack, 'images'),
      nameOf(stack, 'Ima-ges'),
      nameOf(stack, 'ParentImages'),
      nameOf(parent, 'Images'),
      nameOf(new Stack(app, 'OtherStack'), 'Images'),
      nameOf(stack, `${'x'.repeat(250)}1`),
      nameOf(stack, `${'x'.repeat(250)}2`),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test('fails when it is known at deployment only', () => {
    const stack = new Stack();
    expect(() => new ImageRepository(stack, 'Images', { repositoryName: new CfnParameter(stack, 'Name').valueAsString }))
      .toThrow("'Images': repositoryName must be known at synthesis, because other stages find the repository by it, got a token; give a plain string");
  });

  test('fails for a second repository with the same id, as any construct does', () => {
    const { stack } = new TestPipeline();
    new ImageRepository(stack, 'Images');
    expect(() => new ImageRepository(stack, 'Images')).toThrow("There is already a Construct with name 'Images' in Stack");
  });
});

test('the repository can be used like any other', () => {
  const stack = new Stack();
  const repository: ecr.Repository = new ImageRepository(stack, 'Images');
  repository.addLifecycleRule({ tagPrefixList: ['branch-'], maxImageCount: 5 });
  Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
    LifecyclePolicy: { LifecyclePolicyText: Match.stringLikeRegexp('"tagPrefixList":\\["branch-"\\]') },
  });
});
