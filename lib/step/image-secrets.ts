import { CachedDockerImage } from '../image/cached-docker-image';
import { SecretSettings, StepSettings } from '../plan/step-settings';
import { BuildSecret } from '../secret/build-secret';
import { SecretSource } from '../secret/secret-variables';

/** The secrets of the images of a step: environment variables, and what each one is for. */
export interface ImageSecrets {
  readonly sources: { readonly [variable: string]: SecretSource };
  readonly settings: Pick<StepSettings, 'secrets'>;
}

/** One variable for each secret, also where several images or mounts have it. */
export function imageSecrets(images: readonly CachedDockerImage[]): ImageSecrets {
  const sources: SecretSource[] = [];
  const variableOf = ({ _source }: BuildSecret) => {
    const known = sources.findIndex((source) => isSame(source, _source));
    return `BUILD_SECRET_${known < 0 ? sources.push(_source) - 1 : known}`;
  };
  const settings: { [planFile: string]: SecretSettings } = {};
  for (const { _planFile, _secrets, _sshKey } of images) {
    const ids = Object.keys(_secrets).sort(); // some languages give them in another order each time
    if (ids.length === 0 && !_sshKey) continue;
    settings[_planFile] = {
      ...ids.length > 0 && { mounts: Object.fromEntries(ids.map((id) => [id, variableOf(_secrets[id])])) },
      ..._sshKey && { sshKey: variableOf(_sshKey) },
    };
  }
  return {
    sources: Object.fromEntries(sources.map((source, index) => [`BUILD_SECRET_${index}`, source])),
    settings: Object.keys(settings).length > 0 ? { secrets: settings } : {},
  };
}

function isSame(one: SecretSource, other: SecretSource): boolean {
  if ('parameter' in one || 'parameter' in other) {
    return 'parameter' in one && 'parameter' in other && one.parameter === other.parameter;
  }
  return one.secret === other.secret && one.field === other.field;
}
