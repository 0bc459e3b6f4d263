import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, LayerCache } from '../../lib';
import { checkCombination } from '../../lib/step/check-combination';
import { TestPipeline } from '../testhelpers/test-pipeline';

type Kind = 'registry' | 'inline' | 's3' | 'codeBuildLocal' | 'none';
type Builder = 'buildkit' | 'dockerEngine' | 'dockerServer' | 'remote' | 'kaniko';

function cacheOf(test: TestPipeline, kind: Kind): LayerCache {
  return kind === 's3' ? LayerCache.s3(s3.Bucket.fromBucketName(test.stack, 'Layers', 'layers')) : LayerCache[kind]();
}

function builderOf(test: TestPipeline, builder: Builder): DockerBuilder {
  return builder === 'remote'
    ? DockerBuilder.remote({ endpoints: ['tcp://buildkit:1234'], certificates: secretsmanager.Secret.fromSecretNameV2(test.stack, 'Certificates', 'certificates') })
    : DockerBuilder[builder]();
}

/** Checks a cache of each kind. */
function check(kind: Kind, builder: Builder): void {
  const test = new TestPipeline();
  const { _name, _bound } = builderOf(test, builder);
  checkCombination('Build', cacheOf(test, kind), { name: _name, ..._bound });
}

const COMBINATIONS: { [builder in Builder]: Kind[] } = {
  buildkit: ['registry', 'inline', 's3', 'none'],
  dockerEngine: ['inline', 'codeBuildLocal', 'none'],
  dockerServer: ['none', 'inline'],
  remote: ['registry', 'inline', 'none'],
  kaniko: ['registry', 'none'],
};
const CACHES: Kind[] = ['registry', 'inline', 's3', 'codeBuildLocal', 'none'];
const BUILDERS = Object.keys(COMBINATIONS) as Builder[];

test.each(BUILDERS.flatMap((builder) => COMBINATIONS[builder].map((kind) => [kind, builder] as const)))('%s goes with %s', (kind, builder) => {
  expect(() => check(kind, builder)).not.toThrow();
});

test.each(BUILDERS.flatMap((builder) => CACHES.filter((kind) => !COMBINATIONS[builder].includes(kind)).map((kind) => [kind, builder] as const)))(
  '%s does not go with %s, and a builder is named that it goes with', (kind, builder) => {
    const usual = kind === 'codeBuildLocal' ? 'dockerEngine' : 'buildkit';
    const others = COMBINATIONS[builder].map((other) => `LayerCache.${other}()`).join(' or ');
    expect(() => check(kind, builder)).toThrow(new Error(
      `'Build': LayerCache.${kind}() does not go with DockerBuilder.${builder}(); use DockerBuilder.${usual}() with it, or ${others} with DockerBuilder.${builder}()`));
    expect(() => check(kind, usual)).not.toThrow();
  });

test.each<[Kind, Builder]>([
  ['registry', 'buildkit'], ['inline', 'buildkit'], ['s3', 'buildkit'], ['none', 'buildkit'],
  ['codeBuildLocal', 'dockerEngine'], ['none', 'dockerEngine'], ['none', 'dockerServer'],
  ['inline', 'remote'], ['none', 'kaniko'],
])('a step with %s and %s is without a warning', (kind, builder) => {
  const test = new TestPipeline();
  test.synthesizeStep({ layerCache: cacheOf(test, kind), builder: builderOf(test, builder) });
  expect(test.warnings()).toEqual([]);
});

test.each(['dockerEngine', 'dockerServer'] as const)('inline with the engine of %s() warns, with what to do', (engine) => {
  const test = new TestPipeline();
  test.synthesizeStep({ layerCache: LayerCache.inline(), builder: DockerBuilder[engine]() });
  expect(test.warnings()).toEqual(['cdk-cached-docker-build:inlineCacheAlternates']);
  Annotations.fromStack(test.stack).hasWarning('/PipelineStack/Image', Match.stringLikeRegexp(
    `^step 'BuildImage': with DockerBuilder\\.${engine}\\(\\) and an older Docker engine .* every second changed build finds no inline cache, .*; use DockerBuilder\\.buildkit\\(\\)`));
});
