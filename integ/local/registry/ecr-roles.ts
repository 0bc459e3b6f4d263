import { EcrPermissions } from './ecr-permissions';
import { Refusal } from './refusal';
import { EcrLocation, Registry, RegistryPermissions } from './registry';
import { RegistryRequest } from './request';
import { AwsEndpoint } from '../aws/endpoint';

/** What the build itself is called where roles are told apart. */
const BUILD = 'build';

/** Repositories that several roles use, each as its policy has it: the password of a registry says whose it is. */
export class EcrRoles implements RegistryPermissions {
  private readonly roles = new Map<string, EcrPermissions>();

  /** @param build what the build may do */
  public constructor(build: EcrPermissions) {
    this.roles.set(BUILD, build);
  }

  public add({ account }: EcrLocation, role: string, permissions: EcrPermissions): void {
    this.roles.set(`${account}/${role}`, permissions);
  }

  public refuse(request: RegistryRequest, authorization?: string): Refusal | undefined {
    const [, encoded = ''] = authorization?.split(' ') ?? [];
    const [, account, role] = /^AWS:(\d{12})-auth-token-of-(.+)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
    const permissions = this.roles.get(role === BUILD ? BUILD : `${account}/${role}`);
    if (permissions) return permissions.refuse(request);
    const isPrivate = request.host.includes('.dkr.ecr.') && request.repository !== undefined;
    return isPrivate ? { status: 403, code: 'DENIED', message: `${role} of ${account} is no role that may use ${request.repository}` } : undefined;
  }
}

/** Lets the API of Amazon ECR tell what the registry has, and give each role a password of its own. */
export function answerForEcr(aws: AwsEndpoint, registry: Registry): void {
  const failure = (name: string) => Object.assign(new Error(name), { name });
  const hostOf = (region: string, account = aws.account) => Registry.ecrHost({ account, region });
  aws.answer('ecr', 'GetAuthorizationToken', async (_, { region, role }) => {
    const { account, name } = role ?? { account: aws.account, name: BUILD };
    const authorizationToken = Buffer.from(`AWS:${account}-auth-token-of-${name}`).toString('base64');
    return { authorizationData: [{ authorizationToken, proxyEndpoint: `https://${hostOf(region, account)}`, expiresAt: Date.now() / 1000 + 12 * 60 * 60 }] };
  });
  aws.answer('ecr', 'DescribeRepositories', async ({ repositoryNames: [name] }, { region, role }) => {
    const host = hostOf(region, role?.account);
    if (!registry.hasRepository(host, name)) throw failure('RepositoryNotFoundException');
    return { repositories: [{ repositoryName: name, repositoryUri: `${host}/${name}` }] };
  });
  aws.answer('ecr', 'DescribeImages', async ({ repositoryName, imageIds: [{ imageTag }] }, { region, role }) => {
    if (!(await registry.tags(hostOf(region, role?.account), repositoryName)).includes(imageTag)) throw failure('ImageNotFoundException');
    return { imageDetails: [{ repositoryName, imageTags: [imageTag] }] };
  });
}
