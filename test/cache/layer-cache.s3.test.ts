import { Lazy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as pipelines from 'aws-cdk-lib/pipelines';
import { CachedDockerImage, CacheMode, LayerCache } from '../../lib';
import { cacheSettings } from '../testhelpers/cache-settings';
import { TempContext } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const imported = (test: TestPipeline) => s3.Bucket.fromBucketName(test.stack, 'Layers', 'layers');

test('the cache is in the bucket, below a prefix, in the region of the bucket', () => {
  expect(cacheSettings({ cache: (test) => LayerCache.s3(imported(test)) })).toEqual({
    kind: 's3', region: 'eu-west-1', bucket: 'layers', prefix: 'docker-layers/', mode: 'max',
  });
});

test('a bucket may be in another region', () => {
  const bucket = (test: TestPipeline) => s3.Bucket.fromBucketAttributes(test.stack, 'Layers', { bucketName: 'layers', region: 'us-east-1' });
  expect(cacheSettings({ cache: (test) => LayerCache.s3(bucket(test)) })).toMatchObject({ region: 'us-east-1', bucket: 'layers' });
});

test('a bucket may be one of the stack', () => {
  expect(cacheSettings({ cache: (test) => LayerCache.s3(new s3.Bucket(test.stack, 'Layers'), { prefix: 'team/layers/' }) })).toEqual({
    kind: 's3', region: 'eu-west-1', bucket: expect.stringMatching(/^\$\{Layers\w+\}$/), prefix: 'team/layers/', mode: 'max',
  });
});

test('what is kept and whether it has to be can be said, and a scope, as for a registry', () => {
  const options = { mode: CacheMode.MIN, ignoreErrors: false, scope: 'feature', fallbackScopes: ['feature', 'main'] };
  expect(cacheSettings({ cache: (test) => LayerCache.s3(imported(test), options) })).toEqual({
    kind: 's3', region: 'eu-west-1', bucket: 'layers', prefix: 'docker-layers/', mode: 'min', scope: 'feature', fallbackScopes: ['main'], required: true,
  });
});

describe('the role of the build', () => {
  const statementsOf = (test: TestPipeline, cache: LayerCache) => test.synthesizeStep({ layerCache: cache }).statements;

  test('may reach what is below the prefix and nothing else of the bucket', () => {
    const test = new TestPipeline({ env: PIPELINE_ENV });
    const statements = statementsOf(test, LayerCache.s3(imported(test), { prefix: 'team/' })).filter(({ Resource }) => JSON.stringify(Resource).includes(':layers'));
    expect(statements.length).toBeGreaterThan(0);
    for (const { Action, Resource, Condition } of statements) {
      const resource = JSON.stringify(Resource);
      expect(resource.includes(':s3:::layers/team/*') || (resource.includes(':s3:::layers"') && JSON.stringify(Condition).includes('"team/*"'))).toBe(true);
      expect([Action].flat().join()).not.toMatch(/\*|Delete|Acl|Policy/);
    }
  });

  test('may use the key of the bucket, if it has one', () => {
    const test = new TestPipeline();
    const encryptionKey = kms.Key.fromKeyArn(test.stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
    const bucket = s3.Bucket.fromBucketAttributes(test.stack, 'Layers', { bucketName: 'layers', encryptionKey });
    expect(statementsOf(test, LayerCache.s3(bucket)).filter(({ Resource }) => Resource === encryptionKey.keyArn))
      .toEqual([{
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: encryptionKey.keyArn,
        Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['s3.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
      }]);
  });

  test('may reach no bucket and no key without such a cache', () => {
    const test = new TestPipeline();
    imported(test);
    expect(JSON.stringify(statementsOf(test, LayerCache.registry()))).not.toMatch(/layers|kms/);
  });
});

test.each(['', '/', '/a/', 'a', 'a,b/', 'a b/', 'a*/', 'a?/', '#{Source.BranchName}/', 'a\n/', 'a"/', '${aws:username}/', '../', 'a/../b/', './', 'a//', 'a=b/'])('a prefix fails to be %j', (prefix) => {
  const bucket = s3.Bucket.fromBucketName(new Stack(), 'Layers', 'layers');
  expect(() => LayerCache.s3(bucket, { prefix })).toThrow(
    `LayerCache.s3(): prefix takes a folder of letters, digits and any of !-_.'(), known at synthesis, got ${JSON.stringify(prefix)}; for example 'docker-layers/'`);
});

test.each(["it's(1)!/", '.cache/', 'a/..b/', '-/_/'])('a prefix may be %s', (prefix) => {
  expect(() => LayerCache.s3(s3.Bucket.fromBucketName(new TestPipeline().stack, 'Layers', 'layers'), { prefix })).not.toThrow();
});

test('a prefix fails to be known at deployment only', () => {
  const bucket = s3.Bucket.fromBucketName(new Stack(), 'Layers', 'layers');
  expect(() => LayerCache.s3(bucket, { prefix: Lazy.string({ produce: () => 'late/' }) })).toThrow(/^LayerCache\.s3\(\): prefix takes a folder .* known at synthesis, got /);
});

test('a scope fails to hold spaces', () => {
  const bucket = s3.Bucket.fromBucketName(new Stack(), 'Layers', 'layers');
  expect(() => LayerCache.s3(bucket, { scope: 'a b' })).toThrow('LayerCache.s3(): scope takes names without spaces, got "a b"; for example the name of a branch');
});

test('several images may be in one bucket, and one image under several prefixes', () => {
  const test = new TestPipeline();
  const bucket = imported(test);
  const [api, report] = ['Api', 'Report'].map((id) => test.image(id));
  test.step({ images: [api], layerCache: LayerCache.s3(bucket) });
  test.step({ images: [report], layerCache: LayerCache.s3(bucket) });
  test.step({ images: [api], layerCache: LayerCache.s3(bucket, { prefix: 'other/' }) });
});

test('one scope of one prefix fails to hold two images with the same id', () => {
  const test = new TestPipeline();
  const other = new Stack(test.app, 'Other');
  const bucket = imported(test);
  const image = new CachedDockerImage(other, 'Image', { context: new TempContext().context });
  const pipeline = new pipelines.CodePipeline(other, 'Pipeline', { synth: new pipelines.ShellStep('Synth', { input: test.source, commands: ['true'] }) });
  test.step({ layerCache: LayerCache.s3(bucket, { scope: 'main' }) });
  expect(() => test.step({ images: [image], pipeline, layerCache: LayerCache.s3(bucket, { scope: 'main' }) })).toThrow(
    /^'Other\/Image': the tag 'cache-Image-\w+-linux-amd64_main' of bucket 'PipelineStack\/Layers' is used for the image 'PipelineStack\/Image' already;/);
  test.step({ images: [image], pipeline, layerCache: LayerCache.s3(bucket, { scope: 'main', prefix: 'other/' }) });
});

test('it moves no tag of the repository, so every repository will do', () => {
  const test = new TestPipeline();
  expect(test.synthesizeStep({ layerCache: LayerCache.s3(imported(test)) }).settings).not.toHaveProperty('additionalTags');
});
