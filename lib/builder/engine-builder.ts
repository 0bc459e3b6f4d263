import { BoundBuilder } from './bound-builder';
import { boundMirrors } from '../registry/bound-mirrors';
import { MirrorOptions } from '../registry/mirror-options';

/** The Docker engine that `docker` talks to. */
export function engineBuilder(caller: string, options: MirrorOptions): BoundBuilder {
  const mirrors = boundMirrors(caller, options);
  return {
    environment: mirrors.environment,
    registries: mirrors.access,
    start: [],
    build: 'build-with-engine.sh',
    keepLayers: ['push-stages-with-engine.sh'],
    privileged: true,
  };
}
