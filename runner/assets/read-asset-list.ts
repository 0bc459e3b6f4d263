import * as fs from 'fs';
import * as path from 'path';
import { AssetList, ASSETS_FILE, ListedAsset } from '../../lib/plan/asset-list';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { Failure, reasonOf } from '../report/failure';

/** What the cloud assembly says of an asset, and of where the layers of all of them are. */
export type FoundAsset = ListedAsset & Pick<AssetList, 'repository'>;

/** Finds an asset by its name on the machine; undefined where the cloud assembly does not know it. */
export function listedAsset(assembly: string, name: string): FoundAsset | undefined {
  let list: AssetList;
  try {
    list = JSON.parse(fs.readFileSync(path.join(assembly, ASSETS_FILE), 'utf8')) as AssetList;
  } catch (error) {
    throw new Failure(`the list of assets ${ASSETS_FILE} cannot be read (${reasonOf(error)}): synthesize again`);
  }
  if (list?.version !== PLAN_VERSION) {
    throw new Failure(`the list of assets ${ASSETS_FILE} is of version ${String(list?.version)}, and this program of version ${PLAN_VERSION}: synthesize again`);
  }
  const hash = name.slice('cdkasset-'.length);
  return Object.hasOwn(list.assets, hash) ? { ...list.assets[hash], repository: list.repository } : undefined;
}
