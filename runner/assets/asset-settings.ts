import { FoundAsset } from './read-asset-list';
import { RegistryCacheSettings, StepSettings } from '../../lib/plan/step-settings';
import { DEFAULT_SETTINGS } from '../input/read-settings';
import { filledIn } from '../input/surroundings';

interface AssetSettings extends StepSettings {
  readonly layerCache: RegistryCacheSettings & { readonly repository: string };
}

/** How images of assets are built, wherever that is: the cloud assembly says where their layers are. */
export async function assetSettings({ repository }: FoundAsset, env: NodeJS.ProcessEnv): Promise<AssetSettings> {
  return { ...DEFAULT_SETTINGS, layerCache: { kind: 'registry', repository: await filledIn(repository, env), mode: 'max', compression: 'zstd' } };
}
