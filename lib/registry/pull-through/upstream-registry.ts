import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Credentials, UpstreamDefinition } from './upstream-definition';
import { ACCOUNT, REGION } from '../../values/account-and-region';

/**
 * A registry whose images Amazon ECR can cache: a `PullThroughCache` pulls from it.
 *
 * Amazon ECR takes no registries but those of certain providers. Microsoft's own images at `mcr.microsoft.com` are not among them; a registry of
 * yours that has copies of them can be a `RegistryMirror`.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export class UpstreamRegistry {
  /** Docker Hub, `docker.io`. Amazon ECR needs a login to it. */
  public static dockerHub(): UpstreamRegistry {
    return new UpstreamRegistry('docker.io', {
      type: 'docker-hub', url: 'registry-1.docker.io', prefix: 'docker-hub', credentials: Credentials.SECRET,
    });
  }

  /** The GitHub Container Registry, `ghcr.io`. Amazon ECR needs a login to it. */
  public static gitHub(): UpstreamRegistry {
    return new UpstreamRegistry('ghcr.io', { type: 'github-container-registry', url: 'ghcr.io', prefix: 'github', credentials: Credentials.SECRET });
  }

  /** The registry of gitlab.com, `registry.gitlab.com`, not that of a GitLab of your own. Amazon ECR needs a login to it. */
  public static gitLab(): UpstreamRegistry {
    return new UpstreamRegistry('registry.gitlab.com', {
      type: 'gitlab-container-registry', url: 'registry.gitlab.com', prefix: 'gitlab', credentials: Credentials.SECRET,
    });
  }

  /** The Chainguard Registry, `cgr.dev`. Amazon ECR needs a login to it, also for images that everybody may pull. */
  public static chainguard(): UpstreamRegistry {
    return new UpstreamRegistry('cgr.dev', { type: 'chainguard', url: 'cgr.dev', prefix: 'chainguard', credentials: Credentials.SECRET });
  }

  /** Quay, `quay.io`. */
  public static quay(): UpstreamRegistry {
    return new UpstreamRegistry('quay.io', { type: 'quay', url: 'quay.io', prefix: 'quay', credentials: Credentials.NONE });
  }

  /** The registry of Kubernetes, `registry.k8s.io`. */
  public static kubernetes(): UpstreamRegistry {
    return new UpstreamRegistry('registry.k8s.io', { type: 'k8s', url: 'registry.k8s.io', prefix: 'kubernetes', credentials: Credentials.NONE });
  }

  /** Amazon ECR Public, `public.ecr.aws`. */
  public static ecrPublic(): UpstreamRegistry {
    return new UpstreamRegistry('public.ecr.aws', { type: 'ecr-public', url: 'public.ecr.aws', prefix: 'ecr-public', credentials: Credentials.NONE });
  }

  /**
   * A registry of Microsoft Azure, `<name>.azurecr.io`. Amazon ECR needs a login to it.
   *
   * Raises an error when the name is not that of such a registry, known at synthesis.
   *
   * @param registryName the name of the registry, without `.azurecr.io`
   */
  public static azure(registryName: string): UpstreamRegistry {
    if (!/^[a-z0-9]{5,50}$/.test(registryName)) {
      throw new Error(`UpstreamRegistry.azure(): registryName must be 5 to 50 lower-case letters and digits, known at synthesis, got ${JSON.stringify(registryName)}; for example 'example' for example.azurecr.io`);
    }
    const host = `${registryName}.azurecr.io`;
    return new UpstreamRegistry(host, { type: 'azure-container-registry', url: host, prefix: 'azure', credentials: Credentials.SECRET });
  }

  /**
   * The Amazon ECR of another account or region. The owner of another account has to let yours pull, in the policy of the registry or of its
   * repositories.
   *
   * Raises an error when account or region are not known at synthesis.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
   */
  public static ecr(account: string, region: string): UpstreamRegistry {
    if (!ACCOUNT.test(account) || !REGION.test(region)) {
      throw new Error(`UpstreamRegistry.ecr(): account and region must be known at synthesis, got ${JSON.stringify(account)} and ${JSON.stringify(region)}; for example '111111111111' and 'eu-west-1'`);
    }
    const host = `${account}.dkr.ecr.${region}.${RegionInfo.get(region).domainSuffix ?? 'amazonaws.com'}`;
    return new UpstreamRegistry(host, { type: 'ecr', url: host, prefix: `${account}-${region}`, credentials: Credentials.ROLE, account, region });
  }

  private constructor(
    /** The registry as images name it, such as `docker.io`. */
    public readonly host: string,
    /** @internal */
    public readonly _definition: UpstreamDefinition,
  ) {}
}
