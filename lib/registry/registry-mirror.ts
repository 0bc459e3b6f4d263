import * as iam from 'aws-cdk-lib/aws-iam';
import { PULL_ACTIONS, ecrRegistry, RegistryAccess, repositoryArn } from './registry-access';
import { RegistryMirrorOptions } from './registry-mirror-options';
import { checkEndpoint, checkRegistry, hostOf, registryOf } from './registry-names';
import { mirroredRepositories } from './repository-names';
import { secretLogin } from './secret-login';

/**
 * Where the base images of a registry are pulled from instead: `DockerBuilder.buildkit({ mirrors })`. No Dockerfile has to change for it.
 *
 * It holds for each image that a Dockerfile names: in `FROM`, in `COPY --from` and `RUN --mount=from`, and in the line `# syntax`.
 */
export class RegistryMirror {
  /**
   * A registry of your own: a proxy, or one with copies under the same names below the path of the endpoint. It has to speak HTTPS, with a
   * certificate that the build machine trusts.
   *
   * A registry of Amazon ECR is pulled from with the role of the build, which may do so then; others with credentials, or without.
   *
   * Raises an error when upstream or endpoint cannot be part of the name of an image, when both are the same registry, when there are
   * credentials for Amazon ECR, when an endpoint there has neither a path nor `repositoryNames`, and when there are such for another registry.
   */
  public static of(options: RegistryMirrorOptions): RegistryMirror {
    const caller = 'RegistryMirror.of()';
    const { upstream, endpoint, credentials, repositoryNames, ...fields } = options;
    checkRegistry(caller, 'upstream', upstream);
    checkEndpoint(caller, endpoint);
    const host = hostOf(endpoint);
    if (registryOf(host) === upstream) {
      throw new Error(`${caller}: the endpoint ${JSON.stringify(endpoint)} is in the registry that it is to be a mirror of; use another registry`);
    }
    if (!credentials && Object.values(fields).some((field) => field !== undefined)) {
      throw new Error(`${caller}: usernameField and passwordField are fields of the credentials, which are missing; give the secret too`);
    }
    return new RegistryMirror(upstream, endpoint, {
      host,
      login: credentials && secretLogin(caller, host, credentials, fields),
      account: ecrRegistry(host)?.account,
      statements: ecrStatements(caller, endpoint, repositoryNames),
    });
  }

  /**
   * A registry that may be known at deployment only.
   * @internal
   */
  public static _at(upstream: string, endpoint: string, access: RegistryAccess): RegistryMirror {
    return new RegistryMirror(upstream, endpoint, access);
  }

  private constructor(
    /** The registry as images name it. */
    public readonly upstream: string,
    /** The registry that is used instead, with the path below which its images are. It can be a token. */
    public readonly endpoint: string,
    private readonly access: RegistryAccess,
  ) {}

  /**
   * What lets a build pull from the mirror; undefined for one that is open to everybody.
   * @internal
   */
  public get _access(): RegistryAccess | undefined {
    return this.access.login || this.access.statements.length > 0 ? this.access : undefined;
  }
}

function ecrStatements(caller: string, endpoint: string, names: string[] | undefined): iam.PolicyStatement[] {
  const [host, ...path] = endpoint.split('/');
  const registry = ecrRegistry(host);
  if (!registry) {
    if (names) throw new Error(`${caller}: repositoryNames are for Amazon ECR, and the endpoint is ${JSON.stringify(endpoint)}; leave them out`);
    return [];
  }
  const resources = mirroredRepositories(caller, path, names).map((name) => repositoryArn(registry, name));
  return [new iam.PolicyStatement({ actions: PULL_ACTIONS, resources })];
}
