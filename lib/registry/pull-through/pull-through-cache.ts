import { Duration, Resource, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { PullThroughCacheAttributes } from './pull-through-cache-attributes';
import { PullThroughCacheProps } from './pull-through-cache-props';
import { encryptingRole, upstreamRole } from './pull-through-cache-roles';
import { checkCredentials, checkPrefix, checkUpstream, claimPrefix, daysOf } from './pull-through-cache-rules';
import { checkAccountAndRegion } from '../../values/account-and-region';
import { PULL_ACTIONS, repositoryArn } from '../registry-access';
import { RegistryMirror } from '../registry-mirror';
import { mirroredRepositories } from '../repository-names';

/** A copy of another registry in Amazon ECR, made as its images are pulled. */
export interface IPullThroughCache extends IConstruct {
  /** How the names of the repositories with cached images begin. */
  readonly repositoryPrefix: string;

  /** The cache for a builder: `DockerBuilder.buildkit({ mirrors: [cache.mirror] })`. */
  readonly mirror: RegistryMirror;

  /** Lets somebody pull, also what is not cached yet. Builds with the mirror have this already. */
  grantPull(grantee: iam.IGrantable): iam.Grant;
}

/** What Amazon ECR calls the prefix of a rule without one. */
const ROOT = 'ROOT';

/** What imported and new rules have in common. */
abstract class PullThroughCacheBase extends Resource implements IPullThroughCache {
  public readonly repositoryPrefix: string;
  public readonly mirror: RegistryMirror;
  private readonly pull: { readonly actions: string[]; readonly resources: string[] };

  constructor(scope: Construct, id: string, attributes: PullThroughCacheAttributes, mayBeRoot = false) {
    const { upstream, repositoryPrefix, repositoryNames, account, region } = attributes;
    super(scope, id, { account, region });
    this.repositoryPrefix = repositoryPrefix ?? upstream._definition.prefix;
    const path = mayBeRoot && this.repositoryPrefix === ROOT ? [] : [this.repositoryPrefix];

    // The first pull of an image makes its repository, in the name of the one who pulls.
    this.pull = {
      actions: [...PULL_ACTIONS, 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'].sort(),
      resources: mirroredRepositories(`'${this.node.path}'`, path, repositoryNames).map((name) => repositoryArn(this.env, name)),
    };
    const host = `${this.env.account}.dkr.ecr.${this.env.region}.${Stack.of(this).urlSuffix}`;
    this.mirror = RegistryMirror._at(upstream.host, [host, ...path].join('/'), {
      host, account: this.env.account, statements: [new iam.PolicyStatement(this.pull)],
    });
  }

  public grantPull(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] })
      .combine(iam.Grant.addToPrincipal({ grantee, actions: this.pull.actions, resourceArns: this.pull.resources }));
  }
}

/**
 * A pull-through cache rule of Amazon ECR: images of another registry come from ECR, which fetches each the first time it is pulled,
 * and again when its tag has moved, after a day at the most.
 *
 * Amazon ECR creates a repository for each image, from a template that is created with the rule. These repositories remain when the rule is deleted.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 *
 * @example
 * const ecrPublic = new PullThroughCache(this, 'EcrPublic', { upstream: UpstreamRegistry.ecrPublic() });
 * new CachedDockerBuildStep('BuildImages', {
 *   images: [api],
 *   pipeline,
 *   builder: DockerBuilder.buildkit({ mirrors: [ecrPublic.mirror] }),
 * });
 */
export class PullThroughCache extends PullThroughCacheBase {
  /**
   * A rule that is defined elsewhere. Raises an error when prefix, account or region cannot be one, when the name of a repository cannot, and when a rule without a
   * prefix has no `repositoryNames`.
   */
  public static fromPullThroughCacheAttributes(scope: Construct, id: string, attributes: PullThroughCacheAttributes): IPullThroughCache {
    checkAccountAndRegion('PullThroughCache.fromPullThroughCacheAttributes()', attributes);
    const cache = new (class extends PullThroughCacheBase {})(scope, id, attributes, true);
    if (cache.repositoryPrefix !== ROOT) {
      checkPrefix(cache.node.path, cache.repositoryPrefix);
    }
    return cache;
  }

  /**
   * Raises an error when credentials are missing or not wanted, when the name of their secret does not begin with `ecr-pullthroughcache/`,
   * when it is in another account or region or has a key of its own, when the prefix cannot be one or is that of another rule, when `maxAge`
   * is not a whole number of days, and when the upstream registry is the one that the rule is in.
   */
  constructor(scope: Construct, id: string, props: PullThroughCacheProps) {
    super(scope, id, { upstream: props.upstream, repositoryPrefix: props.repositoryPrefix });
    checkUpstream(this, props.upstream);
    checkPrefix(this.node.path, this.repositoryPrefix);
    claimPrefix(this, this.repositoryPrefix);
    const { type, url } = props.upstream._definition;
    checkCredentials(this, props.upstream, props.credentials);

    new ecr.CfnRepositoryCreationTemplate(this, 'Template', {
      prefix: this.repositoryPrefix,
      appliedFor: ['PULL_THROUGH_CACHE'],
      description: `Images of ${props.upstream.host}`,
      imageTagMutability: 'MUTABLE', // an immutable tag would never follow that of the upstream registry
      lifecyclePolicy: lifecycle(daysOf(this, props.maxAge ?? Duration.days(30))),
      ...props.encryptionKey && {
        encryptionConfiguration: { encryptionType: 'KMS', kmsKey: props.encryptionKey.keyArn },
        customRoleArn: encryptingRole(this, this.repositoryPrefix, props.encryptionKey).roleArn,
      },
    });
    const role = upstreamRole(this, this.repositoryPrefix, props.upstream);
    const rule = new ecr.CfnPullThroughCacheRule(this, 'Rule', {
      ecrRepositoryPrefix: this.repositoryPrefix,
      upstreamRegistry: type,
      upstreamRegistryUrl: url,
      credentialArn: props.credentials?.secretArn,
      customRoleArn: role?.roleArn,
    });
    if (role) {
      rule.node.addDependency(role); // with its policy, which the reference to the role leaves out
    }
  }
}

/** By the age of an image only: of those that were not pulled for long, Amazon ECR can make archives, from which nothing can be pulled. */
function lifecycle(days: number): string {
  return JSON.stringify({
    rules: [{
      rulePriority: 1,
      description: 'Images that came long ago, which the next pull brings again',
      selection: { tagStatus: 'any', countType: 'sinceImagePushed', countUnit: 'days', countNumber: days },
      action: { type: 'expire' },
    }],
  });
}
