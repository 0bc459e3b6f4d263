import { Duration, Lazy } from 'aws-cdk-lib';
import { CachedDockerImageProps, DockerContext, ImageTag } from '../../lib';
import { resolveCommit } from '../testhelpers/resolved-commit';
import { TempContext } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('ImageTag.contentHash()', () => {
  test('is the default for a directory, in whatever synthesis', () => {
    resolveCommit(COMMIT);
    expect(new TestPipeline().image().imageTag).toEqual(new TestPipeline().image('Image', { tag: ImageTag.contentHash() }).imageTag);
  });

  test('fails for a source, whose files are not known at synthesis', () => {
    const test = new TestPipeline();
    expect(() => test.image('Image', { context: DockerContext.pipelineSource(test.source), tag: ImageTag.contentHash() }))
      .toThrow("'PipelineStack/Image': ImageTag.contentHash() needs files that are known at synthesis, got DockerContext.pipelineSource(); use ImageTag.commit() or DockerContext.directory()");
  });
});

describe('ImageTag.contentHash({ refreshEvery })', () => {
  const WEEK = Duration.days(7);
  const START = 2900 * WEEK.toMilliseconds(); // the beginning of a period

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  /** An image of a synthesis at a time, in an app of its own, and its plan. */
  function imageAt(time: number, props: Partial<CachedDockerImageProps> = { tag: ImageTag.contentHash({ refreshEvery: WEEK }) }) {
    jest.setSystemTime(time);
    const test = new TestPipeline();
    const image = test.image('Image', props);
    return { tag: image.imageTag, plan: test.plan(image) };
  }

  test('gives the same tag from the first moment of a period to its last', () => {
    expect(imageAt(START).tag).toBe(imageAt(START + WEEK.toMilliseconds() - 1).tag);
  });

  test('gives another tag in the next period, with the same files', () => {
    const { context } = new TempContext();
    const props = { context, tag: ImageTag.contentHash({ refreshEvery: WEEK }) };
    expect(imageAt(START, props).tag).not.toBe(imageAt(START + WEEK.toMilliseconds(), props).tag);
  });

  test('gives another tag for other files within a period', () => {
    const tag = ImageTag.contentHash({ refreshEvery: WEEK });
    expect(imageAt(START, { tag, target: 'test' }).tag).not.toBe(imageAt(START, { tag }).tag);
  });

  test('gives another tag than without it, and than with another period of the same number', () => {
    const tags = [ImageTag.contentHash(), ImageTag.contentHash({ refreshEvery: WEEK }), ImageTag.contentHash({ refreshEvery: Duration.days(8) })];
    expect(new Set(tags.map((tag) => imageAt(START, { tag }).tag)).size).toBe(3);
  });

  test('gives a tag that a registry takes', () => {
    expect(imageAt(START).tag).toMatch(/^[0-9a-f]{64}$/);
  });

  test('tells the build its period, whose layers are not those of the one before', () => {
    expect(imageAt(START).plan).toMatchObject({ refreshPeriod: 2900 });
    expect(imageAt(START + WEEK.toMilliseconds()).plan).toMatchObject({ refreshPeriod: 2901 });
  });

  test('is no part of a tag by default, whatever the time', () => {
    for (const tag of [undefined, ImageTag.contentHash(), ImageTag.contentHash({})]) {
      const [now, later] = [imageAt(START, { tag }), imageAt(START + 100 * WEEK.toMilliseconds(), { tag })];
      expect(later.tag).toBe(now.tag);
      expect(now.plan).not.toHaveProperty('refreshPeriod');
    }
  });

  test('lets images share a repository, as content hashes do', () => {
    const test = new TestPipeline();
    const { context } = new TempContext();
    const repository = test.image().repository;
    const images = ['A', 'B'].map((id) => test.image(id, { context, repository, tag: ImageTag.contentHash({ refreshEvery: WEEK }) }));
    expect(images[0].imageTag).toBe(images[1].imageTag);
  });

  test('may be an hour', () => {
    const tag = ImageTag.contentHash({ refreshEvery: Duration.hours(1) });
    const hour = Duration.hours(1).toMilliseconds();
    expect(imageAt(START, { tag }).plan.refreshPeriod).toBe(START / hour);
    expect(imageAt(START + hour, { tag }).plan.refreshPeriod).toBe(START / hour + 1);
  });

  test.each([
    [Duration.minutes(59), 'Duration.minutes(59)'],
    [Duration.millis(0), 'Duration.millis(0)'],
    [Duration.minutes(Lazy.number({ produce: () => 90 })), 'Duration.minutes('],
  ])('fails for less than an hour, and for what is not known at synthesis: %s', (refreshEvery, said) => {
    const message = messageOf(() => ImageTag.contentHash({ refreshEvery }));
    expect(message).toMatch(/^ImageTag\.contentHash\(\) takes a refreshEvery of an hour at least, known at synthesis, got .*; for example Duration\.days\(7\)$/);
    expect(message).toContain(said.replace(/^Duration\./, ''));
  });

  test('fails for a source, whose files are not known at synthesis', () => {
    const test = new TestPipeline();
    expect(() => test.image('Image', { context: DockerContext.pipelineSource(test.source), tag: ImageTag.contentHash({ refreshEvery: WEEK }) }))
      .toThrow("'PipelineStack/Image': ImageTag.contentHash() needs files that are known at synthesis, got DockerContext.pipelineSource(); use ImageTag.commit() or DockerContext.directory()");
  });
});

function messageOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('ImageTag.commit()', () => {
  test('is the default for a source', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    expect(test.image('Image', { context: DockerContext.pipelineSource(test.source) }).imageTag).toBe(COMMIT);
  });

  test('is the commit that the synthesis runs for, in stages and in the build alike', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    const image = test.image('Image', { context: DockerContext.pipelineSource(test.source) });
    expect(JSON.stringify(test.functionStage('Beta', image).imageUri)).toContain(`:${COMMIT}"`);
    const step = test.synthesizeStep({ images: [image] });
    expect(test.plan(image).tag).toBe(COMMIT);
    expect(step.actionEnvironment).toEqual({});
    expect(JSON.stringify(step.project)).not.toContain(COMMIT);
  });

  test('is a placeholder that says why, outside of the pipeline', () => {
    resolveCommit(undefined);
    const test = new TestPipeline();
    expect(test.image('Image', { context: DockerContext.pipelineSource(test.source) }).imageTag).toBe('commit-is-known-in-the-pipeline-only');
  });

  test('is a placeholder when CodeBuild could not resolve the source', () => {
    resolveCommit('');
    const test = new TestPipeline();
    expect(test.image('Image', { context: DockerContext.pipelineSource(test.source) }).imageTag).toBe('commit-is-known-in-the-pipeline-only');
  });

  test('fails for a revision that cannot be a tag', () => {
    resolveCommit(`arn:aws:s3:::bucket/${COMMIT}`);
    const test = new TestPipeline();
    expect(() => test.image('Image', { context: DockerContext.pipelineSource(test.source) })).toThrow(
      `'PipelineStack/Image': ImageTag.commit() needs the id of a commit in CODEBUILD_RESOLVED_SOURCE_VERSION, got "arn:aws:s3:::bucket/${COMMIT}"; use a Git source, or ImageTag.contentHash()`);
  });

  test('may name the image of a directory, and is then in the plan', () => {
    resolveCommit(COMMIT);
    const test = new TestPipeline();
    const image = test.image('Image', { tag: ImageTag.commit() });
    const step = test.synthesizeStep({ images: [image] });
    expect(image.imageTag).toBe(COMMIT);
    expect(test.plan(image).tag).toBe(COMMIT);
    expect(step.actionEnvironment).toEqual({});
    expect(JSON.stringify(step.project)).not.toContain(COMMIT);
  });
});

describe('ImageTag.fixed()', () => {
  test.each(['1', 'v1.0.0', '_a', 'A-b_c.d', 'a'.repeat(128)])('takes what Docker takes: %s', (tag) => {
    const test = new TestPipeline();
    const image = test.image('Image', { tag: ImageTag.fixed(tag) });
    expect(image.imageTag).toBe(tag);
    expect(test.plan(image).tag).toBe(tag);
  });

  test.each(['', '.a', '-a', 'a b', 'a:b', 'a/b', 'a+b', 'ä', 'a\n', '$(id)', '#{Source.CommitId}', 'a'.repeat(129)])('fails for %j', (tag) => {
    expect(() => ImageTag.fixed(tag))
      .toThrow(`ImageTag.fixed() takes letters, digits, '_', '.' and '-', at most 128 of them, known at synthesis, got ${JSON.stringify(tag)}`);
  });

  test('fails for a tag that is known at deployment only', () => {
    expect(() => ImageTag.fixed(Lazy.string({ produce: () => 'late' }))).toThrow(/^ImageTag\.fixed\(\) takes .* known at synthesis, got /);
  });
});
