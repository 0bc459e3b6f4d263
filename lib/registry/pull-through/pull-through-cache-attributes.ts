import { UpstreamRegistry } from './upstream-registry';

/** What there is to know of a pull-through cache rule that is defined elsewhere. */
export interface PullThroughCacheAttributes {
  /** The registry whose images are cached. */
  readonly upstream: UpstreamRegistry;

  /**
   * How the names of the repositories with cached images begin: the ECR repository prefix of the rule. `ROOT` is a rule without
   * one, and needs `repositoryNames`.
   *
   * A rule with an upstream repository prefix of its own cannot be imported, since it is a copy of a part of the registry.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private-wildcards.html
   * @default - that which a `PullThroughCache` has for the upstream registry
   */
  readonly repositoryPrefix?: string;

  /**
   * The repositories of cached images that builds may pull from and make: names below the prefix, such as `library/python`, or with a star at the end for all that
   * begin so. A rule without a prefix needs them, since its cached images are among all others of the registry.
   *
   * @default - all below the prefix
   */
  readonly repositoryNames?: string[];

  /**
   * The account of the rule. If it is another one, the policies of its registry and its repositories have to let yours pull.
   *
   * @default - that of the stack
   */
  readonly account?: string;

  /**
   * The region of the rule.
   *
   * @default - that of the stack
   */
  readonly region?: string;
}
