import { MirrorOptions } from './mirror-options';

/** Options of `DockerBuilder.kaniko`. */
export interface KanikoOptions extends MirrorOptions {}
