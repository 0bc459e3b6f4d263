import { BuildPermissions } from './build-permissions';
import { Callers } from './callers';
import { AwsEndpoint } from './endpoint';
import { Registry } from '../registry/registry';
import { Lab } from '../world/lab';

export interface BootstrappedEnvironment {
  readonly account: string;
  readonly region: string;
}

/** What the bootstrap of the CDK makes in an environment, but for image assets: a bucket, a version, and roles that may do what is theirs. */
export async function bootstrap({ aws }: Lab, { account, region }: BootstrappedEnvironment): Promise<void> {
  const everything = new BuildPermissions([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  for (const role of ['deploy', 'lookup', 'cfn-exec', 'file-publishing']) aws.callers.addRole(`arn:aws:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`, everything);
  await aws.client(region, 's3api', 'create-bucket', '--bucket', assetBucket({ account, region }), '--create-bucket-configuration', `LocationConstraint=${region}`);
  await aws.client(region, 'ssm', 'put-parameter', '--name', '/cdk-bootstrap/hnb659fds/version', '--type', 'String', '--value', '30');
}

/** The repository for image assets, whose tags stay where they are. */
export function createImageRepository(registry: Registry, place: BootstrappedEnvironment): void {
  registry.createRepository(place, imageRepository(place), { mutability: 'IMMUTABLE' });
}

/** The role that publishes image assets, with what the bootstrap lets it do. */
export function addImagePublishingRole(callers: Callers, { account, region }: BootstrappedEnvironment): void {
  const repositoryActions = [
    'BatchCheckLayerAvailability', 'BatchGetImage', 'CompleteLayerUpload', 'DescribeImages', 'DescribeRepositories', 'GetDownloadUrlForLayer', 'InitiateLayerUpload',
    'PutImage', 'UploadLayerPart',
  ];
  callers.addRole(`arn:aws:iam::${account}:role/cdk-hnb659fds-image-publishing-role-${account}-${region}`, new BuildPermissions([
    { Effect: 'Allow', Action: repositoryActions.map(action => `ecr:${action}`), Resource: `arn:aws:ecr:${region}:${account}:repository/${imageRepository({ account, region })}` },
    { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
  ]));
}

/** The name of the repository for image assets. */
export function imageRepository({ account, region }: BootstrappedEnvironment): string {
  return `cdk-hnb659fds-container-assets-${account}-${region}`;
}

/** The bucket for templates and other files. */
export function assetBucket({ account, region }: BootstrappedEnvironment): string {
  return `cdk-hnb659fds-assets-${account}-${region}`;
}

/** Where the CDK's CLI finds AWS. It makes the address of a template from that of the endpoint, and the emulation finds the bucket in it with this name only. */
export function endpointsOfCli({ url }: AwsEndpoint): { [name: string]: string } {
  return { AWS_ENDPOINT_URL: url.replace('127.0.0.1', 'localhost'), AWS_ENDPOINT_URL_S3: url };
}
