import { Lab } from '../../integ/local/world/lab';
import { Workload } from '../workload/workload';

/** One way to build and push an image, again and again: a row of the benchmark. */
export interface Strategy {
  /** What it is called on the command line. */
  readonly name: string;
  /** What the tables say that it is. */
  readonly title: string;
  /** Whether it is this library that builds. */
  readonly ours: boolean;
  /** Whether each build does what the first one did, however little has changed: then the first one stands for those that are not measured. */
  readonly forgets?: boolean;
  /** Begins with nothing: no image and no cache in any registry. */
  begin(lab: Lab, workload: Workload): Promise<Builds>;
}

/** The builds of one image after another, in one way. */
export interface Builds<B extends Build = Build> {
  /** Builds and pushes the files of the workload as they are, on a new machine unless the way is to keep one. */
  build(): Promise<B>;
  end(): Promise<void>;
}

/** How one build went. */
export interface Build {
  /** From the first command of the build to the end of the last one. */
  readonly seconds: number;
  /** The address of the image that was pushed. */
  readonly image: string;
  /** Steps of the Dockerfile that came from a cache, and steps that ran. */
  readonly cached: number;
  readonly run: number;
  /** Where the seconds went, in words, if the way tells. */
  readonly phases: string;
  /** Which copies were linked, or why none was, if the way tells. */
  readonly copies?: string;
}
