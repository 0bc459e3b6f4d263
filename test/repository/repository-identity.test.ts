import { App, CfnParameter, Environment, Stack, Stage } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { RepositoryIdentity } from '../../lib/repository/repository-identity';

const ENV = { account: '111111111111', region: 'eu-west-1' };

function stackIn(env?: Environment): Stack {
  return new Stack(new App(), 'Stack', { env });
}

function identityOf(stack: Stack, repository: ecr.IRepository): RepositoryIdentity {
  return RepositoryIdentity.of(new Construct(stack, 'Image'), repository);
}

describe('the name', () => {
  test('is the plain text that the repository was given', () => {
    const stack = stackIn();
    expect(identityOf(stack, new ecr.Repository(stack, 'Plain', { repositoryName: 'team/plain' })).name).toBe('team/plain');
  });

  test('of an import is that of the import', () => {
    const stack = stackIn();
    expect(identityOf(stack, ecr.Repository.fromRepositoryName(stack, 'Foreign', 'foreign')).name).toBe('foreign');
  });

  test.each<[string, (stack: Stack) => ecr.IRepository]>([
    ['without a name', (stack) => new ecr.Repository(stack, 'Repository')],
    ['with a name that is known at deployment only', (stack) => new ecr.Repository(stack, 'Repository', { repositoryName: new CfnParameter(stack, 'Name').valueAsString })],
    ['imported by a name that is known at deployment only', (stack) => ecr.Repository.fromRepositoryName(stack, 'Repository', new CfnParameter(stack, 'Name').valueAsString)],
  ])('fails for a repository %s', (_, define) => {
    const stack = stackIn();
    expect(() => identityOf(stack, define(stack))).toThrow(
      "'Stack/Image': the name of the repository 'Stack/Repository' must be known at synthesis, because other stages find the repository by it; give it a repositoryName, or use an ImageRepository");
  });

  test('fails for a repository of another stage', () => {
    const app = new App();
    const repository = new ecr.Repository(new Stack(new Stage(app, 'Prod'), 'Service'), 'Repository', { repositoryName: 'images' });
    expect(() => identityOf(new Stack(app, 'Stack'), repository)).toThrow(
      "'Stack/Image': the repository 'Prod/Service/Repository' belongs to another stage; define it in the stack of the pipeline, so that it is there before the image is built");
  });

  test('may be that of a repository in another stack of the stage', () => {
    const app = new App();
    const repository = new ecr.Repository(new Stack(app, 'Repositories'), 'Repository', { repositoryName: 'images' });
    expect(identityOf(new Stack(app, 'Stack'), repository).name).toBe('images');
  });
});

describe('the address', () => {
  test('is literal in a stack with an environment', () => {
    const stack = stackIn(ENV);
    expect(identityOf(stack, ecr.Repository.fromRepositoryName(stack, 'Foreign', 'foreign')).planAddress).toBe('111111111111.dkr.ecr.eu-west-1.amazonaws.com/foreign');
  });

  test('is that of an import from elsewhere', () => {
    const stack = stackIn(ENV);
    const repository = ecr.Repository.fromRepositoryArn(stack, 'Foreign', 'arn:aws:ecr:us-east-1:222222222222:repository/team/foreign');
    expect(identityOf(stack, repository).planAddress).toBe('222222222222.dkr.ecr.us-east-1.amazonaws.com/team/foreign');
  });

  test.each<[string, Environment | undefined, string]>([
    ['an environment', undefined, '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}'],
    ['an account', { region: 'eu-west-1' }, '${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com'],
    ['a region', { account: '111111111111' }, '111111111111.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}'],
  ])('has placeholders, and no token, in a stack without %s', (_, env, host) => {
    const stack = stackIn(env);
    expect(identityOf(stack, ecr.Repository.fromRepositoryName(stack, 'Foreign', 'foreign')).planAddress).toBe(`${host}/foreign`);
  });

  test.each([
    ['cn-north-1', 'amazonaws.com.cn'], ['us-gov-west-1', 'amazonaws.com'], ['eusc-de-east-1', 'amazonaws.eu'], ['xx-new-1', 'amazonaws.com'],
  ])('has the domain of its region: %s', (region, suffix) => {
    const stack = stackIn({ account: '111111111111', region });
    expect(identityOf(stack, new ecr.Repository(stack, 'Owned', { repositoryName: 'images' })).planAddress).toBe(`111111111111.dkr.ecr.${region}.${suffix}/images`);
  });
});

describe('the key', () => {
  test('is the same for a repository and its import', () => {
    const stack = stackIn(ENV);
    const owned = identityOf(stack, new ecr.Repository(stack, 'Owned', { repositoryName: 'images' }));
    const imported = RepositoryIdentity.of(stack, ecr.Repository.fromRepositoryArn(stack, 'Foreign', 'arn:aws:ecr:eu-west-1:111111111111:repository/images'));
    expect(owned.key).toBe('111111111111/eu-west-1/images');
    expect(imported.key).toEqual(owned.key);
  });

  test('holds no token', () => {
    const stack = stackIn();
    expect(identityOf(stack, ecr.Repository.fromRepositoryName(stack, 'Foreign', 'foreign')).key).toBe('here/here/foreign');
  });
});

describe('a consumer', () => {
  const image = () => {
    const stack = stackIn(ENV);
    const construct = new Construct(stack, 'Image');
    return { construct, identity: RepositoryIdentity.of(construct, ecr.Repository.fromRepositoryName(stack, 'Foreign', 'foreign')) };
  };

  test.each<[string, Environment | undefined, string]>([
    ['in the same account', ENV, '111111111111'],
    ['without an environment', undefined, '111111111111'],
    ['in another account', { ...ENV, account: '222222222222' }, '222222222222'],
  ])('%s has an account that is known', (_, env, account) => {
    const { construct, identity } = image();
    expect(identity.accountOf(construct, stackIn(env))).toBe(account);
  });

  test('without an environment is in the account of the image, and not in that of the repository', () => {
    const stack = stackIn(ENV);
    const construct = new Construct(stack, 'Image');
    const repository = ecr.Repository.fromRepositoryArn(stack, 'Foreign', 'arn:aws:ecr:eu-west-1:222222222222:repository/foreign');
    expect(RepositoryIdentity.of(construct, repository).accountOf(construct, stackIn())).toBe('111111111111');
  });

  test('fails in another region', () => {
    const { construct, identity } = image();
    expect(() => identity.accountOf(construct, stackIn({ ...ENV, region: 'us-east-1' })))
      .toThrow("'Stack': the image 'Stack/Image' is in region eu-west-1, and can be used in that region only, got us-east-1; define another image with a repository in us-east-1");
  });

  test('imports the repository once in a scope', () => {
    const { identity } = image();
    const stack = stackIn(ENV);
    expect(identity.importInto(stack, 'Repository')).toBe(identity.importInto(stack, 'Repository'));
  });
});

describe('a repository that only builds use', () => {
  test('may have a name that is known at deployment only, and is told apart by its path', () => {
    const stack = stackIn(ENV);
    const [one, other] = ['One', 'Other'].map((id) => RepositoryIdentity.ofCache(new ecr.Repository(stack, id)));
    expect(one.what).toBe("repository 'Stack/One'");
    expect(one.key).not.toEqual(other.key);
  });

  test('with a name is the same as an image that is in it says', () => {
    const stack = stackIn(ENV);
    const owned = new ecr.Repository(stack, 'Owned', { repositoryName: 'layers' });
    const imported = ecr.Repository.fromRepositoryArn(stack, 'Foreign', 'arn:aws:ecr:eu-west-1:111111111111:repository/layers');
    const keys = [RepositoryIdentity.ofCache(owned), RepositoryIdentity.ofCache(imported), identityOf(stack, owned)].map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set(['111111111111/eu-west-1/layers']));
  });

  test('may be in any stage, since nothing that is deployed refers to it', () => {
    const app = new App();
    const repository = new ecr.Repository(new Stack(new Stage(app, 'Shared'), 'Stack'), 'Layers', { repositoryName: 'layers' });
    expect(RepositoryIdentity.ofCache(repository).name).toBe('layers');
  });

  test.each([[ecr.TagMutability.MUTABLE, false], [ecr.TagMutability.IMMUTABLE, true], [undefined, false]])('with tags that are %s has caches that can be written again, or not', (imageTagMutability, immutable) => {
    expect(RepositoryIdentity.ofCache(new ecr.Repository(stackIn(), 'Layers', { imageTagMutability })).isImmutable('cache-a')).toBe(immutable);
  });
});
