import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { RepositoryIdentity } from '../../lib/repository/repository-identity';
import { claimTag } from '../../lib/repository/tag-claims';

function identity(stack: Stack, name: string): RepositoryIdentity {
  return RepositoryIdentity.of(stack, ecr.Repository.fromRepositoryName(stack, `${name}${stack.node.children.length}`, name));
}

test('an image may claim a tag again and again', () => {
  const stack = new Stack();
  const image = new Construct(stack, 'Image');
  claimTag(image, identity(stack, 'images'), 'v1');
  claimTag(image, identity(stack, 'images'), 'v1');
});

test('fails for the tag of another image, however the repository was imported', () => {
  const stack = new Stack();
  claimTag(new Construct(stack, 'First'), identity(stack, 'images'), 'v1');
  expect(() => claimTag(new Construct(stack, 'Second'), identity(stack, 'images'), 'v1')).toThrow(
    "'Default/Second': the tag 'v1' of repository 'images' is used for the image 'Default/First' already; give each image a repository of its own, or tags and a cache scope of its own");
});

test('the first claim stands after another was refused', () => {
  const stack = new Stack();
  const images = ['First', 'Second'].map((id) => new Construct(stack, id));
  claimTag(images[0], identity(stack, 'images'), 'v1');
  expect(() => claimTag(images[1], identity(stack, 'images'), 'v1')).toThrow('Default/First');
  claimTag(images[0], identity(stack, 'images'), 'v1');
});

test('another tag, another repository, another account and another app are not in the way', () => {
  const app = new App();
  const [stack, elsewhere] = [{ account: '111111111111', region: 'eu-west-1' }, { account: '222222222222', region: 'eu-west-1' }]
    .map((env) => new Stack(app, `Stack${env.account}`, { env }));
  claimTag(new Construct(stack, 'A'), identity(stack, 'images'), 'v1');
  claimTag(new Construct(stack, 'B'), identity(stack, 'images'), 'v2');
  claimTag(new Construct(stack, 'C'), identity(stack, 'others'), 'v1');
  claimTag(new Construct(elsewhere, 'D'), identity(elsewhere, 'images'), 'v1');
  const other = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  claimTag(new Construct(other, 'A'), identity(other, 'images'), 'v1');
});

test('a place may be another than a repository, and is told in the message', () => {
  const stack = new Stack();
  const place = { key: 'Bucket/layers/', what: "bucket 'Bucket'", isImmutable: () => false };
  const [first, second] = ['First', 'Second'].map((id) => new Construct(stack, id));
  claimTag(first, place, 'cache-a');
  expect(() => claimTag(second, { ...place }, 'cache-a')).toThrow(new Error(
    "'Default/Second': the tag 'cache-a' of bucket 'Bucket' is used for the image 'Default/First' already; give each image a repository of its own, or tags and a cache scope of its own"));
  claimTag(second, { ...place, key: 'Bucket/other/' }, 'cache-a');
});
