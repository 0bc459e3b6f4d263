import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { CacheRepository, CacheRepositoryProps } from '../../lib';

/** What the template says of the repository. */
function repository(props?: CacheRepositoryProps, stack = new Stack()): any {
  new CacheRepository(stack, 'Layers', props);
  const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  return resource;
}

function lifecycleRules(props?: CacheRepositoryProps): any[] {
  return JSON.parse(repository(props).Properties.LifecyclePolicy.LifecyclePolicyText).rules;
}

test('its tags move, it goes with its stack, and takes what it holds with it', () => {
  const { Properties, DeletionPolicy, UpdateReplacePolicy } = repository();
  expect(Properties).toMatchObject({ ImageTagMutability: 'MUTABLE', EmptyOnDelete: true });
  expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Delete', 'Delete']);
});

test('by default it has neither a name, nor a key, nor a policy, nor scans', () => {
  expect(Object.keys(repository().Properties).sort()).toEqual(['EmptyOnDelete', 'ImageTagMutability', 'LifecyclePolicy']);
});

test('what was written again goes after a day, and what nothing writes any more after thirty', () => {
  expect(lifecycleRules()).toEqual([
    {
      rulePriority: 1,
      description: 'Caches that were written again',
      selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 1, countUnit: 'days' },
      action: { type: 'expire' },
    },
    {
      rulePriority: 2,
      description: 'Caches that nothing writes any more',
      selection: { tagStatus: 'any', countType: 'sinceImagePushed', countNumber: 30, countUnit: 'days' },
      action: { type: 'expire' },
    },
  ]);
});

test('what nothing writes any more may be kept longer', () => {
  expect(lifecycleRules({ maxAge: Duration.days(90) }).map(({ selection }) => selection.countNumber)).toEqual([1, 90]);
});

test.each([[13, 1], [14, 0], [30, 0]])('one that forgets too soon is warned of: %i days', (days, warnings) => {
  const stack = new Stack();
  new CacheRepository(stack, 'Layers', { maxAge: Duration.days(days) });
  const message = `maxAge is ${days} days, and a cache that is in use is written again once a week, so it may be gone when a build needs it;`
    + ' give at least Duration.days(14) [ack: cdk-cached-docker-build:shortCacheAge]';
  expect(Annotations.fromStack(stack).findWarning('*', message)).toHaveLength(warnings);
});

test('it may have a name, by which others find it', () => {
  expect(repository({ repositoryName: 'team/layers' }).Properties.RepositoryName).toBe('team/layers');
});

test('it may be encrypted with a key', () => {
  const stack = new Stack();
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
  expect(repository({ encryption: ecr.RepositoryEncryption.KMS, encryptionKey }, stack).Properties.EncryptionConfiguration)
    .toEqual({ EncryptionType: 'KMS', KmsKey: 'arn:aws:kms:eu-west-1:111111111111:key/1' });
});

test('one that stays when it leaves the stack keeps what it holds', () => {
  const { Properties, DeletionPolicy } = repository({ removalPolicy: RemovalPolicy.RETAIN });
  expect(DeletionPolicy).toBe('Retain');
  expect(Properties).not.toHaveProperty('EmptyOnDelete', true);
});

test('nobody is let in from elsewhere', () => {
  const stack = new Stack();
  new CacheRepository(stack, 'Layers');
  Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { RepositoryPolicyText: Match.absent() });
});
