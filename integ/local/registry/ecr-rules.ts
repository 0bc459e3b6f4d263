import { Refusal } from './refusal';
import { RegistryRequest } from './request';

/** Names as CloudFormation has them, so that a template's repository can be given as it is. */
export type TagMutability = 'MUTABLE' | 'IMMUTABLE' | 'MUTABLE_WITH_EXCLUSION' | 'IMMUTABLE_WITH_EXCLUSION';

export interface EcrRepository {
  readonly mutability: TagMutability;
  /** Wildcards of the tags for which the opposite holds. */
  readonly exclusions: readonly string[];
}

/** What ECR demands and a plain registry does not: credentials, repositories that exist, tags that stay. */
export class EcrRules {
  private readonly repositories = new Map<string, EcrRepository>();
  private readonly open = new Set<string>();
  /** Tags and digests of images that nobody can pull until they are restored, as `host/repository reference`. */
  private readonly archived = new Set<string>();

  /** Anybody pulls from this host and nobody pushes (`public.ecr.aws`, Docker Hub). */
  public openHost(host: string): void {
    this.open.add(host);
  }

  public createRepository(host: string, name: string, repository: Partial<EcrRepository> = {}): void {
    this.repositories.set(`${host}/${name}`, { mutability: 'MUTABLE', exclusions: [], ...repository });
  }

  public deleteRepository(host: string, name: string): void {
    this.repositories.delete(`${host}/${name}`);
  }

  /**
   * An archived image keeps its tag, and a pull says that it is not there.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
   */
  public archive(host: string, name: string, references: readonly string[]): void {
    references.forEach(reference => this.archived.add(`${host}/${name} ${reference}`));
  }

  /** As a push of the same image does, or its owner. */
  public restore(host: string, name: string, references: readonly string[]): void {
    references.forEach(reference => this.archived.delete(`${host}/${name} ${reference}`));
  }

  public hasRepository({ host, repository }: Pick<RegistryRequest, 'host' | 'repository'>): boolean {
    return this.repositories.has(`${host}/${repository}`);
  }

  /** Why ECR does not know who asks, or does not let everybody. */
  public refuseCaller({ host, method }: RegistryRequest, authorization?: string): Refusal | undefined {
    if (this.open.has(host)) {
      if (method === 'GET' || method === 'HEAD') return undefined;
      return { status: 403, code: 'DENIED', message: 'anonymous users may not push' };
    }
    return this.authenticate(host, authorization);
  }

  /** Why there is nothing to ask for. */
  public refuseMissing(request: RegistryRequest): Refusal | undefined {
    const { host, method, repository, reference } = request;
    if (repository === undefined || this.open.has(host)) return undefined;
    if (this.hasRepository(request)) {
      const isArchived = method !== 'PUT' && this.archived.has(`${host}/${repository} ${reference}`);
      return isArchived ? { status: 404, code: 'MANIFEST_UNKNOWN', message: 'Requested image not found' } : undefined;
    }
    return {
      status: 404,
      code: 'NAME_UNKNOWN',
      message: `The repository with name '${repository}' does not exist in the registry with id '${host.split('.')[0]}'`,
    };
  }

  /** Whether the tag must stay what it is once it is there. */
  public isImmutable(host: string, name: string, tag: string): boolean {
    const repository = this.repositories.get(`${host}/${name}`);
    if (!repository || tag.includes(':')) return false;
    const excluded = repository.mutability.endsWith('_WITH_EXCLUSION') && repository.exclusions.some(wildcard => matches(wildcard, tag));
    return repository.mutability.startsWith('IMMUTABLE') !== excluded;
  }

  public refuseOverwrite(name: string, tag: string): Refusal {
    return {
      status: 400,
      code: 'TAG_INVALID',
      message: `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the tag is immutable.`,
    };
  }

  private authenticate(host: string, authorization?: string): Refusal | undefined {
    const [scheme, encoded] = (authorization ?? '').split(' ');
    if (scheme.toLowerCase() !== 'basic' || !encoded) {
      return {
        status: 401,
        code: 'UNAUTHORIZED',
        message: 'no basic auth credentials',
        headers: { 'Www-Authenticate': `Basic realm="https://${host}/",service="ecr.amazonaws.com"` },
      };
    }
    // a token of ECR is good for every registry its owner may use, whoever handed it out; one that the play made says who got it
    if (/^AWS:\d{12}-auth-token(-\w+)?$/.test(Buffer.from(encoded, 'base64').toString())) return undefined;
    return { status: 400, code: 'DENIED', message: 'Your Authorization Token is invalid.' };
  }
}

function matches(wildcard: string, tag: string): boolean {
  const pattern = wildcard.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return new RegExp(`^${pattern}$`).test(tag);
}
