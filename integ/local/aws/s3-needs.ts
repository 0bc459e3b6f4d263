import { decryption } from './api-needs';
import { Need } from './build-permissions';
import { S3Request } from './s3-request';

/** The permissions S3 asks for, where they are not called like the operation. */
const actions: { readonly [operation: string]: string } = {
  HeadObject: 's3:GetObject',
  CopyObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  UploadPartCopy: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  ListObjects: 's3:ListBucket',
};

/** Whose a bucket is, and the key of the account that its objects are encrypted with, if they are. */
export interface BucketOwner {
  readonly account: string;
  readonly region: string;
  readonly key?: string;
}

/**
 * What a request of S3 needs.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function needsOfS3({ operation, bucket, key, query }: S3Request, owner: BucketOwner): Need[] {
  const action = actions[operation] ?? `s3:${operation}`;
  if (key === '') return [listing(bucket, owner, query.get('prefix') ?? undefined)];
  const need = { action, resource: `arn:aws:s3:::${bucket}/${key}`, context: { 'aws:ResourceAccount': owner.account } };
  const keys = action === 's3:PutObject' ? ['kms:GenerateDataKey', ...operation === 'PutObject' ? [] : ['kms:Decrypt']] : action === 's3:GetObject' ? ['kms:Decrypt'] : [];
  return [need, ...keys.flatMap(each => decryption('s3', owner.region, owner.key, each))];
}

/**
 * What it needs to be told that something is not there: who may not list a bucket is denied.
 *
 * Whether a condition on `s3:prefix` then sees the key or nothing is not documented, so it must hold for both.
 */
export function needsOfMissing({ bucket, key }: S3Request, owner: BucketOwner): Need[] {
  return [listing(bucket, owner, key), listing(bucket, owner, undefined)];
}

function listing(bucket: string, { account }: BucketOwner, prefix: string | undefined): Need {
  return {
    action: 's3:ListBucket',
    resource: `arn:aws:s3:::${bucket}`,
    context: { 'aws:ResourceAccount': account, ...prefix !== undefined && { 's3:prefix': prefix } },
  };
}
