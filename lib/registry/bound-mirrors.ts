import { MirrorOptions } from './mirror-options';
import { RegistryAccess } from './registry-access';
import { hostOf, registryOf } from './registry-names';
import { MirrorSettings } from '../plan/step-settings';

/** What mirrors add to a build. */
export interface BoundMirrors {
  readonly settings: MirrorSettings;
  readonly access: RegistryAccess[];
}

/** Raises an error for what would leave a mirror unused, or lead from one to the next. */
export function boundMirrors(builder: string, options: MirrorOptions): BoundMirrors {
  const mirrors = options.mirrors ?? [];
  if (mirrors.length === 0) {
    if (options.fallbackToUpstream === false) {
      throw new Error(`${builder}: fallbackToUpstream is for builds with mirrors, and there are none; give mirrors, or leave it out`);
    }
    return { settings: {}, access: [] };
  }
  const upstreams = mirrors.map(({ upstream }) => upstream);
  const twice = upstreams.find((upstream, index) => upstreams.indexOf(upstream) !== index);
  if (twice) {
    throw new Error(`${builder}: there are two mirrors of ${twice}; a registry takes one`);
  }
  const chained = mirrors.find(({ endpoint }) => upstreams.includes(registryOf(hostOf(endpoint))));
  if (chained) {
    throw new Error(`${builder}: the mirror ${chained.endpoint} of ${chained.upstream} has a mirror itself; name the last one only`);
  }
  return {
    settings: {
      mirrors: mirrors.map(({ upstream, endpoint }) => ({ upstream, endpoint })),
      ...options.fallbackToUpstream === false && { mirrorsRequired: true },
    },
    access: mirrors.flatMap(({ _access }) => _access ?? []),
  };
}
