import { BoundBuilder } from './bound-builder';
import { boundMirrors } from './bound-mirrors';
import { KanikoOptions } from '../kaniko-options';

export function kanikoBuilder(caller: string, options: KanikoOptions): BoundBuilder {
  const mirrors = boundMirrors(caller, options);
  return {
    environment: mirrors.environment,
    registries: mirrors.access,
    start: ['builder-kaniko.sh'],
    build: 'build.sh',
    keepLayers: [],
    privileged: false,
  };
}
