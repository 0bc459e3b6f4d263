import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { DockerBuilder, LayerCache } from '../../lib';
import { checkCombination } from '../../lib/step/cache-combinations';
import { TestPipeline } from '../testhelpers/test-pipeline';

type Kind = 'registry' | 'inline' | 's3' | 'codeBuildLocal' | 'none';

/** Checks a cache of each kind, and returns the warnings. */
function check(kind: Kind, builder: DockerBuilder): string[] {
  const test = new TestPipeline();
  const cache = kind === 's3' ? LayerCache.s3(s3.Bucket.fromBucketName(test.stack, 'Layers', 'layers')) : LayerCache[kind]();
  checkCombination('Build', test.image(), cache, builder);
  return test.warnings();
}

test.each<[Kind, DockerBuilder]>([
  ['registry', DockerBuilder.buildkit()],
  ['inline', DockerBuilder.buildkit()],
  ['s3', DockerBuilder.buildkit()],
  ['none', DockerBuilder.buildkit()],
  ['codeBuildLocal', DockerBuilder.dockerEngine()],
  ['none', DockerBuilder.dockerEngine()],
  ['none', DockerBuilder.dockerServer()],
  ['registry', DockerBuilder.kaniko()],
  ['none', DockerBuilder.kaniko()],
])('%s goes with %o, without a warning', (kind, builder) => {
  expect(check(kind, builder)).toEqual([]);
});

const WITH_DOCKER = 'LayerCache.inline() or LayerCache.codeBuildLocal() or LayerCache.none() with DockerBuilder.dockerEngine()';

test.each<[Kind, DockerBuilder, string]>([
  ['registry', DockerBuilder.dockerEngine(),
    `LayerCache.registry() does not go with DockerBuilder.dockerEngine(); use DockerBuilder.buildkit() or DockerBuilder.remote() or DockerBuilder.kaniko() with it, or ${WITH_DOCKER}`],
  ['s3', DockerBuilder.dockerEngine(), `LayerCache.s3() does not go with DockerBuilder.dockerEngine(); use DockerBuilder.buildkit() with it, or ${WITH_DOCKER}`],
  ['codeBuildLocal', DockerBuilder.buildkit(), 'LayerCache.codeBuildLocal() does not go with DockerBuilder.buildkit(); use DockerBuilder.dockerEngine() with it,'
    + ' or LayerCache.registry() or LayerCache.inline() or LayerCache.s3() or LayerCache.none() with DockerBuilder.buildkit()'],
  ['inline', DockerBuilder.kaniko(), 'LayerCache.inline() does not go with DockerBuilder.kaniko(); use DockerBuilder.buildkit() or DockerBuilder.dockerEngine()'
    + ' or DockerBuilder.dockerServer() or DockerBuilder.remote() with it, or LayerCache.registry() or LayerCache.none() with DockerBuilder.kaniko()'],
])('%s fails with another builder than its own', (kind, builder, message) => {
  expect(() => check(kind, builder)).toThrow(new Error(`'Build': ${message}`));
});

test.each(['dockerEngine', 'dockerServer'] as const)('inline with the engine of %s() warns, with what to do', (engine) => {
  const test = new TestPipeline();
  checkCombination('Build', test.image(), LayerCache.inline(), DockerBuilder[engine]());
  expect(test.warnings()).toEqual(['cdk-cached-docker-build:inlineCacheAlternates']);
  Annotations.fromStack(test.stack).hasWarning('/PipelineStack/Image', Match.stringLikeRegexp(
    `^step 'Build': with DockerBuilder\\.${engine}\\(\\) and an older Docker engine .* every second changed build finds no inline cache, .*; use DockerBuilder\\.buildkit\\(\\)`));
});

test('each cache and each builder has its combinations', () => {
  const caches: Kind[] = ['registry', 'inline', 's3', 'codeBuildLocal', 'none'];
  for (const kind of caches) {
    const works = [DockerBuilder.buildkit(), DockerBuilder.dockerEngine()].filter((builder) => {
      try {
        check(kind, builder);
        return true;
      } catch {
        return false;
      }
    });
    expect(works.length).toBeGreaterThan(0);
  }
});
