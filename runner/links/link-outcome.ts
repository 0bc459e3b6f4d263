import { BuiltImage } from '../builder/builder';
import { ImageJob } from '../image/image-job';
import { PushedImage } from '../layers/pushed-image';
import { BuildRecord, KnownRefusal } from '../record/build-record';
import { Manifest } from '../registry/registry-client';

/** An image whose links are proven. */
export interface LinkedImage {
  readonly job: ImageJob;
  readonly built: BuiltImage;
  readonly image: PushedImage;
  /** What gets the tag. */
  readonly manifest: Manifest;
  /** What the next build can use of it. */
  readonly record: Pick<BuildRecord, 'below' | 'base' | 'layers' | 'destinations'>;
}

/** An image that has to be built as it is written. */
export interface Unlinked {
  readonly reason: string;
  /** What the next build need not try again; undefined where it may be lucky. */
  readonly refusal?: Pick<KnownRefusal, 'reason' | 'place'>;
}

/** One that the next build need not try again. */
export function final(reason: string, place?: KnownRefusal['place']): Unlinked {
  return { reason, refusal: { reason, ...place && { place } } };
}
