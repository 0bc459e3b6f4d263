import { Duration, Names, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allowLambda } from './image-consumers';

/** ECR takes at most this many exclusions from immutability. */
const MAX_EXCLUSIONS = 5;

/** The tags of layer caches, which are written again with each build, and the one that `LayerCache.inline()` reads and sets. */
const ALWAYS_MUTABLE = ['cache-*', 'latest'];

/** Properties of an ImageRepository. */
export interface ImageRepositoryProps {
  /**
   * The name of the repository.
   *
   * It has to be known at synthesis, because stages and accounts that use the image find the repository by its name.
   *
   * @default - made from the path of the construct
   */
  readonly repositoryName?: string;

  /**
   * Tags that can be set again, in addition to `latest` and to those of the layer cache, `cache-*`: exact names, or patterns with `*`.
   * Three at most, since Amazon ECR accepts five.
   *
   * Every other tag is immutable: it stays with the image that it was given to. An image cannot be deployed by a mutable tag.
   *
   * @default - no others
   */
  readonly mutableTags?: string[];

  /**
   * How the images are encrypted.
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
   * Whether ECR scans an image for known vulnerabilities when it is pushed.
   *
   * @default true
   */
  readonly imageScanOnPush?: boolean;

  /**
   * What becomes of the repository when it leaves the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether a repository that is destroyed takes its images with it. With `RemovalPolicy.DESTROY` and without this, the deletion
   * of a repository that holds images fails.
   *
   * @default false
   */
  readonly emptyOnDelete?: boolean;
}

/**
 * A repository for images that stages deploy and for the layers that builds reuse.
 *
 * Tags are immutable, except `latest`, those of the layer cache and the `mutableTags`. What has lost its tag (caches that were written again)
 * is removed after a day; a tagged image never is, since a stage may still use it. AWS Lambda may pull in this account,
 * and in each account in which `CachedDockerImage.lambdaCode` was used.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
 *
 * @example
 * new CachedDockerImage(this, 'WebImage', {
 *   context: DockerContext.directory('web'),
 *   repository: new ImageRepository(this, 'Web', { repositoryName: 'web', mutableTags: ['stable'] }),
 * });
 */
export class ImageRepository extends ecr.Repository {
  /**
   * Raises an error when the name is not known at synthesis, and when there are more than three mutable tags.
   */
  constructor(scope: Construct, id: string, props: ImageRepositoryProps = {}) {
    if (Token.isUnresolved(props.repositoryName)) {
      throw new Error(`'${id}': repositoryName must be known at synthesis, because other stages find the repository by it, got a token; give a plain string`);
    }
    const mutableTags = [...new Set([...ALWAYS_MUTABLE, ...props.mutableTags ?? []])];
    if (mutableTags.length > MAX_EXCLUSIONS) {
      throw new Error(`'${id}': mutableTags takes at most ${MAX_EXCLUSIONS - ALWAYS_MUTABLE.length} tags besides 'latest', got ${JSON.stringify(props.mutableTags)}; use a pattern such as 'branch-*'`);
    }

    super(scope, id, {
      repositoryName: props.repositoryName ?? defaultName(scope, id),
      encryption: props.encryption,
      encryptionKey: props.encryptionKey,
      imageScanOnPush: props.imageScanOnPush ?? true,
      removalPolicy: props.removalPolicy,
      emptyOnDelete: props.emptyOnDelete,
      lifecycleRules: [{
        description: 'Caches that were written again, and what builds that failed have left',
        tagStatus: ecr.TagStatus.UNTAGGED,
        maxImageAge: Duration.days(1),
      }],
    });
    // The properties of ecr.Repository for this are younger than the lowest aws-cdk-lib.
    const repository = this.node.defaultChild as ecr.CfnRepository;
    repository.imageTagMutability = 'IMMUTABLE_WITH_EXCLUSION';
    repository.imageTagMutabilityExclusionFilters = mutableTags.map((tag) => ({
      imageTagMutabilityExclusionFilterType: 'WILDCARD',
      imageTagMutabilityExclusionFilterValue: tag,
    }));
    allowLambda(this, this.stack.account, this.stack.region);
  }
}

/** The name that the path of a repository gives, before the repository is there to be asked. ECR wants lower case. */
export function defaultName(scope: Construct, id: string): string {
  const placeholder = new Construct(scope, id);
  const name = Names.uniqueResourceName(placeholder, { maxLength: 200, separator: '-' }).toLowerCase();
  scope.node.tryRemoveChild(id);
  return name;
}
