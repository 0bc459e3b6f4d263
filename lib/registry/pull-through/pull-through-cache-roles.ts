import { AspectPriority, Aspects, Aws, IAspect, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { explainPolicy, isRolePolicy, WildcardReason } from '../../nag/explain-policy';
import { repositoryArn } from '../registry-access';
import { UpstreamRegistry } from './upstream-registry';

const PART_OF_ROLE = 'These are the permissions of Amazon ECR for one rule. They are part of its role, so that nothing else can be given them and they go with it.';

const TOKEN = 'Amazon ECR has no resource for ecr:GetAuthorizationToken. The token opens what the role may use, and no more.';

const CACHED_REPOSITORIES = 'The repositories below the prefix of the cache, which Amazon ECR makes with the first pull of each image.';

const UPSTREAM_REPOSITORIES = 'The repositories of the other registry, which is cached as a whole.';

/**
 * The role that Amazon ECR pulls from another of its registries with. Within one account it needs none.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
 */
export function upstreamRole(scope: Construct, prefix: string, { _definition: { account, region } }: UpstreamRegistry): iam.Role | undefined {
  const here = Stack.of(scope);
  if (account === undefined || region === undefined || (!Token.isUnresolved(here.account) && here.account === account)) {
    return undefined;
  }
  const role = new iam.Role(scope, 'UpstreamRole', { assumedBy: servicePrincipal('pullthroughcache.ecr.amazonaws.com') });
  role.addToPolicy(new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }));
  const read = ['ecr:BatchGetImage', 'ecr:BatchImportUpstreamImage', 'ecr:GetDownloadUrlForLayer', 'ecr:GetImageCopyStatus'];
  role.addToPolicy(new iam.PolicyStatement({ actions: read, resources: [repositoryArn({ account, region }, '*')] }));
  role.addToPolicy(new iam.PolicyStatement({
    actions: [...read, 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'].sort(),
    resources: [repositoryArn(here, `${prefix}/*`)],
  }));
  explain(role, [
    { actions: /^ecr:GetAuthorizationToken$/, on: (resource) => resource === '*', reason: TOKEN },
    { actions: /^ecr:/, on: (resource) => resource.endsWith(`:repository/${prefix}/*`), reason: CACHED_REPOSITORIES },
    { actions: /^ecr:/, on: (resource) => resource.endsWith(`:${region}:${account}:repository/*`), reason: UPSTREAM_REPOSITORIES },
  ]);
  return role;
}

/**
 * The role that Amazon ECR makes repositories with that are encrypted with a key.
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html
 */
export function encryptingRole(scope: Construct, prefix: string, key: kms.IKey): iam.Role {
  const role = new iam.Role(scope, 'TemplateRole', { assumedBy: servicePrincipal('ecr.amazonaws.com') });
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['ecr:CreateRepository', 'ecr:TagResource'], // not ecr:ReplicateImage, as the template is not for replication
    resources: [repositoryArn(Stack.of(scope), `${prefix}/*`)],
  }));
  key.grant(role, 'kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant');
  explain(role, [{ actions: /^ecr:/, on: (resource) => resource.endsWith(`:repository/${prefix}/*`), reason: CACHED_REPOSITORIES }]);
  return role;
}

/**
 * A service of AWS that acts for this account, and for no other. It is not documented that Amazon ECR says for whom it acts, hence IfExists; that a rule or a template
 * can only have a role of its own account is.
 */
function servicePrincipal(service: string): iam.IPrincipal {
  return new iam.ServicePrincipal(service, { conditions: { StringEqualsIfExists: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } });
}

/** Tells cdk-nag why the role is as it is. cdk-nag 2 looks among the aspects, so this comes before. */
function explain(role: iam.Role, wildcards: readonly WildcardReason[]): void {
  const reasons: IAspect = { visit: (node) => isRolePolicy(node) && explainPolicy(node, PART_OF_ROLE, () => wildcards) };
  Aspects.of(role).add(reasons, { priority: AspectPriority.MUTATING });
}
