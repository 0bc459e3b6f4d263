import { Readable } from 'stream';
import { Manifest, RegistryClient } from '../../../runner/registry/registry-client';
import { digestOf } from '../../runner/testhelpers/layers';
import { expiredImages, LifecycleRule, StoredImage } from '../../testhelpers/ecr-lifecycle';

/** A repository of Amazon ECR in memory, which remembers when each manifest came first, and removes what its rules say. */
export class EcrRepository extends RegistryClient {
  private readonly pushed = new Map<string, { readonly manifest: Manifest; readonly pushedAt: number }>();
  private readonly tags = new Map<string, string>();
  private readonly blobs = new Map<string, Buffer>();

  /** @param isMutable whether a tag can be set again */
  constructor(public rules: readonly LifecycleRule[], private readonly isMutable: (tag: string) => boolean = () => true) {
    super({ host: 'registry.example.com', path: 'team/app' }, '');
  }

  public override async manifest(reference: string): Promise<Manifest | undefined> {
    return this.pushed.get(this.tags.get(reference) ?? reference)?.manifest;
  }

  public override async setTag(tag: string, { type, body }: Manifest): Promise<boolean> {
    const digest = digestOf(body);
    const current = this.tags.get(tag);
    if (current !== undefined && current !== digest && !this.isMutable(tag)) return false;
    this.push(type, body);
    this.tags.set(tag, digest);
    return true;
  }

  public override async blob(digest: string): Promise<Readable | undefined> {
    const content = this.blobs.get(digest);
    return content && Readable.from([content]);
  }

  public override async putBlob(digest: string, body: Buffer | { readonly file: string }): Promise<void> {
    if (!Buffer.isBuffer(body)) throw new Error('no build here pushes files');
    this.blobs.set(digest, body);
  }

  /** A push of what is there already does not make it younger. */
  public push(type: string, body: Buffer): string {
    const digest = digestOf(body);
    if (!this.pushed.has(digest)) this.pushed.set(digest, { manifest: { type, body, digest }, pushedAt: Date.now() });
    return digest;
  }

  /** Keeps a blob. */
  public put(content: Buffer): { readonly digest: string; readonly size: number } {
    this.blobs.set(digestOf(content), content);
    return { digest: digestOf(content), size: content.length };
  }

  public digestAt(tag: string): string | undefined {
    return this.tags.get(tag);
  }

  public get images(): StoredImage[] {
    const tags = new Map<string, string[]>([...this.pushed.keys()].map((digest) => [digest, []]));
    this.tags.forEach((digest, tag) => tags.get(digest)!.push(tag));
    return [...this.pushed].map(([digest, { pushedAt }]) => ({ digest, pushedAt, tags: tags.get(digest)! }));
  }

  /** What Amazon ECR does once a day. */
  public evaluate(): void {
    for (const { digest, tags } of expiredImages(this.rules, this.images, Date.now())) {
      tags.forEach((tag) => this.tags.delete(tag));
      this.pushed.delete(digest);
    }
  }
}
