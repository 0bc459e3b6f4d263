import { createHash } from 'crypto';
import { Registry } from '../registry/registry';

/** What a tag of a repository has, to be read and to be broken, past all rules. */
export class StoredTag {
  public constructor(
    private readonly registry: Registry, private readonly host: string, private readonly repository: string, private readonly tag: string,
  ) {}

  /** Its manifest. */
  public async content(): Promise<any> {
    return (await this.manifest()).manifest;
  }

  /** The digests of its layers. */
  public async layers(): Promise<string[]> {
    const { manifest } = await this.manifest();
    return manifest.layers.map(({ digest }: { digest: string }) => digest);
  }

  public async configDigest(): Promise<string> {
    return (await this.manifest()).manifest.config.digest;
  }

  public async config(): Promise<Buffer> {
    return this.blob(await this.configDigest());
  }

  public async firstLayer(): Promise<Buffer> {
    const [digest] = await this.layers();
    return this.blob(digest);
  }

  public async replaceConfig(content: Buffer): Promise<void> {
    const { manifest, mediaType } = await this.manifest();
    await this.putManifest({ ...manifest, config: { ...manifest.config, ...await this.putBlob(content) } }, mediaType);
  }

  /** @param change makes another manifest, besides */
  public async replaceFirstLayer(content: Buffer, change: (manifest: any) => object = manifest => manifest): Promise<void> {
    const { manifest, mediaType } = await this.manifest();
    const [first, ...others] = manifest.layers;
    await this.putManifest(change({ ...manifest, layers: [{ ...first, ...await this.putBlob(content) }, ...others] }), mediaType);
  }

  /** Points it at what another tag has. */
  public async pointAt(tag: string): Promise<void> {
    const { manifest, mediaType } = await this.registry.manifest(`${this.host}/${this.repository}:${tag}`);
    await this.putManifest(manifest, mediaType);
  }

  public async remove(): Promise<void> {
    const { digest } = await this.manifest();
    await this.ask(`manifests/${digest}`, 202, { method: 'DELETE' });
  }

  private async manifest() {
    return this.registry.manifest(`${this.host}/${this.repository}:${this.tag}`);
  }

  private async blob(digest: string): Promise<Buffer> {
    return this.registry.blob(this.host, this.repository, digest);
  }

  private async putBlob(content: Buffer): Promise<{ digest: string; size: number }> {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const start = await this.ask('blobs/uploads/', 202, { method: 'POST' });
    const location = new URL(start.headers.get('location')!, start.url);
    location.searchParams.set('digest', digest);
    const end = await fetch(location, { method: 'PUT', body: new Uint8Array(content), headers: { 'Content-Type': 'application/octet-stream' } });
    if (end.status !== 201) throw new Error(`${digest}: ${end.status}`);
    return { digest, size: content.length };
  }

  private async putManifest(manifest: object, type: string): Promise<void> {
    await this.ask(`manifests/${this.tag}`, 201, { method: 'PUT', body: JSON.stringify(manifest), headers: { 'Content-Type': type } });
  }

  private async ask(path: string, status: number, init: RequestInit): Promise<Response> {
    const answer = await this.registry.direct(this.host, `/v2/${this.repository}/${path}`, init);
    if (answer.status !== status) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }
}
