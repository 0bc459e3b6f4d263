import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { PIPELINE_ENV, TestPipeline } from './test-pipeline';
import { CachedDockerBuildStepProps, ImageRepository, LayerCache } from '../../lib';

export interface CacheEnvironmentProps {
  readonly cache?: LayerCache | ((test: TestPipeline) => LayerCache);
  readonly platform?: Platform;
  readonly step?: Partial<CachedDockerBuildStepProps>;
}

/** The variables of a build that are about its cache. The image is pushed to a repository by the name of 'images'. */
export function cacheEnvironment({ cache, platform, step }: CacheEnvironmentProps = {}): { [name: string]: any } {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const repository = new ImageRepository(test.stack, 'Images', { repositoryName: 'images' });
  const image = test.image('Image', { repository, platform });
  const synthesized = test.synthesizeStep({ ...step, image, layerCache: typeof cache === 'function' ? cache(test) : cache });
  const all = { ...synthesized.environment, ...synthesized.actionEnvironment };
  return Object.fromEntries(Object.entries(all).filter(([name]) => /^CACHE_|EXTRA_TAGS/.test(name)));
}
