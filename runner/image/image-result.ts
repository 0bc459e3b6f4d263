import { ImageJob } from './image-job';
import { LayerMaker } from './layer-makers';
import { Descriptor } from '../layers/image-content';
import { FirstRun } from '../reason/reason';
import { CacheImport, Step } from '../solve/solve-progress';
import { WorkDone } from '../solve/work-done';

/** What became of one image. */
export interface ImageResult {
  readonly job: ImageJob;
  readonly status: 'already there' | 'built' | 'built by another build at the same time' | 'built, and not pushed' | 'failed';
  readonly digest?: string;
  /** When its build began; undefined where there was none. */
  readonly startedAt?: Date;
  /** What the engine of this machine calls it, where it was not pushed. */
  readonly loadedAs?: string;
  readonly steps?: readonly Step[];
  /** What was done for them, as far as the builder tells it. */
  readonly done?: WorkDone;
  readonly imports?: readonly CacheImport[];
  readonly unreadCache?: string;
  /** What became of a layer cache that an earlier build has written, and that is not there. */
  readonly lostCache?: string;
  /** Its layers, as its registry has them. */
  readonly layers?: readonly Descriptor[];
  /** What made each of them; undefined where nobody has looked. */
  readonly layerMakers?: readonly LayerMaker[];
  /** The bytes of layers that were new to the registry; undefined where that is not known. */
  readonly pushedBytes?: number;
  /** Which of its copies were linked, or why none was. */
  readonly copies?: string;
  /** The lines of its steps in the Dockerfile, by their names. */
  readonly lines?: ReadonlyMap<string, number>;
  /** Why the first step that ran did run; undefined where none has. */
  readonly firstRun?: FirstRun;
  /** Whether the layer cache had all that is worth keeping, and was not written. */
  readonly cacheWasComplete?: boolean;
  /** Why its layers were not kept. */
  readonly cacheFailure?: string;
  /** Why the step fails, if this image makes it fail. */
  readonly failure?: string;
  /** How long each part of it took, in milliseconds. */
  readonly phases: { readonly [phase: string]: number };
}
