import { Logins } from './logins';
import { RegistryClient } from './registry-client';
import { SETTINGS_VARIABLE, StepSettings } from '../../lib/plan/step-settings';
import { LayerCache, NOTHING } from '../cache/layer-cache';
import { layerCache } from '../cache/layer-caches';
import { DeclaredSettings } from '../input/declared-settings';
import { programEnvironment, readSettings, valueOf } from '../input/read-settings';
import { filledIn } from '../input/surroundings';
import { Failure } from '../report/failure';
import { Log } from '../report/log';

/** What is in the registries of an app, as this user may ask for it. */
export interface Access {
  readonly settings: StepSettings;
  /** The environment for programs. */
  readonly env: NodeJS.ProcessEnv;
  /** The layer cache of an image, by the file of its plan. Fails when it cannot be told. */
  cacheOf(planFile: string): Promise<LayerCache>;
  /** A client of a repository. Fails when there is no password for its registry. */
  client(repository: string): Promise<RegistryClient>;
}

/** A way to the registries for questions only: the passwords stay in this program, and nothing is written to any disk. */
export function access(assembly: string | undefined, ownEnv: NodeJS.ProcessEnv, log: Log): Access {
  const settings = readSettings(ownEnv);
  const env = programEnvironment(settings, ownEnv);
  const logins = new Logins({ logIn: () => undefined }, ownEnv, log, env);
  const cacheOf = cachesOf(assembly, ownEnv);
  return {
    settings,
    env,
    cacheOf,
    client: async (repository) => {
      const reason = await logins.toRepository(repository);
      if (reason !== undefined) throw new Failure(`there is no password for ${repository.split('/')[0]}: ${reason}`);
      return logins.client(repository);
    },
  };
}

/**
 * The layer caches of images, by the files of their plans: as this build was told, or else as the step or project declares it that builds the image in the app, or else
 * that of images which are built by hand.
 */
export function cachesOf(assembly: string | undefined, ownEnv: NodeJS.ProcessEnv): Access['cacheOf'] {
  const settings = readSettings(ownEnv);
  const env = programEnvironment(settings, ownEnv);
  const declared = assembly === undefined || ownEnv[SETTINGS_VARIABLE] ? undefined : new DeclaredSettings(assembly, env);
  return async (planFile) => {
    const ofImage = await declared?.of(planFile) ?? settings;
    // What it keeps is read by no other builder.
    if (ofImage.builder.kind === 'kaniko') return { ...NOTHING, keeper: 'kaniko' };
    const text = JSON.stringify(ofImage.layerCache);
    return layerCache(JSON.parse(await filledIn(text, env)) as StepSettings['layerCache'], (value) => valueOf(value, ownEnv));
  };
}
