import { Annotations } from 'aws-cdk-lib';
import { Annotations as Findings, Match } from 'aws-cdk-lib/assertions';
import { CachedDockerImageProps, DockerContext } from '../../lib';
import { TempContext, TempFile } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

const PYTHON = [
  'FROM public.ecr.aws/lambda/python:3.12',
  'COPY requirements.txt ./',
  'RUN pip install -r requirements.txt',
  'COPY src /var/task/src/',
  'COPY src/app.py /tmp/',
  '',
].join('\n');

const LINKED = PYTHON.replace('COPY src /', 'COPY --link src /').replace('COPY src/app.py', 'COPY src/app.py');

const FILES = { 'Dockerfile': PYTHON, 'requirements.txt': 'boto3\n', 'src/app.py': 'pass\n' };

function image(props: Partial<CachedDockerImageProps> = {}, files: { [path: string]: TempFile } = FILES) {
  const pipeline = new TestPipeline();
  const made = pipeline.image('Image', { context: new TempContext(files).context, ...props });
  const findings = (kind: 'findInfo' | 'findWarning') => Findings.fromStack(pipeline.stack)[kind]('*', Match.anyValue()).map(({ entry }) => String(entry.data))
    .filter((text) => text.includes('[ack: cdk-cached-docker-build:'));
  return { pipeline, image: made, infos: () => findings('findInfo'), warnings: () => findings('findWarning') };
}

describe('the target', () => {
  const files = { ...FILES, Dockerfile: 'FROM scratch AS build\nFROM scratch AS Prod\n' };

  test.each(['build', 'prod', 'PROD', '1'])('may be the stage %s', (target) => {
    expect(image({ target }, files).image._target).toBe(target);
  });

  test('fails when it is no stage', () => {
    expect(() => image({ target: 'test' }, files))
      .toThrow("'PipelineStack/Image': target must be a stage of the Dockerfile, got \"test\"; it has build, prod");
    expect(() => image({ target: 'test' })).toThrow("'PipelineStack/Image': target must be a stage of the Dockerfile, got \"test\"; it has none with a name");
  });

  test('may be any in a Dockerfile of another language', () => {
    expect(image({ target: 'test' }, { ...FILES, Dockerfile: '# syntax=example.com/mine\nFROM scratch\n' }).image._target).toBe('test');
  });

  test('may be any in a source, whose Dockerfile is not known', () => {
    const pipeline = new TestPipeline();
    expect(pipeline.image('Image', { context: DockerContext.pipelineSource(pipeline.source), target: 'test' })._target).toBe('test');
  });
});

describe('linkCopies', () => {
  test('is off: the Dockerfile is built as it is, and an info says what linking would save', () => {
    const { pipeline, image: made, infos, warnings } = image();
    expect(pipeline.plan(made).dockerfileContent).toBe(PYTHON);
    expect(infos()).toEqual([expect.stringMatching(/^Dockerfile: .*'COPY src \/var\/task\/src\/' in line 4 .*\[ack: cdk-cached-docker-build:unlinkedCopy\]$/s)]);
    expect(warnings()).toEqual([]);
  });

  test('links what makes the same image, leaves the rest, and says both', () => {
    // a copy that stays as it is needs all layers, so one in front of it gains nothing
    const files = { ...FILES, Dockerfile: PYTHON.replace('COPY src/app.py /tmp/\n', '') };
    const { pipeline, image: made, infos } = image({ linkCopies: true }, files);
    expect(pipeline.plan(made).dockerfileContent).toBe(LINKED.replace('COPY src/app.py /tmp/\n', ''));
    expect(infos()).toEqual([expect.stringContaining("line 4 is built as 'COPY --link src /var/task/src/'")]);
    expect(infos()[0]).toContain('[ack: cdk-cached-docker-build:linkedCopies]');
  });

  test('says why a line is left as it is', () => {
    const { pipeline, image: made, infos } = image({ linkCopies: true });
    expect(pipeline.plan(made).dockerfileContent).toBe(PYTHON);
    expect(infos()).toEqual([expect.stringContaining("'COPY src/app.py /tmp/' in line 5")]);
  });

  test('makes another image, with a tag of its own, only when it changes something', () => {
    const linked = { ...FILES, Dockerfile: PYTHON.replace('COPY src/app.py /tmp/\n', '') };
    expect(image({ linkCopies: true }, linked).image.imageTag).not.toBe(image({}, linked).image.imageTag);
    expect(image({ linkCopies: true }).image.imageTag).toBe(image().image.imageTag);
  });

  test('leaves the file of the context as it is', () => {
    const context = new TempContext({ ...FILES, Dockerfile: PYTHON.replace('COPY src/app.py /tmp/\n', '') });
    const pipeline = new TestPipeline();
    const made = pipeline.image('Image', { context: context.context, linkCopies: true });
    expect(pipeline.read(pipeline.plan(made).context, 'Dockerfile')).not.toContain('--link');
  });

  test('fails for a source, whose Dockerfile is not known', () => {
    const pipeline = new TestPipeline();
    expect(() => pipeline.image('Image', { context: DockerContext.pipelineSource(pipeline.source), linkCopies: true })).toThrow(
      "'PipelineStack/Image': linkCopies needs a Dockerfile that is known at synthesis, got DockerContext.pipelineSource(); use DockerContext.directory(), or write --link into the Dockerfile");
  });
});

describe('hints', () => {
  const wasteful = {
    'Dockerfile': 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci\n',
    'package.json': '{}',
    'node_modules/a/index.js': '1',
  };

  test('name what wastes the cache, each under an id of its own', () => {
    const { pipeline, infos } = image({}, wasteful);
    expect(pipeline.warnings().sort()).toEqual(['cdk-cached-docker-build:broadCopyBeforeInstall', 'cdk-cached-docker-build:contextWithoutIgnore']);
    expect(infos()).toEqual([expect.stringContaining('[ack: cdk-cached-docker-build:cacheMount]')]);
  });

  test('are taken away by acknowledging them', () => {
    const { pipeline, image: made, infos } = image({}, wasteful);
    Annotations.of(made).acknowledgeWarning('cdk-cached-docker-build:broadCopyBeforeInstall');
    Annotations.of(made).acknowledgeInfo('cdk-cached-docker-build:cacheMount');
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:contextWithoutIgnore']);
    expect(infos()).toEqual([]);
  });

  test('are none for a Dockerfile that wastes nothing', () => {
    const { infos, warnings } = image({}, { ...FILES, Dockerfile: LINKED.replace('COPY src/app.py /tmp/\n', '') });
    expect([...infos(), ...warnings()]).toEqual([]);
  });
});

test('a Dockerfile with a NUL fails, since it is none', () => {
  expect(() => image({}, { Dockerfile: 'FROM scratch\0\n' })).toThrow(/^'PipelineStack\/Image': "Dockerfile" in the context .* holds a NUL, so it is no Dockerfile; give the property 'dockerfile' its path in the context$/);
});
