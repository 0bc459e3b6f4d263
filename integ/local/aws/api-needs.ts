import { Need } from './build-permissions';

/** A call of the API of AWS, as far as it matters for what it needs. */
export interface ApiCall {
  readonly service: string;
  readonly action?: string;
  readonly region: string;
  readonly body: string;
}

/**
 * What a call needs. Whoever has credentials may ask who they are.
 *
 * @param keyOf the key of the account that something is encrypted with, if it is
 */
export function needsOfCall({ service, action, region, body }: ApiCall, account: string, keyOf: (resource: string) => string | undefined): Need[] {
  const name = `${service}:${action}`;
  if (name === 'sts:GetCallerIdentity') return [];
  const place = `arn:aws:${service}:${region}:${account}`;
  const resources = resourcesOf(name, place, body);
  return resources.flatMap(resource => [{ action: name, resource }, ...decryption(service, region, keyOf(resource))]);
}

/** A service that decrypts does so in the name of its caller. */
export function decryption(service: string, region: string, key: string | undefined, action = 'kms:Decrypt'): Need[] {
  return key === undefined ? [] : [{ action, resource: key, context: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } }];
}

function resourcesOf(name: string, place: string, body: string): string[] {
  if (name === 'secretsmanager:GetSecretValue') {
    const { SecretId } = JSON.parse(body) as { SecretId: string };
    // the ARN of a secret ends with six characters that its name does not have
    return [SecretId.startsWith('arn:') ? SecretId : `${place}:secret:${SecretId}-AbCdEf`];
  }
  if (name === 'ssm:GetParameters') {
    return (JSON.parse(body) as { Names: string[] }).Names.map(parameter => `${place}:parameter/${parameter.replace(/^\//, '')}`);
  }
  if (name === 'sts:AssumeRole') return [new URLSearchParams(body).get('RoleArn')!];
  if (name === 'ecr:DescribeRepositories') return (JSON.parse(body) as { repositoryNames: string[] }).repositoryNames.map(repository => `${place}:repository/${repository}`);
  if (name === 'ecr:DescribeImages') return [`${place}:repository/${(JSON.parse(body) as { repositoryName: string }).repositoryName}`];
  return ['*'];
}
