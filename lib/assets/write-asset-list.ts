import * as fs from 'fs';
import * as path from 'path';
import { App, attachCustomSynthesis } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct, IConstruct } from 'constructs';
import { writeDockerProgram } from './docker-program';
import { readable } from '../image/cache-name';
import { copyRunner } from '../image/copy-runner';
import { AssetList, ASSETS_FILE, ListedAsset } from '../plan/asset-list';
import { PLAN_VERSION } from '../plan/image-plan';

/**
 * Writes the list of all image assets of an app, and the programs that read it, into the root of the cloud assembly, at the end of the synthesis.
 *
 * @param repository the address of the repository that keeps their layers
 */
export function writeAssetList(scope: Construct, repository: string): void {
  attachCustomSynthesis(scope, {
    onSynthesize: () => {
      const app = scope.node.root as App;
      fs.writeFileSync(path.join(app.outdir, ASSETS_FILE), `${JSON.stringify({ version: PLAN_VERSION, repository, assets: listAssets(app) } satisfies AssetList, undefined, 2)}\n`);
      copyRunner(app.outdir);
      writeDockerProgram(app.outdir);
    },
  });
}

function listAssets(app: IConstruct): AssetList['assets'] {
  const assets: { [hash: string]: ListedAsset } = {};
  for (const construct of app.node.findAll()) {
    if (!(construct instanceof DockerImageAsset)) continue;
    const name = construct.node.path;
    // Stages have the same images, each in its own place: the first one gives them their name.
    assets[construct.assetHash.toLowerCase()] ??= { name, cacheName: `cache-${readable(name, 90)}` };
  }
  return assets;
}
