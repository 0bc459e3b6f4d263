import { Duration } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { UpstreamRegistry } from './upstream-registry';

/** Properties of a PullThroughCache. */
export interface PullThroughCacheProps {
  /** The registry whose images are cached. */
  readonly upstream: UpstreamRegistry;

  /**
   * A secret for the upstream registry, with the fields `username` and `accessToken`. Docker Hub, GitHub, GitLab, Chainguard and Azure need one;
   * the others take none.
   *
   * Amazon ECR reads it with a role of its own. For that, its name begins with `ecr-pullthroughcache/`, it is in the account and region
   * of the cache, and it is encrypted with the AWS managed key of AWS Secrets Manager.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
   * @default - none
   */
  readonly credentials?: secretsmanager.ISecret;

  /**
   * How the names of the repositories begin that Amazon ECR makes for cached images: `docker-hub` gives `docker-hub/library/python`.
   * An account has it once in a region, so two stacks cannot define the same one; import it into the second.
   *
   * @default - one for the upstream registry: `docker-hub`, `github`, `gitlab`, `chainguard`, `quay`, `kubernetes`, `ecr-public`, `azure`, or account and region of another ECR
   */
  readonly repositoryPrefix?: string;

  /**
   * When a cached image is deleted, in whole days after it came. The next pull caches it again, so this is no risk, but a download.
   *
   * @default Duration.days(30)
   */
  readonly maxAge?: Duration;

  /**
   * A key to encrypt the cached images with.
   *
   * @default - a key of Amazon ECR (AES-256)
   */
  readonly encryptionKey?: kms.IKey;
}
