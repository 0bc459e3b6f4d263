import { CachedDockerImage } from '../cached-docker-image';
import { LayerCache } from '../layer-cache';

/** What a builder is asked to do. */
export interface BuilderRequest {
  /** The id of the step, for messages. */
  readonly step: string;
  readonly image: CachedDockerImage;
  readonly cache: LayerCache;
}

/** Raises an error that says what cannot be done, and what to do instead. */
export type BuilderCheck = (request: BuilderRequest) => void;
