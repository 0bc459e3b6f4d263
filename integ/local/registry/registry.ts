import { createHash } from 'crypto';
import { once } from 'events';
import { Agent, IncomingMessage, request as httpRequest, ServerResponse } from 'http';
import { pipeline } from 'stream';
import { setTimeout } from 'timers/promises';
import { answerFault, brokenAnswer } from './broken-answer';
import { countBytes } from './count-bytes';
import { refuseBuild } from './ecr-needs';
import { EcrRepository, EcrRules } from './ecr-rules';
import { FaultEffect, FaultMatch, Faults } from './faults';
import { HttpsFront } from './https-front';
import { Pace } from './pace';
import { RegistryPasswords } from './passwords';
import { PullThroughRegistry } from './pull-through';
import { answerRefusal, Refusal } from './refusal';
import { parseRegistryRequest, RegistryRequest } from './request';
import { RegistryStorage } from './storage';
import { Traffic } from './traffic';
import { Callers } from '../aws/callers';

export interface EcrLocation {
  readonly account: string;
  readonly region: string;
}

export interface RegistryOptions {
  readonly front: HttpsFront;
  readonly ecr: readonly EcrLocation[];
  /** Hosts anybody may pull from. @default public.ecr.aws and Docker Hub */
  readonly open?: readonly string[];
}

/** Docker Hub has two names for one registry. */
const aliases: { readonly [host: string]: string } = { 'registry-1.docker.io': 'docker.io' };

/**
 * ECR, public ECR and Docker Hub of the world: one real registry, with ECR's rules in front of it.
 *
 * The host is the first folder of a repository in the storage, so registries do not see each other's images.
 */
export class Registry {
  public static async start(options: RegistryOptions): Promise<Registry> {
    const registry = new Registry(await RegistryStorage.start());
    const open = options.open ?? ['public.ecr.aws', 'docker.io', 'registry-1.docker.io'];
    open.forEach(host => registry.rules.openHost(host));
    for (const host of [...options.ecr.map(Registry.ecrHost), ...open]) {
      await options.front.serve(host, (request, response) => {
        registry.handle(parseRegistryRequest(request.method!, host, request.url!), request, response)
          .catch(error => response.destroy(error));
      });
    }
    return registry;
  }

  public static ecrHost({ account, region }: EcrLocation): string {
    return `${account}.dkr.ecr.${region}.amazonaws.com`;
  }

  public readonly traffic = new Traffic();
  /** What has to be known to pull; nothing when the play begins. */
  public readonly passwords = new RegistryPasswords();
  /** What builds may do; everything, where there are none. */
  public callers = new Callers();
  /** Whether a blob may be mounted from another repository; ECR does so only when its owner switched it on. */
  public mounts = false;
  /** Milliseconds every request waits before it is served, as a network would make it. */
  public latencyMs = 0;
  /** What the line to all registries together carries, each way; 0 is no limit. */
  public bytesPerSecond = 0;

  private readonly rules = new EcrRules();
  private readonly faults = new Faults();
  private readonly copies: PullThroughRegistry[] = [];
  private readonly agent = new Agent({ keepAlive: true });
  private readonly up = new Pace(() => this.bytesPerSecond);
  private readonly down = new Pace(() => this.bytesPerSecond);
  private puts: Promise<void> = Promise.resolve();

  private constructor(public readonly storage: RegistryStorage) {}

  public createRepository(location: EcrLocation, name: string, repository?: Partial<EcrRepository>): void {
    this.rules.createRepository(Registry.ecrHost(location), name, repository);
  }

  public hasRepository(location: EcrLocation, name: string): boolean {
    return this.rules.hasRepository({ host: Registry.ecrHost(location), repository: name });
  }

  public deleteRepository(location: EcrLocation, name: string): void {
    this.rules.deleteRepository(Registry.ecrHost(location), name);
  }

  /** From now on nobody can pull `host/repository:tag`, and its tag stays taken. Gives what restores it. */
  public async archive(image: string): Promise<() => void> {
    const [, host, name, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image)!;
    const { digest } = await this.manifest(image);
    this.rules.archive(host, name, [tag, digest]);
    return () => this.rules.restore(host, name, [tag, digest]);
  }

  /** From now on the repositories below a path of a host are copies of those of another registry. */
  public addCopy(copy: PullThroughRegistry): void {
    this.copies.push(copy);
  }

  /** @returns a function that ends the fault and tells how often it hit */
  public fault(match: FaultMatch, effect: FaultEffect): () => number {
    return this.faults.add(match, effect);
  }

  public clearFaults(): void {
    this.faults.clear();
  }

  /** Asks the storage itself: no rules, no faults, nothing recorded. For what a test wants to look at or put there. */
  public async direct(host: string, path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.storage.url + path.replace(/^\/v2\//, `/v2/${folderOf(host)}/`), init);
  }

  /** The manifest (or index) behind `host/repository:tag` or `@digest`, and what it is called. */
  public async manifest(image: string): Promise<{ digest: string; mediaType: string; manifest: any }> {
    const match = /^([^/]+)\/(.+?)(?:@(sha256:\w+)|:([^:/]+))$/.exec(image);
    if (!match) throw new Error(`not an image with a tag or digest: ${image}`);
    const answer = await this.direct(match[1], `/v2/${match[2]}/manifests/${match[3] ?? match[4]}`, { headers: { Accept: accepted } });
    if (!answer.ok) throw new Error(`${image}: ${answer.status} ${await answer.text()}`);
    return {
      digest: answer.headers.get('docker-content-digest')!,
      mediaType: answer.headers.get('content-type')!,
      manifest: await answer.json(),
    };
  }

  public async blob(host: string, repository: string, digest: string): Promise<Buffer> {
    const answer = await this.direct(host, `/v2/${repository}/blobs/${digest}`);
    if (!answer.ok) throw new Error(`${host}/${repository}@${digest}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  public async tags(host: string, repository: string): Promise<string[]> {
    const answer = await this.direct(host, `/v2/${repository}/tags/list`);
    return answer.ok ? ((await answer.json()) as { tags: string[] | null }).tags ?? [] : [];
  }

  public async stop(): Promise<void> {
    this.agent.destroy();
    await Promise.all([this.storage, ...this.copies].map(each => each.stop()));
  }

  private async handle(about: RegistryRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.recordWhenDone(about, request, response);
    const refuse = (refusal: Refusal) => {
      request.resume();
      answerRefusal(response, refusal);
    };
    if (this.latencyMs > 0) await setTimeout(this.latencyMs);
    const effects = this.faults.of(about);
    if (await answerFault(effects, request, response)) return;
    if (this.passwords.answer(about, request, response)) return;
    const refusal = this.refuse(about, request.headers.authorization);
    if (refusal) return refuse(refusal);
    if (about.kind === 'manifest' && about.method === 'PUT') {
      const manifest = await bodyOf(request);
      return this.oneAtATime(async () => {
        const overwrite = await this.refuseOverwrite(about, manifest);
        if (overwrite) return refuse(overwrite);
        this.rules.restore(about.host, about.repository!, [about.reference!, digestOf(manifest)]);
        this.forward(about, request, response, effects, manifest);
        await once(response, 'close');
      });
    }
    return this.forward(about, request, response, effects);
  }

  private refuse(about: RegistryRequest, authorization: string | undefined): Refusal | undefined {
    const build = this.callers.of(authorization)?.permissions;
    const isImport = this.copies.some(each => each.holds(about)) && !this.rules.hasRepository(about);
    const refusal = this.rules.refuseCaller(about, authorization) ?? (build && refuseBuild(build, about, isImport));
    if (refusal) return refusal;
    if (isImport) this.rules.createRepository(about.host, about.repository!); // by the first pull of its image
    return this.rules.refuseMissing(about);
  }

  /** Whether a tag is free must still hold when it is set. */
  private oneAtATime(put: () => Promise<void>): Promise<void> {
    const turn = this.puts.then(put);
    this.puts = turn.catch(() => undefined);
    return turn;
  }

  private async refuseOverwrite({ host, repository, reference }: RegistryRequest, manifest: Buffer): Promise<Refusal | undefined> {
    if (!this.rules.isImmutable(host, repository!, reference!)) return undefined;
    const there = await this.direct(host, `/v2/${repository}/manifests/${reference}`, { method: 'HEAD', headers: { Accept: accepted } });
    if (!there.ok || there.headers.get('docker-content-digest') === digestOf(manifest)) return undefined;
    return this.rules.refuseOverwrite(repository!, reference!);
  }

  private forward(about: RegistryRequest, request: IncomingMessage, response: ServerResponse, effects: readonly FaultEffect[], body?: Buffer) {
    const folder = folderOf(about.host);
    const copy = this.copies.find(each => each.holds(about));
    const { authorization: _, ...headers } = request.headers;
    const inner = httpRequest({
      host: '127.0.0.1',
      port: copy?.port ?? this.storage.port,
      agent: this.agent,
      method: about.method,
      path: copy?.path(about) ?? this.innerUrl(about, folder),
      headers,
    }, answer => {
      copy?.answered(about, answer.statusCode!, answer.headers['docker-content-digest']);
      if (effects.some(({ kind }) => kind === 'lose')) return void request.socket.destroy();
      const { location } = answer.headers;
      response.writeHead(answer.statusCode!, {
        ...answer.headers,
        ...location && { location: location.replace(`/v2/${folder}/`, '/v2/') },
      });
      pipeline(answer, this.down.stream(), brokenAnswer(effects, response), response, () => { /* a broken side has ended the other one */ });
    });
    inner.on('error', error => response.destroy(error));
    response.on('close', () => inner.destroy());
    if (body) inner.end(body);
    else pipeline(request, this.up.stream(), inner, () => { /* as above */ });
  }

  private innerUrl(about: RegistryRequest, folder: string): string {
    const query = new URLSearchParams(about.query);
    query.delete('ns');
    if (this.mounts && query.has('from')) {
      query.set('from', `${folder}/${query.get('from')}`);
    } else {
      query.delete('mount');
      query.delete('from');
    }
    const inner = about.repository === undefined ? about.path : about.path.replace(/^\/v2\//, `/v2/${folder}/`);
    return query.size > 0 ? `${inner}?${query}` : inner;
  }

  private recordWhenDone(about: RegistryRequest, request: IncomingMessage, response: ServerResponse) {
    const start = performance.now();
    countBytes(request, response, (up, down) => {
      const { host, method, url, kind, repository, reference } = about;
      const status = response.headersSent ? response.statusCode : 0;
      const userAgent = request.headers['user-agent'] ?? '';
      this.traffic.record({ host, method, url, kind, repository, reference, status, up, down, ms: performance.now() - start, userAgent });
    });
  }
}

const accepted = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

function folderOf(host: string): string {
  return aliases[host] ?? host;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function digestOf(manifest: Buffer): string {
  return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
}
