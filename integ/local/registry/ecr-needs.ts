import { Refusal } from './refusal';
import { RegistryRequest } from './request';
import { BuildPermissions, Need } from '../aws/build-permissions';

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

/** What the first pull through a cache needs besides: it makes the repository. */
const IMPORT = ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'];

/**
 * What a request to a private repository of Amazon ECR needs.
 *
 * @param isImport whether a pull-through cache has to get the image, and does not even have a repository for it
 */
export function needsOfRegistry(request: RegistryRequest, isImport = false): Need[] {
  const [, account, region] = /^(\d{12})\.dkr\.ecr\.([^.]+)\./.exec(request.host) ?? [];
  if (account === undefined || request.repository === undefined) return [];
  const resource = `arn:aws:ecr:${region}:${account}:repository/${request.repository}`;
  return [...actionsOf(request), ...isImport ? IMPORT : []].map(action => ({ action, resource }));
}

/** Why Amazon ECR refuses a request of a build, if it does. */
export function refuseBuild(build: BuildPermissions, request: RegistryRequest, isImport = false): Refusal | undefined {
  const missing = needsOfRegistry(request, isImport).find(need => !build.allows(need));
  return missing && { status: 403, code: 'DENIED', message: `the build is not authorized to perform: ${missing.action} on resource: ${missing.resource}` };
}
