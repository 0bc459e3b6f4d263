import { App, CfnParameter, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, PullThroughCache, PullThroughCacheProps, RegistryMirror, UpstreamRegistry } from '../../../lib';
import { OTHER_ENV, PIPELINE_ENV, TestPipeline } from '../../testhelpers/test-pipeline';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:ecr-pullthroughcache/hub-AbCdEf';

const stackOf = () => new Stack(undefined, 'Stack', { env: PIPELINE_ENV });
const credentialsIn = (stack: Stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Credentials', SECRET);
const ecrArn = (name: string, place = 'eu-west-1:111111111111') => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ecr:${place}:repository/${name}`]] });

/** Amazon ECR acts for other accounts as well, with other roles. */
const OWN_ACCOUNT = { StringEqualsIfExists: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

/** What the template says of the rule, its template and its roles. */
function synthesize(props: PullThroughCacheProps, stack = stackOf()) {
  const cache = new PullThroughCache(stack, 'Cache', props);
  const template = Template.fromStack(stack);
  const properties = (type: string) => Object.values(template.findResources(type)).map(({ Properties }) => Properties);
  const [rule] = properties('AWS::ECR::PullThroughCacheRule');
  const [creation] = properties('AWS::ECR::RepositoryCreationTemplate');
  return { cache, rule, creation, roles: properties('AWS::IAM::Role'), policies: properties('AWS::IAM::Policy') };
}

test.each<[string, UpstreamRegistry, object]>([
  ['Quay', UpstreamRegistry.quay(), { EcrRepositoryPrefix: 'quay', UpstreamRegistry: 'quay', UpstreamRegistryUrl: 'quay.io' }],
  ['Kubernetes', UpstreamRegistry.kubernetes(), { EcrRepositoryPrefix: 'kubernetes', UpstreamRegistry: 'k8s', UpstreamRegistryUrl: 'registry.k8s.io' }],
  ['Amazon ECR Public', UpstreamRegistry.ecrPublic(), { EcrRepositoryPrefix: 'ecr-public', UpstreamRegistry: 'ecr-public', UpstreamRegistryUrl: 'public.ecr.aws' }],
])('%s is cached without credentials', (_, upstream, expected) => {
  expect(synthesize({ upstream }).rule).toEqual(expected);
});

test.each<[string, UpstreamRegistry, object]>([
  ['Docker Hub', UpstreamRegistry.dockerHub(), { EcrRepositoryPrefix: 'docker-hub', UpstreamRegistry: 'docker-hub', UpstreamRegistryUrl: 'registry-1.docker.io' }],
  ['GitHub', UpstreamRegistry.gitHub(), { EcrRepositoryPrefix: 'github', UpstreamRegistry: 'github-container-registry', UpstreamRegistryUrl: 'ghcr.io' }],
  ['GitLab', UpstreamRegistry.gitLab(), { EcrRepositoryPrefix: 'gitlab', UpstreamRegistry: 'gitlab-container-registry', UpstreamRegistryUrl: 'registry.gitlab.com' }],
  ['Chainguard', UpstreamRegistry.chainguard(), { EcrRepositoryPrefix: 'chainguard', UpstreamRegistry: 'chainguard', UpstreamRegistryUrl: 'cgr.dev' }],
  ['Azure', UpstreamRegistry.azure('example'), { EcrRepositoryPrefix: 'azure', UpstreamRegistry: 'azure-container-registry', UpstreamRegistryUrl: 'example.azurecr.io' }],
])('%s is cached with credentials', (_, upstream, expected) => {
  const stack = stackOf();
  expect(synthesize({ upstream, credentials: credentialsIn(stack) }, stack).rule).toEqual({ ...expected, CredentialArn: SECRET });
});

describe('another registry of Amazon ECR is cached', () => {
  test('without a role when it is in this account', () => {
    const { rule, roles } = synthesize({ upstream: UpstreamRegistry.ecr('111111111111', 'us-east-1') });
    expect(rule).toEqual({ EcrRepositoryPrefix: '111111111111-us-east-1', UpstreamRegistry: 'ecr', UpstreamRegistryUrl: '111111111111.dkr.ecr.us-east-1.amazonaws.com' });
    expect(roles).toEqual([]);
  });

  test.each([['another account', stackOf], ['what may be another account', () => new Stack()]])('with a role when it is in %s', (_, stack) => {
    const { rule, roles, policies } = synthesize({ upstream: UpstreamRegistry.ecr('222222222222', 'eu-west-1'), repositoryPrefix: 'base' }, stack());
    expect(rule.CustomRoleArn).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^CacheUpstreamRole/), 'Arn'] });
    expect(roles[0].AssumeRolePolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'pullthroughcache.ecr.amazonaws.com' }, Condition: OWN_ACCOUNT },
    ]);
    const [token, upstream, own] = policies[0].PolicyDocument.Statement;
    expect(token).toEqual({ Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' });
    expect(upstream.Action).toEqual(['ecr:BatchGetImage', 'ecr:BatchImportUpstreamImage', 'ecr:GetDownloadUrlForLayer', 'ecr:GetImageCopyStatus']); // and no push
    expect(upstream.Resource).toEqual(ecrArn('*', 'eu-west-1:222222222222'));
    expect(own.Action).toEqual(expect.arrayContaining(['ecr:BatchImportUpstreamImage', 'ecr:InitiateLayerUpload', 'ecr:PutImage']));
    expect(JSON.stringify(own.Resource)).toContain('repository/base/*');
  });

  test('once that role may do what it is for', () => {
    const stack = stackOf();
    new PullThroughCache(stack, 'Cache', { upstream: UpstreamRegistry.ecr('222222222222', 'eu-west-1') });
    Template.fromStack(stack).hasResource('AWS::ECR::PullThroughCacheRule', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^CacheUpstreamRoleDefaultPolicy')]) });
  });
});

describe('the repositories of cached images', () => {
  test('have tags that move, and images that go after thirty days', () => {
    const { creation } = synthesize({ upstream: UpstreamRegistry.quay() });
    expect({ ...creation, LifecyclePolicy: JSON.parse(creation.LifecyclePolicy) }).toEqual({
      Prefix: 'quay',
      AppliedFor: ['PULL_THROUGH_CACHE'],
      Description: 'Images of quay.io',
      ImageTagMutability: 'MUTABLE',
      LifecyclePolicy: {
        rules: [{
          rulePriority: 1,
          description: 'Images that came long ago, which the next pull brings again',
          selection: { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 30 },
          action: { type: 'expire' },
        }],
      },
    });
  });

  test('may keep them for longer', () => {
    const { creation } = synthesize({ upstream: UpstreamRegistry.quay(), maxAge: Duration.days(90) });
    expect(JSON.parse(creation.LifecyclePolicy).rules[0].selection.countNumber).toBe(90);
  });

  test('may be encrypted with a key, for which Amazon ECR gets a role', () => {
    const stack = stackOf();
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
    const { creation, roles, policies } = synthesize({ upstream: UpstreamRegistry.quay(), encryptionKey }, stack);
    expect(creation).toMatchObject({
      EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: 'arn:aws:kms:eu-west-1:111111111111:key/1' },
      CustomRoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^CacheTemplateRole/), 'Arn'] },
    });
    expect(roles[0].AssumeRolePolicyDocument.Statement[0]).toMatchObject({ Principal: { Service: 'ecr.amazonaws.com' }, Condition: OWN_ACCOUNT });
    expect(policies[0].PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: ['ecr:CreateRepository', 'ecr:TagResource'], Resource: ecrArn('quay/*') },
      { Effect: 'Allow', Action: ['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'], Resource: 'arn:aws:kms:eu-west-1:111111111111:key/1' },
    ]);
  });

  test.each([Duration.hours(36), Duration.days(0)])('cannot go after %s', (maxAge) => {
    expect(() => synthesize({ upstream: UpstreamRegistry.quay(), maxAge })).toThrow(/'Stack\/Cache': maxAge must be a whole number of days, one at least, got .*; for example Duration\.days\(30\)/);
  });
});

const PULL = [
  'ecr:BatchGetImage', 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository', 'ecr:GetDownloadUrlForLayer',
];

describe('a build with the mirror of a cache', () => {
  test('pulls through it, and may do what that needs below the prefix only', () => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    const cache = new PullThroughCache(pipeline.stack, 'Hub', { upstream: UpstreamRegistry.dockerHub(), repositoryPrefix: 'hub', credentials: credentialsIn(pipeline.stack) });
    const { settings, statements } = pipeline.synthesizeStep({ builder: DockerBuilder.buildkit({ mirrors: [cache.mirror] }) });
    expect(settings.builder.mirrors).toEqual([{ upstream: 'docker.io', endpoint: '111111111111.dkr.ecr.eu-west-1.${AWS::URLSuffix}/hub' }]);
    expect(settings.ecrHosts).toEqual(['111111111111.dkr.ecr.eu-west-1.${AWS::URLSuffix}']);
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('BatchImportUpstreamImage')))
      .toEqual([{ Effect: 'Allow', Action: PULL, Resource: ecrArn('hub/*') }]);
    expect(JSON.stringify(statements)).not.toContain('secretsmanager');
  });

  test('works with a cache of another stack without an export between them', () => {
    const pipeline = new TestPipeline();
    const shared = new Stack(pipeline.app, 'Shared');
    const cache = new PullThroughCache(shared, 'Quay', { upstream: UpstreamRegistry.quay() });
    const { settings, template } = pipeline.synthesizeStep({ builder: DockerBuilder.buildkit({ mirrors: [cache.mirror] }) });
    expect(settings.builder.mirrors).toEqual([{ upstream: 'quay.io', endpoint: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/quay' }]);
    expect(JSON.stringify(template.toJSON())).not.toContain('Fn::ImportValue');
  });
});

describe('a build is warned of the policies of', () => {
  const warnings = (mirror: (pipeline: TestPipeline) => RegistryMirror) => {
    const pipeline = new TestPipeline({ env: PIPELINE_ENV });
    pipeline.synthesizeStep({ builder: DockerBuilder.buildkit({ mirrors: [mirror(pipeline)] }) });
    return pipeline.warnings();
  };

  test.each<[string, (pipeline: TestPipeline) => RegistryMirror]>([
    ['a cache in a stack of another account', ({ app }) => new PullThroughCache(new Stack(app, 'Other', { env: OTHER_ENV }), 'Quay', { upstream: UpstreamRegistry.quay() }).mirror],
    ['an imported rule of another account', ({ stack }) =>
      PullThroughCache.fromPullThroughCacheAttributes(stack, 'Quay', { upstream: UpstreamRegistry.quay(), account: OTHER_ENV.account }).mirror],
    ['copies in Amazon ECR of another account', () => RegistryMirror.of({ upstream: 'docker.io', endpoint: '222222222222.dkr.ecr.eu-west-1.amazonaws.com/hub' })],
  ])('%s', (_, mirror) => {
    expect(warnings(mirror)).toEqual(['cdk-cached-docker-build:registryPolicy']);
  });

  test.each<[string, (pipeline: TestPipeline) => RegistryMirror]>([
    ['a cache of its own account', ({ stack }) => new PullThroughCache(stack, 'Quay', { upstream: UpstreamRegistry.quay() }).mirror],
    ['a cache of a stack that does not say its account', ({ app }) => new PullThroughCache(new Stack(app, 'Other'), 'Quay', { upstream: UpstreamRegistry.quay() }).mirror],
    ['a mirror that is not in Amazon ECR', () => RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.com' })],
  ])('but not of %s', (_, mirror) => {
    expect(warnings(mirror)).toEqual([]);
  });
});

test('others may be let pull, with the login that it takes', () => {
  const stack = stackOf();
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
  new PullThroughCache(stack, 'Cache', { upstream: UpstreamRegistry.quay() }).grantPull(role);
  const [{ Properties: { PolicyDocument } }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  expect(PolicyDocument.Statement).toEqual([
    { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    { Effect: 'Allow', Action: PULL, Resource: ecrArn('quay/*') },
  ]);
});

describe('a rule that is defined elsewhere', () => {
  test('is a mirror too, and adds nothing to the stack', () => {
    const stack = stackOf();
    const cache = PullThroughCache.fromPullThroughCacheAttributes(stack, 'Hub', { upstream: UpstreamRegistry.dockerHub() });
    expect(cache.repositoryPrefix).toBe('docker-hub');
    expect(cache.mirror.upstream).toBe('docker.io');
    expect(stack.resolve(cache.mirror.endpoint)).toEqual({ 'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }, '/docker-hub']] });
    expect(Template.fromStack(stack).toJSON()).not.toHaveProperty('Resources');
  });

  test('may be in another account and region, with another prefix', () => {
    const stack = stackOf();
    const cache = PullThroughCache.fromPullThroughCacheAttributes(stack, 'Hub', {
      upstream: UpstreamRegistry.dockerHub(), repositoryPrefix: 'team/hub', account: '222222222222', region: 'us-east-1',
    });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    cache.grantPull(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{}, { Resource: ecrArn('team/hub/*', 'us-east-1:222222222222') }] },
    });
  });

  test('may have no prefix, so that its images have the names of the upstream registry', () => {
    const stack = stackOf();
    const cache = PullThroughCache.fromPullThroughCacheAttributes(stack, 'Hub', {
      upstream: UpstreamRegistry.dockerHub(), repositoryPrefix: 'ROOT', repositoryNames: ['library/*', 'team/base'],
    });
    expect(stack.resolve(cache.mirror.endpoint)).toEqual({ 'Fn::Join': ['', ['111111111111.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }]] });
    cache.grantPull(new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{}, { Action: PULL, Resource: [ecrArn('library/*'), ecrArn('team/base')] }] },
    });
  });

  test('fails without a prefix and names, since who pulls could make repositories of any name', () => {
    expect(() => PullThroughCache.fromPullThroughCacheAttributes(stackOf(), 'Hub', { upstream: UpstreamRegistry.dockerHub(), repositoryPrefix: 'ROOT' })).toThrow(
      "'Stack/Hub': a mirror without a path would let builds pull from every repository of the registry; give repositoryNames, for example ['library/*']");
  });

  test.each([['*'], ['/a'], ['a/*/b']])('fails for the name %j', (name) => {
    expect(() => PullThroughCache.fromPullThroughCacheAttributes(stackOf(), 'Hub', { upstream: UpstreamRegistry.dockerHub(), repositoryNames: [name] })).toThrow(
      `'Stack/Hub': repositoryNames takes names of repositories, known at synthesis, with a star at the end for all that begin so, got ["${name}"]; for example ['library/*']`);
  });

  test.each(['', '22222222222', 'two', '222222222222 '])('fails for the account %j', (account) => {
    expect(() => PullThroughCache.fromPullThroughCacheAttributes(stackOf(), 'Hub', { upstream: UpstreamRegistry.quay(), account })).toThrow(
      `PullThroughCache.fromPullThroughCacheAttributes(): account must be of twelve digits, got ${JSON.stringify(account)}; leave it out for that of the stack`);
  });

  test.each(['', 'Ireland', 'eu-west'])('fails for the region %j', (region) => {
    expect(() => PullThroughCache.fromPullThroughCacheAttributes(stackOf(), 'Hub', { upstream: UpstreamRegistry.quay(), region })).toThrow(
      `PullThroughCache.fromPullThroughCacheAttributes(): region must be the id of one, got ${JSON.stringify(region)}, for example 'eu-west-1'; leave it out for that of the stack`);
  });

  test('may be in an account and a region that are known later', () => {
    const stack = stackOf();
    const late = (name: string) => new CfnParameter(stack, name).valueAsString;
    expect(() => PullThroughCache.fromPullThroughCacheAttributes(stack, 'Hub', { upstream: UpstreamRegistry.quay(), account: late('Account'), region: late('Region') })).not.toThrow();
  });

  test('fails for a prefix that cannot be one', () => {
    expect(() => PullThroughCache.fromPullThroughCacheAttributes(stackOf(), 'Hub', { upstream: UpstreamRegistry.quay(), repositoryPrefix: 'Quay' }))
      .toThrow("'Stack/Hub': repositoryPrefix must be 2 to 30 lower-case letters");
  });
});

describe('a cache fails', () => {
  test('of the registry that it is in', () => {
    expect(() => synthesize({ upstream: UpstreamRegistry.ecr('111111111111', 'eu-west-1') })).toThrow(
      "'Stack/Cache': upstream is 111111111111.dkr.ecr.eu-west-1.amazonaws.com, the registry that the cache is in; pull from there without a cache");
  });

  test.each<[string, UpstreamRegistry]>([
    ['docker.io', UpstreamRegistry.dockerHub()],
    ['ghcr.io', UpstreamRegistry.gitHub()],
    ['registry.gitlab.com', UpstreamRegistry.gitLab()],
    ['cgr.dev', UpstreamRegistry.chainguard()],
    ['example.azurecr.io', UpstreamRegistry.azure('example')],
  ])('without the credentials that %s needs', (host, upstream) => {
    expect(() => synthesize({ upstream })).toThrow(
      `'Stack/Cache': credentials are missing, which Amazon ECR needs for ${host}; give a secret with the fields username and accessToken, and a name that begins with ecr-pullthroughcache/`);
  });

  test.each<[string, UpstreamRegistry]>([
    ['quay.io', UpstreamRegistry.quay()],
    ['registry.k8s.io', UpstreamRegistry.kubernetes()],
    ['public.ecr.aws', UpstreamRegistry.ecrPublic()],
    ['222222222222.dkr.ecr.us-east-1.amazonaws.com', UpstreamRegistry.ecr('222222222222', 'us-east-1')],
  ])('with credentials for %s, which takes none', (host, upstream) => {
    const stack = stackOf();
    expect(() => synthesize({ upstream, credentials: credentialsIn(stack) }, stack)).toThrow(
      `'Stack/Cache': credentials are not for ${host}, from which Amazon ECR pulls without; leave them out`);
  });

  test.each<[string, string, (stack: Stack) => secretsmanager.ISecret]>([
    ['an imported secret', 'hub', (stack) => secretsmanager.Secret.fromSecretNameV2(stack, 'Credentials', 'hub')],
    ['a secret imported by its ARN', 'hub', (stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Credentials', SECRET.replace('ecr-pullthroughcache/', ''))],
    ['a new secret', 'hub', (stack) => new secretsmanager.Secret(stack, 'Credentials', { secretName: 'hub' })],
    ['a new secret without a name', '', (stack) => new secretsmanager.Secret(stack, 'Credentials')],
  ])('with %s whose name Amazon ECR may not read', (_, name, credentials) => {
    const stack = stackOf();
    expect(() => synthesize({ upstream: UpstreamRegistry.dockerHub(), credentials: credentials(stack) }, stack)).toThrow(
      `'Stack/Cache': the name of the secret with the credentials must begin with ecr-pullthroughcache/, since Amazon ECR may read no other, got ${JSON.stringify(name)}; make one with such a secretName`);
  });

  test.each<[string, (stack: Stack) => secretsmanager.ISecret]>([
    ['a name that it may read', (stack) => new secretsmanager.Secret(stack, 'Credentials', { secretName: 'ecr-pullthroughcache/hub' })],
    ['a name that is known later', (stack) => new secretsmanager.Secret(stack, 'Credentials', { secretName: new CfnParameter(stack, 'Name').valueAsString })],
    ['an ARN that is known later', (stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Credentials', Lazy.string({ produce: () => SECRET }))],
  ])('but not for %s', (_, credentials) => {
    const stack = stackOf();
    expect(() => synthesize({ upstream: UpstreamRegistry.dockerHub(), credentials: credentials(stack) }, stack)).not.toThrow();
  });

  test.each(['', 'a', 'a'.repeat(31), 'Hub', '/hub', 'hub/', 'hub/*', 'a..b', 'ROOT', Lazy.string({ produce: () => 'late' })])('for the prefix %j', (prefix) => {
    expect(() => synthesize({ upstream: UpstreamRegistry.quay(), repositoryPrefix: prefix })).toThrow(
      `'Stack/Cache': repositoryPrefix must be 2 to 30 lower-case letters, digits and ._-/ between them, known at synthesis, got ${JSON.stringify(prefix)}; for example 'docker-hub'`);
  });
});

describe('credentials that Amazon ECR could not read are an error:', () => {
  const define = (credentials: (stack: Stack) => secretsmanager.ISecret) => {
    const stack = stackOf();
    return () => new PullThroughCache(stack, 'Cache', { upstream: UpstreamRegistry.dockerHub(), credentials: credentials(stack) });
  };
  const imported = (arn: string) => (stack: Stack) => secretsmanager.Secret.fromSecretCompleteArn(stack, 'Credentials', arn);

  test('in another account', () => {
    expect(define(imported(SECRET.replace('111111111111', '222222222222')))).toThrow(
      "'Stack/Cache': the secret 'Stack/Credentials' with the credentials must be in the account of the rule, 111111111111, got 222222222222; make one there");
  });

  test('in another region', () => {
    expect(define(imported(SECRET.replace('eu-west-1', 'us-east-1')))).toThrow(
      "'Stack/Cache': the secret 'Stack/Credentials' with the credentials must be in the region of the rule, eu-west-1, got us-east-1; make one there");
  });

  test('with a key of its own', () => {
    expect(define((stack) => new secretsmanager.Secret(stack, 'Credentials', { secretName: 'ecr-pullthroughcache/hub', encryptionKey: new kms.Key(stack, 'Key') }))).toThrow(
      "'Stack/Cache': the secret 'Stack/Credentials' with the credentials must be encrypted with the AWS managed key of AWS Secrets Manager, since Amazon ECR may use no other, got the key 'Stack/Key'; make a secret without an encryptionKey");
  });

  test('but not with the AWS managed key', () => {
    expect(define((stack) => secretsmanager.Secret.fromSecretAttributes(stack, 'Credentials', {
      secretCompleteArn: SECRET, encryptionKey: kms.Alias.fromAliasName(stack, 'Key', 'alias/aws/secretsmanager'),
    }))).not.toThrow();
  });
});

describe('a prefix of another rule', () => {
  const quay = { upstream: UpstreamRegistry.quay() };

  test('is an error in the same account and region', () => {
    const stack = stackOf();
    new PullThroughCache(stack, 'One', quay);
    expect(() => new PullThroughCache(new Stack(stack.node.root as App, 'Other', { env: PIPELINE_ENV }), 'Two', quay)).toThrow(
      "'Other/Two': the repositoryPrefix 'quay' is that of 'Stack/One' already, and an account has it once in a region; give one of them another one, or import it with PullThroughCache.fromPullThroughCacheAttributes");
  });

  test('is none in another region, or in stacks that do not say where they go', () => {
    const app = new App();
    for (const [id, props] of Object.entries({ A: { env: PIPELINE_ENV }, B: { env: { ...PIPELINE_ENV, region: 'us-east-1' } }, C: {}, D: {} })) {
      new PullThroughCache(new Stack(app, id, props), 'Cache', quay);
    }
  });
});
