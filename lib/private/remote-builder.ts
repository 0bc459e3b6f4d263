import { BoundBuilder } from './bound-builder';
import { boundMirrors } from './bound-mirrors';
import { RemoteBuilderOptions } from '../remote-builder-options';

export function remoteBuilder(caller: string, options: RemoteBuilderOptions): BoundBuilder {
  const mirrors = boundMirrors(caller, options);
  return {
    environment: mirrors.environment,
    registries: mirrors.access,
    start: ['builder-remote.sh'],
    build: 'build.sh',
    keepLayers: [],
    privileged: false,
  };
}
