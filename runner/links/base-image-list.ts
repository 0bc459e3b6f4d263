import { baseAlone } from './base-alone';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { ImageArchives } from '../builder/builder';
import { placeOther } from '../image/context';
import { ImageJob } from '../image/image-job';
import { imageArchive } from '../layers/image-archive';
import { Listing } from '../layers/tree-of-layers';
import { GROUP, PASSWD } from '../layers/user-names';

/** What is in the layers of a base image. They take long, and the machine has less to do while a RUN waits than beside the push. */
export class BaseImageList {
  private listing?: Promise<Listing>;

  /** @param instruction one of the stage that starts from it */
  constructor(
    private readonly archives: ImageArchives, private readonly job: ImageJob, private readonly dockerfile: Dockerfile,
    private readonly instruction: DockerfileInstruction,
  ) {}

  /** Begins to list them, once. */
  public begin(): void {
    const content = this.listing ? undefined : baseAlone(this.dockerfile, this.instruction);
    if (content === undefined) return;
    const { job } = this;
    const alone = { ...job, dockerfile: placeOther(job, 'base', content), plan: { ...job.plan, target: undefined } };
    this.listing = this.archives.read(alone, 'oci', async (archive) => imageArchive(archive, [PASSWD, GROUP]));
    this.listing.catch(() => undefined); // they are listed with the others then
  }

  public get hasBegun(): boolean {
    return this.listing !== undefined;
  }

  /** Empty where they are not or cannot be listed. */
  public async layers(): Promise<Listing> {
    return this.listing?.catch(() => new Map()) ?? new Map();
  }
}
