import { FoundAsset } from './read-asset-list';
import { StepSettings } from '../../lib/plan/step-settings';
import { DEFAULT_SETTINGS } from '../input/read-settings';
import { filledIn } from '../input/surroundings';

/** How images of assets are built, wherever that is: the cloud assembly says where their layers are. */
export async function assetSettings({ repository }: FoundAsset, env: NodeJS.ProcessEnv): Promise<StepSettings & { readonly layerCache: { readonly repository: string } }> {
  return { ...DEFAULT_SETTINGS, layerCache: { kind: 'registry', repository: await filledIn(repository, env), mode: 'max', compression: 'zstd' } };
}
