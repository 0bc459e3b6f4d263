import { Change } from '../workload/workload';

/** One build of one row. */
export interface Measurement {
  readonly strategy: string;
  readonly dockerfile: string;
  readonly change: Change;
  readonly round: number;
  readonly seconds: number;
  /** Bytes on the wire between the build machine and the registries or S3. */
  readonly down: number;
  readonly up: number;
  /** Steps of the Dockerfile. */
  readonly cached: number;
  readonly run: number;
  readonly phases: string;
  /** Which copies were linked, or why none was, if the way tells. */
  readonly copies?: string;
}
