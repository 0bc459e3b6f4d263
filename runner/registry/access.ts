import { Logins } from './logins';
import { RegistryClient } from './registry-client';
import { StepSettings } from '../../lib/plan/step-settings';
import { LayerCache } from '../cache/layer-cache';
import { layerCache } from '../cache/layer-caches';
import { programEnvironment, readSettings, valueOf } from '../input/read-settings';
import { Failure } from '../report/failure';
import { Log } from '../report/log';

/** The registries, as this user may ask them. */
export interface Access {
  readonly settings: StepSettings;
  readonly cache: LayerCache;
  /** The environment for programs. */
  readonly env: NodeJS.ProcessEnv;
  /** A client of a repository. Fails when there is no password for its registry. */
  client(repository: string): Promise<RegistryClient>;
}

/** A way to the registries for questions only: the passwords stay in this program, and nothing is written to any disk. */
export function access(ownEnv: NodeJS.ProcessEnv, log: Log): Access {
  const settings = readSettings(ownEnv);
  const env = programEnvironment(settings, ownEnv);
  const logins = new Logins({ logIn: () => undefined }, ownEnv, log, env);
  return {
    settings,
    env,
    cache: layerCache(settings.layerCache, (value) => valueOf(value, ownEnv)),
    client: async (repository) => {
      const reason = await logins.toRepository(repository);
      if (reason !== undefined) throw new Failure(`there is no password for ${repository.split('/')[0]}: ${reason}`);
      return logins.client(repository);
    },
  };
}
