import { Duration, IResource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { Credentials } from './upstream-definition';
import { UpstreamRegistry } from './upstream-registry';
import { isKnownAtSynthesis } from '../../values/known-at-synthesis';

/** Amazon ECR may read no other secrets. */
const SECRET_PREFIX = 'ecr-pullthroughcache/';

/** Raises an error when Amazon ECR would refuse this as the beginning of names. */
export function checkPrefix(path: string, prefix: string): void {
  const isValid = isKnownAtSynthesis(prefix) && /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(prefix);
  if (!isValid || prefix.length < 2 || prefix.length > 30) {
    throw new Error(`'${path}': repositoryPrefix must be 2 to 30 lower-case letters, digits and ._-/ between them, known at synthesis, got ${JSON.stringify(prefix)}; for example 'docker-hub'`);
  }
}

/** Raises an error for a registry that would pull from itself. */
export function checkUpstream({ node, env }: IResource, { host, _definition: { account, region } }: UpstreamRegistry): void {
  if (account === env.account && region === env.region) {
    throw new Error(`'${node.path}': upstream is ${host}, the registry that the cache is in; pull from there without a cache`);
  }
}

/** Raises an error when the upstream registry needs others, or none. */
export function checkCredentials(cache: IConstruct, upstream: UpstreamRegistry, secret?: secretsmanager.ISecret): void {
  const { node } = cache;
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
  if (secret) {
    checkReadable(cache, secret);
  }
}

/** Raises an error for a secret that Amazon ECR would not find, or not be able to read. */
function checkReadable(cache: IConstruct, secret: secretsmanager.ISecret): void {
  const stack = Stack.of(cache);
  const places = [['account', secret.env.account, stack.account], ['region', secret.env.region, stack.region]];
  for (const [what, theirs, ours] of places) {
    if (Token.compareStrings(theirs, ours) === TokenComparison.DIFFERENT) {
      throw new Error(`'${cache.node.path}': the secret '${secret.node.path}' with the credentials must be in the ${what} of the rule, ${ours}, got ${theirs}; make one there`);
    }
  }
  const key = secret.encryptionKey?.keyArn;
  if (key !== undefined && !key.endsWith(':alias/aws/secretsmanager')) {
    throw new Error(`'${cache.node.path}': the secret '${secret.node.path}' with the credentials must be encrypted with the AWS managed key of AWS Secrets Manager, since Amazon ECR may use no other, got the key '${secret.encryptionKey?.node.path}'; make a secret without an encryptionKey`);
  }
}

/** For each app: whose prefix is whose. */
const claims = new WeakMap<IConstruct, Map<string, IConstruct>>();

/** Raises an error when another rule of the account and region has the same prefix, which Amazon ECR would refuse. */
export function claimPrefix(cache: IConstruct, prefix: string): void {
  const claimed = claims.get(cache.node.root) ?? new Map<string, IConstruct>();
  claims.set(cache.node.root, claimed);
  const stack = Stack.of(cache);
  // Where stacks go that do not say it is not known, and may be different places.
  const key = [stack.account, stack.region].some((part) => Token.isUnresolved(part)) ? `${stack.node.addr}/${prefix}` : `${stack.account}/${stack.region}/${prefix}`;
  const owner = claimed.get(key);
  if (owner) {
    throw new Error(`'${cache.node.path}': the repositoryPrefix '${prefix}' is that of '${owner.node.path}' already, and an account has it once in a region; give one of them another one, or import it with PullThroughCache.fromPullThroughCacheAttributes`);
  }
  claimed.set(key, cache);
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
