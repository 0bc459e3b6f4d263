import { BuildPermissions } from './build-permissions';
import { AwsEndpoint } from './endpoint';
import { Lab } from '../world/lab';

export interface BootstrappedEnvironment {
  readonly account: string;
  readonly region: string;
}

/** What the bootstrap of the CDK makes in an environment, but for the repository of image assets: a bucket, a version, and roles that may do what is theirs. */
export async function bootstrap({ aws }: Lab, { account, region }: BootstrappedEnvironment): Promise<void> {
  const everything = new BuildPermissions([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  for (const role of ['deploy', 'lookup', 'cfn-exec', 'file-publishing']) aws.callers.addRole(`arn:aws:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`, everything);
  await aws.client(region, 's3api', 'create-bucket', '--bucket', assetBucket({ account, region }), '--create-bucket-configuration', `LocationConstraint=${region}`);
  await aws.client(region, 'ssm', 'put-parameter', '--name', '/cdk-bootstrap/hnb659fds/version', '--type', 'String', '--value', '30');
}

/** The bucket for templates and other files. */
export function assetBucket({ account, region }: BootstrappedEnvironment): string {
  return `cdk-hnb659fds-assets-${account}-${region}`;
}

/** Where the CDK's CLI finds AWS. It makes the address of a template from that of the endpoint, and the emulation finds the bucket in it with this name only. */
export function endpointsOfCli({ url }: AwsEndpoint): { [name: string]: string } {
  return { AWS_ENDPOINT_URL: url.replace('127.0.0.1', 'localhost'), AWS_ENDPOINT_URL_S3: url };
}
