import { Arn, ArnFormat, Aws } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { StepSettings } from '../plan/step-settings';
import { SecretField } from '../secret/secret-variables';

/** What lets a build pull from a registry. */
export interface RegistryAccess {
  /** The registry as images name it. */
  readonly host: string;
  /** The login, unless the registry is one of Amazon ECR, for which the role of the build is enough. */
  readonly login?: SecretLogin;
  /** The account of a mirror in Amazon ECR; undefined where it does not matter. */
  readonly account?: string;
  readonly statements: iam.PolicyStatement[];
}

/** A user and a password in a secret. */
export interface SecretLogin {
  readonly secret: secretsmanager.ISecret;
  readonly usernameField: string;
  readonly passwordField: string;
}

/** What a build has to be given for its registries. */
export interface RegistryLogins {
  readonly settings: Pick<StepSettings, 'ecrHosts' | 'logins'>;
  /** Environment variables that CodeBuild fills from secrets. */
  readonly secrets: { [name: string]: SecretField };
  readonly statements: iam.PolicyStatement[];
}

/** What pulling an image needs. @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEC2ContainerRegistryPullOnly.html */
export const PULL_ACTIONS = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** The second is the name that has addresses of IPv6 as well. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html */
const ECR_HOSTS = [
  /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)$/,
  /^(\d{12})\.dkr-ecr(?:-fips)?\.([a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn)$/,
];

/** Account and region of a registry of Amazon ECR, undefined for any other. */
export function ecrRegistry(host: string): { readonly account: string; readonly region: string } | undefined {
  const [, account, region] = ECR_HOSTS.map((pattern) => pattern.exec(host)).find((match) => match) ?? [];
  return account ? { account, region } : undefined;
}

/** The ARN of a repository, or with a `*` at the end of several. */
export function repositoryArn(registry: { readonly account: string; readonly region: string }, name: string): string {
  return Arn.format({ partition: Aws.PARTITION, service: 'ecr', ...registry, resource: 'repository', resourceName: name, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
}

/** The logins of a build, each registry once. Raises an error when there are two for one registry. */
export function registryLogins(id: string, all: RegistryAccess[]): RegistryLogins {
  const logins = new Map<string, SecretLogin>();
  for (const { host, login } of all) {
    const other = logins.get(host);
    if (login && other && !isSame(login, other)) {
      throw new Error(`'${id}': there are two logins for ${host}, with the secrets '${other.secret.node.path}' and '${login.secret.node.path}'; a registry takes one`);
    }
    if (login) logins.set(host, login);
  }
  const ecrHosts = [...new Set(all.filter(({ login }) => !login).map(({ host }) => host))];
  const named = [...logins].map(([host, login], index) => ({
    login, settings: { host, usernameVariable: `REGISTRY_USERNAME_${index}`, passwordVariable: `REGISTRY_PASSWORD_${index}` },
  }));
  return {
    settings: {
      ...ecrHosts.length > 0 && { ecrHosts },
      ...named.length > 0 && { logins: named.map(({ settings }) => settings) },
    },
    secrets: Object.fromEntries(named.flatMap(({ settings, login: { secret, usernameField, passwordField } }) => [
      [settings.usernameVariable, { secret, field: usernameField }],
      [settings.passwordVariable, { secret, field: passwordField }],
    ])),
    statements: all.flatMap(({ statements }) => statements),
  };
}

function isSame(one: SecretLogin, other: SecretLogin): boolean {
  return one.secret === other.secret && one.usernameField === other.usernameField && one.passwordField === other.passwordField;
}
