import * as s3 from 'aws-cdk-lib/aws-s3';
import { LibraryStep } from './library-step';
import { Recipe } from './recipe';
import { Strategy } from './strategy';
import { BuildKit } from '../../integ/local/engines/build-kit';
import { LayerCache } from '../../lib';

/** What all others are compared to. */
export const baseline = new Recipe('no-cache', 'no cache: docker build, docker push');

/** The rows of the benchmark, from the slowest to the fastest. */
export const strategies: readonly Strategy[] = [
  baseline,
  new Recipe('article', 'recipe of the CDK article'),
  new Recipe('pull-and-push', 'pull and push dance'),
  new LibraryStep('inline', 'LayerCache.inline()', { cache: () => LayerCache.inline() }),
  new LibraryStep('registry', 'LayerCache.registry()'),
  new LibraryStep('s3', 'LayerCache.s3()', {
    cache: scope => LayerCache.s3(new s3.Bucket(scope, 'Layers', { bucketName: 'bench-layers' })),
  }),
  new LibraryStep('registry-linked', 'LayerCache.registry(), linked copies', { linkCopies: true }),
  new LibraryStep('persistent', 'LayerCache.registry(), a kept builder', { machine: () => BuildKit.fresh(), keepsMachine: true }),
];
