import { BUILDKIT_IMAGE } from '../../lib/plan/buildkit-image';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { REMOTE_VARIABLES, secretVariable, SETTINGS_VARIABLE, SettingValue, SSH_KEY_VARIABLE, StepSettings } from '../../lib/plan/step-settings';
import { Failure, reasonOf } from '../report/failure';

/** How images are built that nobody gave settings for, such as those built by hand and those of assets. */
export const DEFAULT_SETTINGS = {
  version: PLAN_VERSION,
  layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' },
  builder: { kind: 'buildkit', buildkitImage: BUILDKIT_IMAGE },
} as const satisfies StepSettings;

/** The settings of the step. */
export function readSettings(env: NodeJS.ProcessEnv): StepSettings {
  const text = env[SETTINGS_VARIABLE];
  if (text === undefined || text === '') return DEFAULT_SETTINGS;
  let settings: StepSettings;
  try {
    settings = JSON.parse(text) as StepSettings;
  } catch (error) {
    throw new Failure(`the environment variable ${SETTINGS_VARIABLE} holds no JSON (${reasonOf(error)}); deploy the pipeline again, and set it nowhere else`);
  }
  if (settings?.version !== PLAN_VERSION) {
    throw new Failure(`the environment variable ${SETTINGS_VARIABLE} is of version ${String(settings?.version)}, and this program of version ${PLAN_VERSION};`
      + ' the pipeline has not updated itself yet: run it again, with selfMutation on, or deploy its stack');
  }
  return settings;
}

/** A value of the settings, wherever it is. */
export function valueOf(value: SettingValue, env: NodeJS.ProcessEnv): string {
  if (typeof value === 'string') return value;
  const text = env[value.variable];
  if (text === undefined) throw new Failure(`the environment variable ${value.variable} is missing; it is set by the action of the pipeline`);
  return text;
}

/**
 * Keeps buildx from asking git about the context. The configuration of a repository names programs that git starts, and a folder of a source can be a repository by itself: one that anybody
 * may commit.
 */
const WITHOUT_GIT = { BUILDX_GIT_INFO: 'false', BUILDX_GIT_LABELS: 'false' };

/** The environment for programs that this one runs: without the secrets that only this one needs. */
export function programEnvironment(settings: StepSettings, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ofLogins = (settings.logins ?? []).flatMap(({ usernameVariable, passwordVariable }) => [usernameVariable, passwordVariable]);
  const ofImages = Object.values(settings.secrets ?? {}).flatMap(({ mounts = {}, sshKey = '' }) => [...Object.values(mounts), sshKey]);
  const secrets = [...Object.values<string>(REMOTE_VARIABLES), ...ofLogins, ...ofImages, SSH_KEY_VARIABLE];
  const isSecret = (name: string) => secrets.includes(name) || name.startsWith(secretVariable(''));
  return { ...Object.fromEntries(Object.entries(env).filter(([name]) => name !== SETTINGS_VARIABLE && !isSecret(name))), ...WITHOUT_GIT };
}
