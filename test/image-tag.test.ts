import { Lazy } from 'aws-cdk-lib';
import { DockerContext, ImageTag } from '../lib';
import { resolveCommit } from './testhelpers/resolved-commit';
import { TestPipeline } from './testhelpers/test-pipeline';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('ImageTag.contentHash()', () => {
  test('is the default for a directory, in whatever synthesis', () => {
    resolveCommit(COMMIT);
    expect(new TestPipeline().image().imageTag).toEqual(new TestPipeline().image('Image', { tag: ImageTag.contentHash() }).imageTag);
  });

  test('fails for a source, whose files are not known at synthesis', () => {
    const test = new TestPipeline();
    expect(() => test.image('Image', { context: DockerContext.source(test.source), tag: ImageTag.contentHash() }))
      .toThrow("'PipelineStack/Image': ImageTag.contentHash() needs files that are known at synthesis, got DockerContext.source(); use ImageTag.commit() or DockerContext.directory()");
  });
});

describe('ImageTag.commit()', () => {
  test('is the default for a source', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    expect(test.image('Image', { context: DockerContext.source(test.source) }).imageTag).toBe(COMMIT);
  });

  test('is the commit that the synthesis runs for, in stages and in the build alike', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.source(test.source) });
    expect(JSON.stringify(test.functionStage('Beta', image).imageUri)).toContain(`:${COMMIT}"`);
    expect(test.synthesizeStep({ image }).actionEnvironment).toEqual({ IMAGE_TAG: '#{Source@example_app.CommitId}' });
  });

  test('is a placeholder that says why, outside of the pipeline', () => {
    resolveCommit(undefined);
    const test = new TestPipeline();
    expect(test.image('Image', { context: DockerContext.source(test.source) }).imageTag).toBe('commit-is-known-in-the-pipeline-only');
  });

  test('is a placeholder when CodeBuild could not resolve the source', () => {
    resolveCommit('');
    const test = new TestPipeline();
    expect(test.image('Image', { context: DockerContext.source(test.source) }).imageTag).toBe('commit-is-known-in-the-pipeline-only');
  });

  test('fails for a revision that cannot be a tag', () => {
    resolveCommit(`arn:aws:s3:::bucket/${COMMIT}`);
    const test = new TestPipeline();
    expect(() => test.image('Image', { context: DockerContext.source(test.source) })).toThrow(/^'PipelineStack\/Image': .*arn:aws:s3:::bucket/);
  });

  test('may name the image of a directory, and is then in the plan', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    const image = test.image('Image', { tag: ImageTag.commit() });
    const step = test.synthesizeStep({ image });
    expect(image.imageTag).toBe(COMMIT);
    expect(test.plan(image).tag).toBe(COMMIT);
    expect(step.actionEnvironment).toEqual({});
    expect(JSON.stringify(step.project)).not.toContain(COMMIT);
  });
});

describe('ImageTag.of()', () => {
  test.each(['1', 'v1.0.0', '_a', 'A-b_c.d', 'a'.repeat(128)])('takes what Docker takes: %s', (tag) => {
    const test = new TestPipeline();
    const image = test.image('Image', { tag: ImageTag.of(tag) });
    expect(image.imageTag).toBe(tag);
    expect(test.plan(image).tag).toBe(tag);
  });

  test.each(['', '.a', '-a', 'a b', 'a:b', 'a/b', 'a+b', 'ä', 'a\n', '$(id)', '#{Source.CommitId}', 'a'.repeat(129)])('fails for %j', (tag) => {
    expect(() => ImageTag.of(tag))
      .toThrow(`ImageTag.of() takes letters, digits, '_', '.' and '-', at most 128 of them, known at synthesis, got ${JSON.stringify(tag)}`);
  });

  test('fails for a tag that is known at deployment only', () => {
    expect(() => ImageTag.of(Lazy.string({ produce: () => 'late' }))).toThrow(/^ImageTag\.of\(\) takes .* known at synthesis, got /);
  });
});
