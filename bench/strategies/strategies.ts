import * as s3 from 'aws-cdk-lib/aws-s3';
import { AssetPublishing } from './asset-publishing';
import { LibraryStep } from './library-step';
import { Recipe } from './recipe';
import { Strategy } from './strategy';
import { BuildKit } from '../../integ/local/engines/build-kit';
import { LayerCache } from '../../lib';

/** What all others are compared to. */
export const baseline = new Recipe('no-cache', 'no cache: docker build, docker push', { forgets: true });

/** The rows of the benchmark: what people do without this library, then what this library does. */
export const strategies: readonly Strategy[] = [
  baseline,
  new AssetPublishing('asset', 'DockerImageAsset of aws-cdk-lib', { forgets: true }),
  new AssetPublishing('asset-cache', 'DockerImageAsset with cacheFrom and cacheTo', { cache: 'cdk' }),
  new AssetPublishing('asset-library', 'DockerImageAsset with DockerAssetCache', { cache: 'library' }),
  new Recipe('article', 'recipe of the CDK article'),
  new Recipe('pull-and-push', 'pull and push dance'),
  new LibraryStep('inline', 'LayerCache.inline()', { cache: () => LayerCache.inline(), linkCopies: false }),
  new LibraryStep('unlinked', 'linkCopies: false', { linkCopies: false }),
  new LibraryStep('s3', 'LayerCache.s3()', {
    cache: scope => LayerCache.s3(new s3.Bucket(scope, 'Layers', { bucketName: 'bench-layers' })),
  }),
  new LibraryStep('registry', 'this library, without any option'),
  new LibraryStep('persistent', 'a kept builder', { machine: () => BuildKit.fresh(), keepsMachine: true }),
];

/** The rows that the README shows, and its chart. */
export const shown: readonly string[] = ['no-cache', 'asset', 'article', 'registry'];
