import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { allowAccount, allowLambda } from '../../lib/repository/image-consumers';

const ACCOUNT = '222222222222';
const PARTITION = { Ref: 'AWS::Partition' };

let stack: Stack;
let repository: ecr.Repository;

beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  repository = new ecr.Repository(stack, 'Repository');
});

function statements(): any[] {
  const [definition] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  return definition.Properties?.RepositoryPolicyText?.Statement ?? [];
}

test('nobody is let in unless asked for', () => {
  expect(statements()).toEqual([]);
});

test('Lambda may pull for the functions of one account and region, and for nothing else', () => {
  expect(allowLambda(repository, ACCOUNT, 'eu-west-1')).toBe(true);
  expect(statements()).toEqual([{
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    Condition: { StringLike: { 'aws:sourceArn': { 'Fn::Join': ['', ['arn:', PARTITION, ':lambda:eu-west-1:222222222222:function:*']] } } },
  }]);
});

test('an account may pull, and not push', () => {
  expect(allowAccount(repository, ACCOUNT)).toBe(true);
  expect(statements()).toEqual([{
    Effect: 'Allow',
    Principal: { AWS: { 'Fn::Join': ['', ['arn:', PARTITION, ':iam::222222222222:root']] } },
    Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  }]);
});

test('asking again changes nothing', () => {
  for (const allow of [() => allowLambda(repository, ACCOUNT, 'eu-west-1'), () => allowAccount(repository, ACCOUNT)]) {
    expect([allow(), allow(), allow()]).toEqual([true, true, true]);
  }
  expect(statements()).toHaveLength(2);
});

test('each account and each repository has a statement of its own', () => {
  const other = new ecr.Repository(stack, 'Other');
  for (const each of [repository, other]) {
    for (const account of [ACCOUNT, '333333333333']) {
      allowAccount(each, account);
    }
  }
  expect(Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository')).map(({ Properties }) => Properties.RepositoryPolicyText.Statement.length)).toEqual([2, 2]);
});

test('says each time that the policy of an import cannot be changed', () => {
  const imported = ecr.Repository.fromRepositoryName(stack, 'Foreign', 'foreign');
  expect([allowAccount(imported, ACCOUNT), allowAccount(imported, ACCOUNT)]).toEqual([false, false]);
  expect([allowLambda(imported, ACCOUNT, 'eu-west-1'), allowLambda(imported, ACCOUNT, 'eu-west-1')]).toEqual([false, false]);
});
