import { Annotations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { BuiltStages } from '../../dockerfile/built-stages';
import { Dockerfile } from '../../dockerfile/dockerfile';
import { SecretMount, secretMounts } from '../../dockerfile/secret-mounts';

/** What can stand in a flag of buildx without quotes, and in the name of an environment variable of the runner. */
const ID = /^[\w.-]+$/;

/** The ids of secrets in order, since some languages give them in another one each time. Raises an error for one that no mount can name. */
export function checkedSecretIds(image: Construct, secrets: { readonly [id: string]: unknown }): string[] {
  const ids = Object.keys(secrets).sort();
  const unusable = ids.find((id) => !ID.test(id));
  if (unusable !== undefined) {
    throw new Error(`'${image.node.path}': buildSecrets takes ids of letters, digits, '.', '_' and '-', got ${JSON.stringify(unusable)}; for example 'npm_token', which RUN --mount=type=secret,id=npm_token mounts`);
  }
  return ids;
}

export interface SecretOptions {
  readonly target?: string;
  readonly buildArgs: { readonly [name: string]: string };
  readonly secretIds: readonly string[];
  readonly hasSshKey: boolean;
}

/** Raises an error when a step mounts what the image does not have: BuildKit would run it without, and without a word. Warns of secrets that no step mounts. */
export function checkSecrets(image: Construct, dockerfile: Dockerfile, { target, buildArgs, secretIds, hasSshKey }: SecretOptions): void {
  if (!dockerfile.isKnown) {
    return;
  }
  const mounts = secretMounts(new BuiltStages(dockerfile, { target, buildArgs }));
  const missing = mounts.find((mount) => !mount.isOptional && !isGiven(mount, secretIds, hasSshKey));
  if (missing) {
    throw new Error(`'${image.node.path}': ${explain(missing)}; write required=false if the step can do without`);
  }
  const unused = [
    ...secretIds.filter((id) => !mounts.some((mount) => mount.type === 'secret' && mount.id === id)).map((id) => `the build secret ${JSON.stringify(id)}`),
    ...hasSshKey && !mounts.some(({ type }) => type === 'ssh') ? ['the SSH agent with buildSshKey'] : [],
  ];
  if (unused.length > 0) {
    Annotations.of(image).addWarningV2('cdk-cached-docker-build:unusedBuildSecret',
      `no step of the Dockerfile mounts ${unused.join(' and ')}; mount it with RUN --mount, or leave it out`);
  }
}

function isGiven({ type, id }: SecretMount, secretIds: readonly string[], hasSshKey: boolean): boolean {
  return type === 'secret' ? secretIds.includes(id) : hasSshKey && id === 'default';
}

function explain({ type, id, instruction: { line } }: SecretMount): string {
  if (type === 'secret') {
    return `the RUN in line ${line} mounts the secret ${JSON.stringify(id)}, which the image does not have; give it one: buildSecrets: { ${JSON.stringify(id)}: BuildSecret.secretsManager(secret, 'field') }`;
  }
  return id === 'default'
    ? `the RUN in line ${line} mounts an SSH agent, and the image has no key for it; give it one: buildSshKey: BuildSecret.secretsManager(secret)`
    : `the RUN in line ${line} mounts the SSH agent ${JSON.stringify(id)}, and there is one only, 'default'; leave the id out, and give the image a buildSshKey`;
}
