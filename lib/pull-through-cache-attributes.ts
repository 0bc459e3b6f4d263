import { UpstreamRegistry } from './upstream-registry';

/** What there is to know of a pull-through cache rule that is defined elsewhere. */
export interface PullThroughCacheAttributes {
  /** The registry whose images are cached. */
  readonly upstream: UpstreamRegistry;

  /**
   * How the names of the repositories with cached images begin.
   *
   * @default - that which a `PullThroughCache` has for the upstream registry
   */
  readonly prefix?: string;

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
