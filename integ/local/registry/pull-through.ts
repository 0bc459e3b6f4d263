import { RegistryRequest } from './request';
import { RegistryStorage } from './storage';

export interface PullThroughOptions {
  /** The host, and the path below which its copies are: `111111111111.dkr.ecr.eu-west-1.amazonaws.com/docker-hub`. */
  readonly endpoint: string;
  /** The registry that it copies, by the name of its host. */
  readonly upstream: string;
  /**
   * Whether a tag is looked up in the upstream registry by its first pull only, as Amazon ECR does for a day. Left out, every pull of a tag
   * asks whether it has moved.
   */
  readonly keepsTags?: boolean;
}

/** A real registry whose images come from another one as they are pulled: `distribution` as a proxy. */
export class PullThroughRegistry {
  public static async start(options: PullThroughOptions): Promise<PullThroughRegistry> {
    return new PullThroughRegistry(options, await RegistryStorage.start({ upstream: `https://${options.upstream}` }));
  }

  private readonly digests = new Map<string, string>();

  private constructor(private readonly options: PullThroughOptions, private readonly storage: RegistryStorage) {}

  public get port(): number {
    return this.storage.port;
  }

  /** Whether a request is for one of its repositories. */
  public holds({ host, repository }: RegistryRequest): boolean {
    return `${host}/${repository}`.startsWith(`${this.options.endpoint}/`);
  }

  /** The request as the proxy knows it, without the path that precedes the names here. */
  public path(about: RegistryRequest): string {
    const path = about.path.replace(this.prefix, '/v2');
    const digest = this.digests.get(path);
    return digest ? path.replace(/[^/]+$/, digest) : path;
  }

  /** Has to be told what the proxy answered, for the tags that are to be kept. */
  public answered(about: RegistryRequest, status: number, digest?: string | string[]): void {
    if (this.options.keepsTags && about.kind === 'manifest' && status === 200) {
      this.digests.set(about.path.replace(this.prefix, '/v2'), String(digest));
    }
  }

  public async stop(): Promise<void> {
    await this.storage.stop();
  }

  private get prefix(): string {
    const [, ...path] = this.options.endpoint.split('/');
    return ['/v2', ...path].join('/');
  }
}
