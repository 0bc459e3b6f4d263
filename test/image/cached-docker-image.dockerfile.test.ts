import { Annotations } from 'aws-cdk-lib';
import { Annotations as Findings, Match } from 'aws-cdk-lib/assertions';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CachedDockerImageProps, DockerContext } from '../../lib';
import { TempContext, TempFile } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

const PYTHON = [
  'FROM public.ecr.aws/lambda/python:3.12',
  'COPY requirements.txt ./',
  'RUN pip install -r requirements.txt',
  'COPY src /var/task/src/',
  '',
].join('\n');

const FILES = { 'Dockerfile': PYTHON, 'requirements.txt': 'boto3\n', 'src/app.py': 'pass\n' };

function image(props: Partial<CachedDockerImageProps> = {}, files: { [path: string]: TempFile } = FILES) {
  const pipeline = new TestPipeline();
  const made = pipeline.builtImage('Image', { context: new TempContext(files).context, ...props });
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
  test('is on, and left to the build: the plan holds the Dockerfile as it is written', () => {
    const { pipeline, image: made } = image();
    expect(pipeline.plan(made)).toMatchObject({ linkCopies: true, dockerfileContent: PYTHON });
  });

  test('can be off', () => {
    const { pipeline, image: made } = image({ linkCopies: false });
    expect(pipeline.plan(made)).toMatchObject({ linkCopies: false, dockerfileContent: PYTHON });
  });

  test('does not change the tag, since the image is the same', () => {
    expect(image({ linkCopies: false }).image.imageTag).toBe(image().image.imageTag);
  });

  test.each([true, false])('goes with a source, whose Dockerfile is not known: %s', (linkCopies) => {
    const pipeline = new TestPipeline();
    const made = pipeline.image('Image', { context: DockerContext.pipelineSource(pipeline.source), linkCopies });
    expect(pipeline.plan(made).linkCopies).toBe(linkCopies);
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

  test('know the platform of the image, and whether its copies are linked', () => {
    const files = { 'Dockerfile': 'FROM --platform=linux/arm64 busybox\nCOPY app.py /\nWORKDIR app\n', 'app.py': '' };
    expect(image({}, files).pipeline.warnings()).toEqual(['cdk-cached-docker-build:platformMismatch']);
    expect(image({ platform: Platform.LINUX_ARM64 }, files).pipeline.warnings()).toEqual([]);
    expect(image({}, files).infos()).toEqual([expect.stringContaining('[ack: cdk-cached-docker-build:copiesNotLinked]')]);
    expect(image({ linkCopies: false }, files).infos()).toEqual([]);
  });

  test('tell a file that is left out from one that is not there, and read those that name dependencies', () => {
    const files = { 'Dockerfile': 'FROM rust AS build\nCOPY . .\nRUN cargo build\nFROM busybox\nCOPY --from=build /a /b\nCOPY secret nothing /\n', '.dockerignore': 'secret', 'secret': '' };
    const warnings = (lock: string) => Findings.fromStack(image({}, { ...files, 'Cargo.lock': lock }).pipeline.stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data))
      .filter((text) => text.startsWith('Dockerfile: '));
    expect(warnings('[[package]]\nname = "mine"\n')).toEqual([
      'Dockerfile: the COPY in line 6 will fail, because "secret" is left out of the context by the ignore file; the COPY in line 6 will fail, because "nothing" is not in the context'
      + ' [ack: cdk-cached-docker-build:missingSource]',
    ]);
    expect(warnings('source = "registry+x"\n')).toContainEqual(expect.stringContaining('[ack: cdk-cached-docker-build:broadCopyBeforeInstall]'));
  });

  test('are taken away by acknowledging them', () => {
    const { pipeline, image: made, infos } = image({}, wasteful);
    Annotations.of(made).acknowledgeWarning('cdk-cached-docker-build:broadCopyBeforeInstall');
    Annotations.of(made).acknowledgeInfo('cdk-cached-docker-build:cacheMount');
    expect(pipeline.warnings()).toEqual(['cdk-cached-docker-build:contextWithoutIgnore']);
    expect(infos()).toEqual([]);
  });

  test('are none for a Dockerfile that wastes nothing', () => {
    const { infos, warnings } = image();
    expect([...infos(), ...warnings()]).toEqual([]);
  });
});

test('a Dockerfile with a NUL fails, since it is none', () => {
  expect(() => image({}, { Dockerfile: 'FROM scratch\0\n' })).toThrow(/^'PipelineStack\/Image': "Dockerfile" in the context .* holds a NUL, so it is no Dockerfile; give the property 'dockerfile' its path in the context$/);
});
