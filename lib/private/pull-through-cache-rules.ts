import { Duration } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { isKnownAtSynthesis } from './known-at-synthesis';
import { Credentials } from './upstream-definition';
import { UpstreamRegistry } from '../upstream-registry';

/** Amazon ECR may read no other secrets. */
const SECRET_PREFIX = 'ecr-pullthroughcache/';

/** Raises an error when Amazon ECR would refuse this as the beginning of names. */
export function checkPrefix(path: string, prefix: string): void {
  const isValid = isKnownAtSynthesis(prefix) && /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(prefix);
  if (!isValid || prefix.length < 2 || prefix.length > 30) {
    throw new Error(`'${path}': prefix must be 2 to 30 lower-case letters, digits and ._-/ between them, known at synthesis, got ${JSON.stringify(prefix)}; for example 'docker-hub'`);
  }
}

/** Raises an error when the upstream registry needs others, or none. */
export function checkCredentials({ node }: IConstruct, upstream: UpstreamRegistry, secret?: secretsmanager.ISecret): void {
  const wanted = upstream._definition.credentials === Credentials.SECRET;
  if (wanted && !secret) {
    throw new Error(`'${node.path}': credentials are missing, which Amazon ECR needs for ${upstream.host}; give a secret with the fields username and accessToken, and a name that begins with ${SECRET_PREFIX}`);
  }
  if (!wanted && secret) {
    throw new Error(`'${node.path}': credentials are not for ${upstream.host}, from which Amazon ECR pulls without; leave them out`);
  }
  const name = secret && nameOf(secret);
  if (name !== undefined && !name.startsWith(SECRET_PREFIX)) {
    throw new Error(`'${node.path}': the name of the secret with the credentials must begin with ${SECRET_PREFIX}, since Amazon ECR may read no other, got ${JSON.stringify(name)}; make one with such a secretName`);
  }
}

/** The name of a secret, as far as it is known: that of an imported one from its ARN, that of a new one if it was given. */
function nameOf(secret: secretsmanager.ISecret): string | undefined {
  const definition = secret.node.defaultChild;
  const name = definition instanceof secretsmanager.CfnSecret ? secret.stack.resolve(definition.name) ?? '' : secret.secretName;
  return typeof name === 'string' && isKnownAtSynthesis(name) ? name : undefined;
}

/** The age of an image as Amazon ECR counts it. Raises an error when it cannot count like that. */
export function daysOf({ node }: IConstruct, maxAge: Duration): number {
  const days = maxAge.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1) {
    throw new Error(`'${node.path}': maxAge must be a whole number of days, one at least, got ${maxAge.toHumanString()}; for example Duration.days(30)`);
  }
  return days;
}
