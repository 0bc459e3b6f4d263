import { createHash } from 'crypto';
import { Readable } from 'stream';
import { open, request, Response } from './https-client';
import { RepositoryName } from './image-name';
import { Failure, reasonOf, Unreachable } from '../report/failure';

/** A manifest as its registry has it. */
export interface Manifest {
  /** Of its bytes, whatever a header says. */
  readonly digest: string;
  readonly type: string;
  readonly body: Buffer;
}

const TYPES = [
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** Between two questions for what was just pushed, in milliseconds; 16 seconds for all. */
const LONGEST_PAUSE = 8000;

/** A registry looks at a large layer for some time before it says that it has it: in milliseconds. */
const LONGEST_CHECK = 5 * 60 * 1000;

/**
 * One repository by the HTTP API of its registry. It says plainly whether a tag is there, and sets one in a single request,
 * without an engine, without a builder and without moving a layer.
 */
export class RegistryClient {
  /** @param authorization the header that the registry wants */
  constructor(private readonly repository: RepositoryName, private readonly authorization: string) {}

  /**
   * The manifest of a tag or digest; undefined when the registry says that there is none. Anything else is a failure: a registry that denies or fails has not
   * said that the image is missing, and a new build would only hide that.
   */
  public async manifest(reference: string): Promise<Manifest | undefined> {
    const response = await this.send('GET', reference, { accept: TYPES });
    if (response.status === 200) {
      const digest = `sha256:${createHash('sha256').update(response.body).digest('hex')}`;
      if (reference.startsWith('sha256:') && reference !== digest) throw new Failure(`the registry answers with another image than ${reference} for ${this.name}`);
      return { digest, type: response.headers['content-type'] ?? '', body: response.body };
    }
    const code = errorCode(response);
    if (response.status === 404 && code === 'MANIFEST_UNKNOWN') return undefined;
    if (response.status === 404 && code === 'NAME_UNKNOWN') {
      throw new Failure(`the repository ${this.name} does not exist; it has to be deployed before its first image is built`);
    }
    throw new Failure(this.meaning(response, `cannot say whether ${this.name} has '${reference}'`));
  }

  /** A manifest that was just pushed, which a registry may not show in the first moment. */
  public async pushedManifest(reference: string): Promise<Manifest> {
    for (let pause = 250; ; pause *= 2) {
      const manifest = await this.manifest(reference);
      if (manifest) return manifest;
      if (pause > LONGEST_PAUSE) throw new Failure(`the registry does not have ${reference}, which was just pushed to ${this.name}`);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Points a tag at a manifest; false when the tag is immutable and taken. */
  public async setTag(tag: string, { type, body }: Manifest): Promise<boolean> {
    const response = await this.send('PUT', tag, { 'content-type': type }, body);
    if (response.status >= 200 && response.status < 300) return true;
    if (response.status === 400 && /immutable/i.test(response.body.toString())) return false;
    throw new Failure(`the tag '${tag}' cannot be set in ${this.name} (HTTP ${response.status}): ${excerpt(response)}`);
  }

  /** The bytes of a blob, as they come; undefined when the registry says that there is none. Whoever reads them has to compare their digest. */
  public async blob(digest: string): Promise<Readable | undefined> {
    const url = `${this.url}/blobs/${digest}`;
    let response = await this.reach(async () => open({ method: 'GET', url, headers: { authorization: this.authorization } }));
    // Amazon ECR keeps blobs elsewhere, where its password is nobody's business.
    for (let redirects = 0; response.status >= 300 && response.status < 400 && redirects < 5; redirects++) {
      response.body.destroy();
      const next = this.placeIn(response.headers.location ?? '', url);
      response = await this.reach(async () => open({ method: 'GET', url: next, headers: this.loginFor(next) }));
    }
    if (response.status === 200) return response.body;
    response.body.destroy();
    if (response.status === 404) return undefined;
    throw new Failure(`the registry does not give the blob ${digest} of ${this.name} (HTTP ${response.status})`);
  }

  /** Whether the repository has a blob. */
  public async hasBlob(digest: string): Promise<boolean> {
    const url = `${this.url}/blobs/${digest}`;
    const response = await this.reach(async () => request({ method: 'HEAD', url, headers: this.loginFor(url) }));
    if (response.status === 404) return false;
    // Amazon ECR may lead to where it is.
    if (response.status >= 200 && response.status < 400) return true;
    throw new Failure(this.meaning(response, `cannot say whether ${this.name} has the blob ${digest}`));
  }

  /** Puts a blob into the repository. */
  public async putBlob(digest: string, body: Buffer | { readonly file: string }): Promise<void> {
    const uploads = `${this.url}/blobs/uploads/`;
    const start = await this.reach(async () => request({ method: 'POST', url: uploads, headers: this.loginFor(uploads) }));
    const location = start.headers.location;
    if (start.status !== 202 || location === undefined) throw new Failure(this.meaning(start, `takes no blobs for ${this.name}`));
    const url = new URL(this.placeIn(location, uploads));
    url.searchParams.set('digest', digest);
    const type = { 'content-type': 'application/octet-stream' };
    const silence = Buffer.isBuffer(body) ? undefined : LONGEST_CHECK;
    const end = await this.reach(async () => request({ method: 'PUT', url: url.href, headers: { ...this.loginFor(url.href), ...type }, body, silence }));
    if (end.status !== 201) throw new Failure(this.meaning(end, `does not take the blob ${digest} for ${this.name}`));
  }

  /** Where the registry leads to. */
  private placeIn(location: string, from: string): string {
    try {
      return new URL(location, from).href;
    } catch {
      throw new Failure(`the registry ${this.repository.host} leads to a place that is none: ${location}`);
    }
  }

  /** Nobody else gets it. */
  private loginFor(url: string): { [name: string]: string } {
    return new URL(url).host === this.repository.host ? { authorization: this.authorization } : {};
  }

  private get name(): string {
    return `${this.repository.host}/${this.repository.path}`;
  }

  private async send(method: 'GET' | 'PUT', reference: string, headers: { [name: string]: string }, body?: Buffer): Promise<Response> {
    const url = `${this.url}/manifests/${encodeURIComponent(reference).replace('%3A', ':')}`; // the colon of a digest as every client sends it
    return this.reach(async () => request({ method, url, headers: { authorization: this.authorization, ...headers }, body }));
  }

  private get url(): string {
    return `https://${this.repository.host}/v2/${this.repository.path}`;
  }

  private async reach<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw new Unreachable(`the registry ${this.repository.host} cannot be reached: ${reasonOf(error)}`);
    }
  }

  private meaning(response: Response, cannot: string): string {
    const { status } = response;
    const answer = `(HTTP ${status}): ${excerpt(response)}`;
    if (status === 401 || status === 403) return `the registry denies access to ${this.name} ${answer}`;
    if (status === 404) return `the answer for ${this.name} is not that of its registry ${answer}`;
    return `the registry ${cannot} ${answer}`;
  }
}

function errorCode({ body }: Response): string | undefined {
  try {
    const { errors } = JSON.parse(body.toString()) as { errors?: { code?: string }[] };
    return errors?.[0]?.code;
  } catch {
    return undefined;
  }
}

function excerpt({ body }: Response): string {
  return body.toString().replace(/\s+/g, ' ').trim().slice(0, 500) || 'an empty answer';
}
