import { matches, PolicyStatement, statementsOfAction } from './role-policy';
import { S3Request } from './s3-request';
import { SynthesizedStack } from './synthesized-stack';

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

/** What the caller of S3 may do: whatever some statement allows. */
export class S3Permissions {
  /** Those of the build that an action of the pipeline runs. */
  public static ofAction(stack: SynthesizedStack, action: string): S3Permissions {
    return new S3Permissions(statementsOfAction(stack, action));
  }

  public constructor(private readonly statements: readonly PolicyStatement[]) {}

  public permit({ operation, bucket, key, query }: S3Request): boolean {
    if (key === '') return this.allows(actions[operation] ?? `s3:${operation}`, `arn:aws:s3:::${bucket}`, query.get('prefix') ?? undefined);
    return this.allows(actions[operation] ?? `s3:${operation}`, `arn:aws:s3:::${bucket}/${key}`);
  }

  /**
   * Who may not list a bucket is not told that something is missing there: the request is denied.
   *
   * Whether a condition on `s3:prefix` then sees the key or nothing is not documented, so it must hold for both.
   */
  public mayKnowWhatIsMissing({ bucket, key }: S3Request): boolean {
    return [key, undefined].every(prefix => this.allows('s3:ListBucket', `arn:aws:s3:::${bucket}`, prefix));
  }

  private allows(action: string, resource: string, prefix?: string): boolean {
    return this.statements.some(({ Effect, Action, Resource, Condition }) => Effect === 'Allow'
      && [Action].flat().some(wildcard => matches(wildcard, action))
      && [Resource].flat().some(wildcard => matches(wildcard, resource))
      && Object.entries(Condition ?? {}).every(([operator, keys]) => holds(operator, keys, prefix)));
  }
}

function holds(operator: string, keys: { readonly [key: string]: string | readonly string[] }, prefix?: string): boolean {
  const [[key, wildcards]] = Object.entries(keys);
  if (key !== 's3:prefix' || !/^StringLike(IfExists)?$/.test(operator)) throw new Error(`the play does not know the condition ${operator} of ${key}`);
  return prefix === undefined ? operator.endsWith('IfExists') : [wildcards].flat().some(wildcard => matches(wildcard, prefix));
}
