import { Lazy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { checkPrefix, s3CacheStatements } from '../../lib/cache/s3-cache-permissions';

const stack = new Stack();
const bucket = s3.Bucket.fromBucketAttributes(stack, 'Plain', { bucketArn: 'arn:aws:s3:::layers', account: '222222222222' });
const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/1');
const encrypted = s3.Bucket.fromBucketAttributes(stack, 'Encrypted', { bucketArn: 'arn:aws:s3:::layers', account: '222222222222', region: 'eu-west-2', encryptionKey: key });

const statements = (of: s3.IBucket) => s3CacheStatements(of, 'team/layers/', 'eu-west-1').map((statement) => stack.resolve(statement.toStatementJson()));

const OWNER = { 'aws:ResourceAccount': '222222222222' };

test('a build may read and write objects below the prefix, and learn which of them are there, as long as the bucket is that of its owner', () => {
  expect(statements(bucket)).toEqual([
    { Effect: 'Allow', Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::layers/team/layers/*', Condition: { StringEquals: OWNER } },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::layers', Condition: { StringEquals: OWNER, StringLikeIfExists: { 's3:prefix': 'team/layers/*' } } },
  ]);
});

test('a build may use the key of a bucket that has one by way of S3, and nothing else of it', () => {
  expect(statements(encrypted)).toEqual([
    ...statements(bucket),
    {
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-west-2.amazonaws.com' } },
    },
  ]);
});

test('each build has statements of its own', () => {
  expect(s3CacheStatements(bucket, 'a/', 'eu-west-1')[0]).not.toBe(s3CacheStatements(bucket, 'a/', 'eu-west-1')[0]);
});

test.each(['a/', 'docker-layers/', 'team/app.1/layers_x/', 'ä/'])('a prefix may be %s', (prefix) => {
  expect(() => checkPrefix(prefix)).not.toThrow();
});

test.each(['', '/', '/a/', 'a', 'a/b', 'a,mode=min/', ',/', '*/', 'a*/', 'a?/', 'a b/', 'a\n/', 'a/\n', '#{Source.BranchName}/'])('a prefix fails to be %j', (prefix) => {
  expect(() => checkPrefix(prefix)).toThrow(new Error(
    `LayerCache.s3(): prefix takes a folder of letters, digits and any of !-_.'(), known at synthesis, got ${JSON.stringify(prefix)}; for example 'docker-layers/'`));
});

test('a prefix fails to be known at deployment only', () => {
  expect(() => checkPrefix(Lazy.string({ produce: () => 'a/' }))).toThrow(/^LayerCache\.s3\(\): prefix takes a folder .*, known at synthesis, got /);
});
