import { MirrorOptions } from '../registry/mirror-options';

/** Options of `DockerBuilder.kaniko`. */
export interface KanikoOptions extends MirrorOptions {}
