import { MirrorOptions } from './mirror-options';

/** Options of `DockerBuilder.remote`. */
export interface RemoteBuilderOptions extends MirrorOptions {}
