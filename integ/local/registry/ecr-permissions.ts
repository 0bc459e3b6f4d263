import { Refusal } from './refusal';
import { RegistryRequest } from './request';
import { matches, PolicyStatement, statementsOfAction } from '../aws/role-policy';
import { SynthesizedStack } from '../aws/synthesized-stack';

/**
 * What Amazon ECR asks for before it serves a request of the registry API.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
function actionsOf({ kind, method, reference }: RegistryRequest): string[] {
  const isRead = method === 'GET' || method === 'HEAD';
  if (kind === 'manifest') return [isRead ? 'ecr:BatchGetImage' : method === 'PUT' ? 'ecr:PutImage' : 'ecr:BatchDeleteImage'];
  if (kind === 'blob') return [method === 'HEAD' ? 'ecr:BatchCheckLayerAvailability' : method === 'GET' ? 'ecr:GetDownloadUrlForLayer' : 'ecr:BatchDeleteImage'];
  if (kind === 'tags') return ['ecr:ListImages'];
  if (kind !== 'upload') return [];
  if (method === 'PUT') return ['ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'];
  return [reference === undefined ? 'ecr:InitiateLayerUpload' : 'ecr:UploadLayerPart'];
}

/** What may be done with the private repositories of Amazon ECR, as the policy of a build's role has it, and what of it was done. */
export class EcrPermissions {
  /** Those of the build that an action of the pipeline runs. */
  public static ofAction(stack: SynthesizedStack, action: string): EcrPermissions {
    return new EcrPermissions(statementsOfAction(stack, action));
  }

  private readonly used = new Set<string>();

  public constructor(private readonly statements: readonly PolicyStatement[]) {}

  /** Why Amazon ECR refuses a request, if it does. */
  public refuse(request: RegistryRequest): Refusal | undefined {
    const [, account, region] = /^(\d{12})\.dkr\.ecr\.([^.]+)\./.exec(request.host) ?? [];
    if (account === undefined || request.repository === undefined) return undefined;
    const resource = `arn:aws:ecr:${region}:${account}:repository/${request.repository}`;
    for (const action of actionsOf(request)) {
      if (!this.allows(action, resource)) return { status: 403, code: 'DENIED', message: `the build is not authorized to perform: ${action} on resource: ${resource}` };
      this.used.add(`${action} ${resource}`);
    }
    return undefined;
  }

  /** What is allowed of repositories, and was not done. */
  public get unused(): string[] {
    const granted = this.statements.flatMap(({ Action, Resource }) => [Action].flat().flatMap(action => [Resource].flat().map(resource => `${action} ${resource}`)));
    return granted.filter(pair => pair.startsWith('ecr:') && !pair.endsWith(' *') && ![...this.used].some(used => matches(pair, used)));
  }

  private allows(action: string, resource: string): boolean {
    return this.statements.some(({ Effect, Action, Resource }) => Effect === 'Allow'
      && [Action].flat().some(wildcard => matches(wildcard, action))
      && [Resource].flat().some(wildcard => matches(wildcard, resource)));
  }
}
