import { CacheRepository, DockerBuilder, LayerCache } from '../../lib';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

const PUSH = [
  'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
];
const PUSH_AND_PULL = [...PUSH, 'ecr:GetDownloadUrlForLayer'].sort();

type Options = { layerCache?: LayerCache; builder?: DockerBuilder };

/** What the build may do with the repository of its image. */
function actions(options: (test: TestPipeline) => Options): string[] {
  const test = new TestPipeline({ env: PIPELINE_ENV });
  const { statements } = test.synthesizeStep(options(test));
  return statements.filter(({ Resource }) => JSON.stringify(Resource).includes('ImageRepository')).flatMap(({ Action }) => Action);
}

test.each<[string, (test: TestPipeline) => Options]>([
  ['LayerCache.none()', () => ({ layerCache: LayerCache.none() })],
  ['LayerCache.codeBuildLocal()', () => ({ builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.codeBuildLocal() })],
  ['DockerBuilder.dockerServer()', () => ({ builder: DockerBuilder.dockerServer() })],
  ['DockerBuilder.kaniko()', () => ({ builder: DockerBuilder.kaniko() })],
])('with %s a build reads no layer that it has pushed', (_, options) => {
  expect(actions(options)).toEqual(PUSH);
});

test.each<[string, (test: TestPipeline) => Options]>([
  ['by default', () => ({})],
  ['with LayerCache.inline()', () => ({ layerCache: LayerCache.inline() })],
  ['with a cache in a repository of its own', ({ stack }) => ({ layerCache: LayerCache.registry({ repository: new CacheRepository(stack, 'Layers') }) })],
])('%s a build reads the layers that it has pushed, too', (_, options) => {
  expect(actions(options)).toEqual(PUSH_AND_PULL);
});
