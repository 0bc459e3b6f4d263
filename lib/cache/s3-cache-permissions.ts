import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { isKnownAtSynthesis } from '../values/known-at-synthesis';

/** Folders of what every part of S3, IAM and buildx takes as it is; `.` and `..` are none. */
const PREFIX = /^(?:(?!\.\.?\/)[\p{L}\p{N}_!.'()-]+\/)+$/u;

/**
 * What a build may do in a bucket, below a prefix only, and only as long as the bucket is that of its owner: a name that was given up is anybody's.
 *
 * @param region the region of the build, where that of the bucket is not known
 */
export function s3CacheStatements(bucket: s3.IBucket, prefix: string, region: string): iam.PolicyStatement[] {
  const owner = { 'aws:ResourceAccount': bucket.env.account };
  return [
    new iam.PolicyStatement({
      actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
      resources: [bucket.arnForObjects(`${prefix}*`)],
      conditions: { StringEquals: owner },
    }),
    // Without it, S3 says of an object that is not there that it is forbidden, and BuildKit gives up.
    // A request for one object carries no prefix, hence IfExists.
    new iam.PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringEquals: owner, StringLikeIfExists: { 's3:prefix': `${prefix}*` } },
    }),
    ...bucket.encryptionKey ? [new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [bucket.encryptionKey.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `s3.${bucket.env.region ?? region}.amazonaws.com` } },
    })] : [],
  ];
}

/** Raises an error for what would stand for more than a prefix, or end the attribute that it is written into. */
export function checkPrefix(prefix: string): void {
  if (!isKnownAtSynthesis(prefix) || !PREFIX.test(prefix)) {
    throw new Error(`LayerCache.s3(): prefix takes a folder of letters, digits and any of !-_.'(), known at synthesis, got ${JSON.stringify(prefix)}; for example 'docker-layers/'`);
  }
}
