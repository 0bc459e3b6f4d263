import { PIPELINE_ENV, TestPipeline } from './test-pipeline';
import { CachedDockerBuildStepProps, ImageRepository, LayerCache } from '../../lib';

export interface CacheSettingsProps {
  readonly cache?: LayerCache | ((test: TestPipeline) => LayerCache);
  readonly step?: Partial<CachedDockerBuildStepProps>;
}

/** What the runner is told of the cache of a step. The image is pushed to a repository by the name of 'images'. */
export function cacheSettings({ cache, step }: CacheSettingsProps = {}): any {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const image = test.image('Image', { repository: new ImageRepository(test.stack, 'Images', { repositoryName: 'images' }) });
  return test.synthesizeStep({ ...step, images: [image], layerCache: typeof cache === 'function' ? cache(test) : cache }).settings.layerCache;
}
