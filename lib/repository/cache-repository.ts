import { Annotations, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** In days. The runner writes a cache that is in use again after seven, with the first build that comes then. */
const SHORTEST_AGE = 14;

/** Properties of a CacheRepository. */
export interface CacheRepositoryProps {
  /**
   * The name of the repository. Pipelines of other stacks and accounts find a cache by it.
   *
   * @default - made by CloudFormation
   */
  readonly repositoryName?: string;

  /**
   * How long a cache is kept after it was written for the last time: that of a branch that is gone, or of an image that has not changed. A whole number of days.
   * A build that uses a cache writes it again after a week, so with less than 14 days a cache in use may go, and a build takes longer. That is warned of.
   *
   * @default Duration.days(30)
   */
  readonly maxAge?: Duration;

  /**
   * How the layers are encrypted.
   *
   * @default - with a key of Amazon ECR (AES-256)
   */
  readonly encryption?: ecr.RepositoryEncryption;

  /**
   * The key for `RepositoryEncryption.KMS`.
   *
   * @default - the AWS managed key of Amazon ECR, if the encryption is KMS
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * What becomes of the repository, with all it holds, when it leaves the stack. Builds can do without it.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * A repository for layers that builds reuse, and nothing that is deployed: `LayerCache.registry({ repository })`.
 *
 * Caches that were not written for some time are deleted, and untagged images after a day.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export class CacheRepository extends ecr.Repository {
  constructor(scope: Construct, id: string, props: CacheRepositoryProps = {}) {
    const maxAge = props.maxAge ?? Duration.days(30);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;

    super(scope, id, {
      repositoryName: props.repositoryName,
      imageTagMutability: ecr.TagMutability.MUTABLE,
      encryption: props.encryption,
      encryptionKey: props.encryptionKey,
      removalPolicy,
      emptyOnDelete: removalPolicy === RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          rulePriority: 1,
          description: 'Caches that were written again',
          tagStatus: ecr.TagStatus.UNTAGGED,
          maxImageAge: Duration.days(1),
        },
        {
          rulePriority: 2,
          description: 'Caches that nothing writes any more',
          tagStatus: ecr.TagStatus.ANY,
          maxImageAge: maxAge,
        },
      ],
    });
    if (maxAge.toDays() < SHORTEST_AGE) {
      Annotations.of(this).addWarningV2('cdk-cached-docker-build:shortCacheAge',
        `maxAge is ${maxAge.toHumanString()}, and a cache that is in use is written again once a week, so it may be gone when a build needs it;`
        + ` give at least Duration.days(${SHORTEST_AGE})`);
    }
  }
}
