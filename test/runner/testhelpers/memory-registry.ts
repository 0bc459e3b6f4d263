import * as fs from 'fs';
import { Readable } from 'stream';
import { digestOf } from './layers';
import { Manifest, RegistryClient } from '../../../runner/registry/registry-client';

/** A repository in memory in place of that of a registry. */
export class MemoryRegistry extends RegistryClient {
  /** By tag and by digest. */
  public readonly manifests = new Map<string, Manifest>();
  public readonly blobs = new Map<string, Buffer>();
  /** What was asked for and done, such as `tag v1`. */
  public readonly events: string[] = [];
  /** What fails, by its event. */
  public readonly failures: { [event: string]: Error } = {};
  public isImmutable = false;

  constructor() {
    super({ host: 'registry.example.com', path: 'team/app' }, '');
  }

  public override async manifest(reference: string): Promise<Manifest | undefined> {
    this.note(`manifest ${reference}`);
    return this.manifests.get(reference);
  }

  public override async setTag(tag: string, image: Manifest): Promise<boolean> {
    this.note(`tag ${tag}`);
    if (this.isImmutable && this.manifests.has(tag)) return false;
    this.keep(image.body, image.type, tag);
    return true;
  }

  public override async blob(digest: string): Promise<Readable | undefined> {
    this.note(`blob ${digest}`);
    const content = this.blobs.get(digest);
    return content && Readable.from(chunksOf(content));
  }

  public override async hasBlob(digest: string): Promise<boolean> {
    this.note(`has ${digest}`);
    return this.blobs.has(digest);
  }

  public override async putBlob(digest: string, body: Buffer | { readonly file: string }): Promise<void> {
    this.note(`put ${digest}`);
    const content = Buffer.isBuffer(body) ? body : fs.readFileSync(body.file);
    if (digestOf(content) !== digest) throw new Error('the registry refuses a blob with another digest');
    this.blobs.set(digest, content);
  }

  /** Keeps a manifest by its digest, and by a tag if there is one. */
  public keep(body: Buffer, type: string, tag?: string): Manifest {
    const image = { type, body, digest: digestOf(body) };
    for (const reference of [image.digest, ...tag === undefined ? [] : [tag]]) this.manifests.set(reference, image);
    return image;
  }

  /** Keeps a blob. Gives its digest. */
  public keepBlob(content: Buffer): string {
    this.blobs.set(digestOf(content), content);
    return digestOf(content);
  }

  private note(event: string): void {
    this.events.push(event);
    const failure = this.failures[event];
    if (failure) throw failure;
  }
}

function chunksOf(content: Buffer, size = 65_536): Buffer[] {
  return Array.from({ length: Math.max(1, Math.ceil(content.length / size)) }, (_, index) => content.subarray(index * size, (index + 1) * size));
}
