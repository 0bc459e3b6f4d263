import * as fs from 'fs';
import { copiesAlone } from './copies-alone';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { ImageArchives } from '../builder/builder';
import { placeOther } from '../image/context';
import { ImageJob } from '../image/image-job';
import { imageArchive, imageDirectory } from '../layers/image-archive';
import { LayerEntry } from '../layers/layer-entries';
import { Listing } from '../layers/tree-of-layers';
import { GROUP, PASSWD } from '../layers/user-names';

/** A push that takes longer has layers that are faster read here than from the registry: in milliseconds. */
const LONG_PUSH = 1000;

/** What is in the layers of an image, read from the builder that makes them. */
export class LayerLists {
  private whole?: Promise<Listing>;
  private complete?: Promise<Listing>;
  private ofCopies?: Promise<Listing>;
  private timer?: NodeJS.Timeout;

  /**
   * @param known digests of layers that probably need not be listed
   */
  constructor(
    private readonly archives: ImageArchives, private readonly job: ImageJob, private readonly known: ReadonlySet<string> = new Set(),
  ) {}

  public get isListing(): boolean {
    return this.whole !== undefined;
  }

  /**
   * Begins to list the layers of the whole image, but for those that are known.
   *
   * @param manifest its digest, where that is known already
   */
  public listAll(manifest?: string): void {
    if (this.whole) return;
    this.whole = this.readAll(manifest);
    this.whole.catch(() => undefined); // who waits for it gets the reason
  }

  /** The layers of the whole image, but for those that are known. */
  public async unknown(): Promise<Listing> {
    this.listAll();
    return this.whole!;
  }

  /** The layers of the whole image. */
  public async all(): Promise<Listing> {
    return this.complete ??= this.known.size === 0 ? this.unknown() : this.read(this.job);
  }

  /** Begins to list the layers of some linked copies, unless their push has ended by then. */
  public listSoon(dockerfile: Dockerfile, copies: readonly DockerfileInstruction[]): void {
    const stage = dockerfile.stages.find(({ instructions }) => instructions.includes(copies[0]));
    if (!stage) return;
    this.timer = setTimeout(() => {
      this.ofCopies = this.read(this.jobOf('copies', copiesAlone(dockerfile, stage, copies)));
      this.ofCopies.catch(() => undefined);
    }, LONG_PUSH);
  }

  public isPushed(): void {
    clearTimeout(this.timer);
  }

  /** What is in a layer, if it is or is being listed. */
  public async find(digest: string): Promise<readonly LayerEntry[] | undefined> {
    const [whole, ofCopies] = await Promise.allSettled([this.whole, this.ofCopies]);
    for (const list of [whole, ofCopies]) {
      const entries = list.status === 'fulfilled' ? list.value?.get(digest) : undefined;
      if (entries) return entries;
    }
    return undefined;
  }

  /** The builder is at it until then. */
  public async settled(): Promise<void> {
    clearTimeout(this.timer);
    await Promise.allSettled([this.whole, this.complete, this.ofCopies]);
  }

  /** The files of a builder on this machine take the least. */
  private async readAll(manifest: string | undefined): Promise<Listing> {
    const stored = manifest === undefined ? undefined : await this.archives.store?.image(manifest, this.known);
    return stored ?? (this.known.size === 0 ? this.read(this.job) : this.readOthers());
  }

  private async readOthers(): Promise<Listing> {
    const directory = await this.archives.unpack(this.job, this.known);
    const listing = await imageDirectory(directory, [PASSWD, GROUP]);
    fs.rmSync(directory, { recursive: true });
    return listing;
  }

  private jobOf(name: string, content: string): ImageJob {
    return { ...this.job, dockerfile: placeOther(this.job, name, content), plan: { ...this.job.plan, target: undefined } };
  }

  private async read(job: ImageJob): Promise<Listing> {
    return this.archives.read(job, 'oci', async (archive) => imageArchive(archive, [PASSWD, GROUP]));
  }
}
