import { DockerConfig } from './docker-config';
import { ecrPassword } from './ecr-password';
import { repositoryName } from './image-name';
import { RegistryClient } from './registry-client';
import { StepSettings } from '../../lib/plan/step-settings';
import { Failure } from '../report/failure';
import { Log } from '../report/log';

/** Docker Hub in Docker's configuration, where it has been called so ever since. */
const DOCKER_HUB = 'https://index.docker.io/v1/';

/** Lets the build into the registries that it needs, each once. */
export class Logins {
  private readonly authorizations = new Map<string, string>();
  private readonly asked = new Map<string, Promise<string | undefined>>();

  /**
   * @param env with the passwords of `StepSettings.logins`
   * @param programEnv for programs, without them
   */
  constructor(
    private readonly config: Pick<DockerConfig, 'logIn'>, private readonly env: NodeJS.ProcessEnv, private readonly log: Log, private readonly programEnv = env,
  ) {}

  /** Logs in to the registries of images, without which nothing can be built, and to those of caches, without which everything can. */
  public async toRepositories(images: readonly string[], caches: readonly string[]): Promise<void> {
    const hosts = [...new Set(images.map((image) => repositoryName(image).host))];
    await Promise.all(hosts.map(async (host) => {
      const reason = await this.toEcr(host);
      if (reason !== undefined) {
        throw new Failure(`there is no password for ${host} (${reason}): the build's role needs ecr:GetAuthorizationToken, and the build a way to the ECR API`);
      }
    }));
    await this.orWarn(caches.map((cache) => repositoryName(cache).host), 'where the layer cache is');
  }

  /** Logs in to the registry of a repository, unless that was done before. Gives the reason when there is no password. */
  public async toRepository(repository: string): Promise<string | undefined> {
    const { host } = repositoryName(repository);
    if (!this.asked.has(host)) this.asked.set(host, this.toEcr(host));
    return this.asked.get(host);
  }

  /** Logs in to the registries of base images and of their mirrors. */
  public async toBaseImages({ ecrHosts = [], logins = [] }: StepSettings): Promise<void> {
    for (const { host, usernameVariable, passwordVariable } of logins) {
      const [username, password] = [this.env[usernameVariable], this.env[passwordVariable]];
      if (!username || !password) throw new Failure(`the secret for ${host} has no user or no password: fill its fields, or name others in the declaration`);
      this.config.logIn(host === 'docker.io' ? DOCKER_HUB : host, username, password);
    }
    await this.orWarn(ecrHosts, 'where base images are');
  }

  /** A client of a repository whose registry was logged in to. */
  public client(repository: string): RegistryClient {
    const name = repositoryName(repository);
    return new RegistryClient(name, this.authorizations.get(name.host) ?? '');
  }

  private async orWarn(hosts: readonly string[], what: string): Promise<void> {
    await Promise.all([...new Set(hosts)].filter((host) => !this.authorizations.has(host)).map(async (host) => {
      const reason = await this.toEcr(host);
      if (reason !== undefined) this.log.warn(`there is no password for ${host}, ${what}: ${reason}`);
    }));
  }

  /** Gives the reason when there is no password. */
  private async toEcr(host: string): Promise<string | undefined> {
    const { password, reason } = await ecrPassword(host, this.programEnv);
    if (password === undefined) return reason;
    this.config.logIn(host, 'AWS', password);
    this.authorizations.set(host, `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`);
    return undefined;
  }
}
