import { Aws, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { repositoryArn } from '../registry-access';
import { UpstreamRegistry } from './upstream-registry';

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
  return role;
}

/**
 * A service of AWS that acts for this account, and for no other. It is not documented that Amazon ECR says for whom it acts, hence IfExists; that a rule or a template
 * can only have a role of its own account is.
 */
function servicePrincipal(service: string): iam.IPrincipal {
  return new iam.ServicePrincipal(service, { conditions: { StringEqualsIfExists: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } });
}
