import { spawnSync } from 'child_process';
import { CfnParameter, Environment, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { CachedDockerImage, CacheRepository, DockerContext, ImageRepository, ImageTag } from '../../lib';
import { hashContext } from '../../lib/plan/context-hash';
import { PLAN_VERSION } from '../../lib/plan/image-plan';
import { resolveCommit } from '../testhelpers/resolved-commit';
import { EMPTY_DIRECTORY, HELLO, TempContext, TempFile } from '../testhelpers/temp-context';
import { PIPELINE_ENV, TestPipeline } from '../testhelpers/test-pipeline';

describe('the plan of the build', () => {
  test('says what is to be built', () => {
    const pipeline = new TestPipeline();
    const image = pipeline.image('Image', { context: new TempContext(HELLO).context });
    const plan = pipeline.plan(image);
    expect(plan).toEqual({
      version: PLAN_VERSION,
      name: 'Image',
      repository: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/pipelinestack-image-repository-3a4999ec',
      tag: image.imageTag,
      stagingTag: 'cache-PipelineStack-Image-E30ECBDA-linux-amd64_pushed',
      context: `asset.${plan.contextFiles.hash}`,
      contextFiles: {
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        files: { 'Dockerfile': HELLO.Dockerfile.length, 'app.py': HELLO['app.py'].length },
        executables: [],
        emptyDirectories: [],
        links: {},
      },
      dockerfile: 'Dockerfile',
      dockerfileContent: HELLO.Dockerfile,
      platform: 'linux/amd64',
      buildArgs: {},
      linkCopies: true,
      cacheName: 'cache-PipelineStack-Image-E30ECBDA-linux-amd64',
      sharedCacheName: 'cache-Image-1aa4cb0b-linux-amd64',
      runsOnLambda: false,
    });
  });

  test('says what was asked for', () => {
    const pipeline = new TestPipeline();
    const files = { ...HELLO, 'docker/Dockerfile.prod': 'FROM scratch AS test\n' };
    const image = pipeline.image('Image', {
      context: new TempContext(files).context,
      dockerfile: 'docker/Dockerfile.prod',
      target: 'test',
      platform: Platform.LINUX_ARM64,
      buildArgs: { VERSION: '1', QUOTED: '"$(id)" \'\n' },
      tag: ImageTag.fixed('v1'),
    });
    expect(pipeline.plan(image)).toMatchObject({
      tag: 'v1',
      dockerfile: 'docker/Dockerfile.prod',
      dockerfileContent: 'FROM scratch AS test\n',
      target: 'test',
      platform: 'linux/arm64',
      buildArgs: { VERSION: '1', QUOTED: '"$(id)" \'\n' },
      linkCopies: true,
    });
  });

  test('lists what the context holds, with what the zip between synthesis and build may lose', () => {
    const pipeline = new TestPipeline();
    const image = pipeline.image('Image', {
      context: new TempContext({
        ...HELLO,
        'bin/tool': { content: 'true\n', mode: 0o755 },
        'bin/other': { content: 'true\n', mode: 0o711 },
        'links/relative': { link: '../app.py' },
        'links/absolute': { link: '/etc/hostname' },
        'links/dangling': { link: 'nowhere' },
        'var/log': EMPTY_DIRECTORY,
      }).context,
    });
    const { context, contextFiles } = pipeline.plan(image);
    expect(contextFiles).toEqual({
      hash: context.replace('asset.', ''),
      files: { 'Dockerfile': HELLO.Dockerfile.length, 'app.py': HELLO['app.py'].length, 'bin/other': 5, 'bin/tool': 5 },
      executables: ['bin/other', 'bin/tool'],
      emptyDirectories: ['var/log'],
      links: { 'links/relative': '../app.py', 'links/absolute': '/etc/hostname', 'links/dangling': 'nowhere' },
    });
  });

  test('has the hash that the runner finds in a context that nothing has changed', () => {
    const pipeline = new TestPipeline();
    const files: { [path: string]: TempFile } = { ...HELLO, 'bin/tool': { content: 'ä'.repeat(1000), mode: 0o755 }, 'link': { link: 'app.py' }, 'empty': EMPTY_DIRECTORY };
    const { directory, context } = new TempContext(files);
    const { contextFiles } = pipeline.plan(pipeline.image('Image', { context }));
    expect(contextFiles.files['bin/tool']).toBe(2000); // bytes, not characters
    expect(hashContext(directory, contextFiles)).toBe(contextFiles.hash);
  });

  test('has a name that depends on the path of the construct only', () => {
    const [first, second] = ['1', '2'].map((content) => new TestPipeline().image('Image', {
      context: new TempContext({ Dockerfile: content }).context,
      buildArgs: { VERSION: content },
    }));
    expect(first._planFile).toBe('image-PipelineStackImageE30ECBDA.json');
    expect(second._planFile).toBe(first._planFile);
    expect(new TestPipeline().image('Other')._planFile).not.toBe(first._planFile);
  });

  test('is in the root of the assembly, also when the stack of the pipeline is in a stage', () => {
    const pipeline = new TestPipeline({ inStage: true });
    const image = pipeline.image();
    const plan = pipeline.plan(image);
    expect(plan.tag).toEqual(image.imageTag);
    expect(pipeline.read(plan.context, 'app.py')).toEqual(HELLO['app.py']);
  });

  test('is that of a source when the context is one', () => {
    resolveCommit('a'.repeat(40));
    const pipeline = new TestPipeline();
    const image = pipeline.image('Image', { context: DockerContext.pipelineSource(pipeline.source, 'api'), buildArgs: { VERSION: '1' } });
    expect(pipeline.plan(image)).toEqual({
      version: PLAN_VERSION,
      name: 'Image',
      repository: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/pipelinestack-image-repository-3a4999ec',
      tag: 'a'.repeat(40),
      stagingTag: 'cache-PipelineStack-Image-E30ECBDA-linux-amd64_pushed',
      context: 'image-source/api',
      dockerfile: 'Dockerfile',
      platform: 'linux/amd64',
      buildArgs: { VERSION: '1' },
      linkCopies: true,
      cacheName: 'cache-PipelineStack-Image-E30ECBDA-linux-amd64',
      sharedCacheName: 'cache-Image-1aa4cb0b-linux-amd64',
      runsOnLambda: false,
    });
  });

  test.each<[string, Environment | undefined, string]>([
    ['not known', undefined, '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}'],
    ['explicit', PIPELINE_ENV, '111111111111.dkr.ecr.eu-west-1.amazonaws.com'],
    ['in China', { account: '111111111111', region: 'cn-north-1' }, '111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn'],
    ['known but for the region', { account: '111111111111' }, '111111111111.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}'],
    ['known but for the account', { region: 'cn-north-1' }, '${AWS::AccountId}.dkr.ecr.cn-north-1.amazonaws.com.cn'],
  ])('has the address of the repository, and no token, in an environment that is %s', (_, env, host) => {
    const pipeline = new TestPipeline({ env });
    const image = pipeline.image('Image', { repository: new ImageRepository(pipeline.stack, 'Images', { repositoryName: 'team/images' }) });
    expect(pipeline.plan(image).repository).toBe(`${host}/team/images`);
    expect(pipeline.read(image._planFile)).not.toContain('Token');
  });

  test('has the address of an imported repository, wherever the pipeline is', () => {
    const pipeline = new TestPipeline();
    const repository = ecr.Repository.fromRepositoryArn(pipeline.stack, 'Foreign', 'arn:aws:ecr:us-east-1:222222222222:repository/team/foreign');
    expect(pipeline.plan(pipeline.image('Image', { repository })).repository).toBe('222222222222.dkr.ecr.us-east-1.amazonaws.com/team/foreign');
  });

  test.each<[string, (stack: Stack) => ecr.IRepository, boolean]>([
    ['an ImageRepository', (stack) => new ImageRepository(stack, 'Images'), true],
    ['one whose tags all move', (stack) => new ecr.Repository(stack, 'Images', { repositoryName: 'images' }), true],
    ['an import, of which nothing is known', (stack) => ecr.Repository.fromRepositoryName(stack, 'Images', 'images'), true],
    ['one whose tags are immutable', (stack) => new ecr.Repository(stack, 'Images', { repositoryName: 'images', imageTagMutability: ecr.TagMutability.IMMUTABLE }), false],
    ['one where only other tags move', (stack) => new ecr.Repository(stack, 'Images', {
      repositoryName: 'images',
      imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: [ecr.ImageTagMutabilityExclusionFilter.wildcard('latest')],
    }), false],
  ])('has a tag for images that are not checked yet if such a tag can be set twice: in %s', (_, define, has) => {
    const pipeline = new TestPipeline();
    const image = pipeline.image('Image', { repository: define(pipeline.stack) });
    expect(pipeline.plan(image).stagingTag).toBe(has ? `${image._cacheName}_pushed` : undefined);
  });

  test.each<[string, boolean, (pipeline: TestPipeline, image: CachedDockerImage) => void]>([
    ['when a function of a stage has the image', true, (pipeline, image) => { pipeline.functionStage('Prod', image); }],
    ['when a function has it that is defined after the step', true, (pipeline, image) => {
      pipeline.pipeline.addWave('Deploy', { pre: [pipeline.step({ images: [image] })] }).addStage(pipeline.functionStage('Prod', image));
    }],
    ['but not when a task has it', false, (pipeline, image) => { pipeline.stage('Prod', undefined, (stack) => { image.containerImage(stack); }); }],
    ['but not when something else has its address', false, (pipeline, image) => { pipeline.stage('Prod', undefined, (stack) => { image.imageUri(stack); }); }],
    ['but not when a function has another image', false, (pipeline) => { pipeline.functionStage('Prod', pipeline.builtImage('Other')); }],
  ])('says that AWS Lambda runs the image %s', (_, runsOnLambda, define) => {
    const pipeline = new TestPipeline();
    const image = pipeline.builtImage();
    define(pipeline, image);
    expect(pipeline.plan(image).runsOnLambda).toBe(runsOnLambda);
  });

  test('calls the image by its path in its stack', () => {
    const pipeline = new TestPipeline({ inStage: true });
    const image = new CachedDockerImage(new Construct(pipeline.stack, 'Services'), 'Api', { context: new TempContext().context });
    expect(pipeline.plan(image).name).toBe('Services/Api');
  });

  test('has no tag when the commit is not known, so that nothing can be built', () => {
    resolveCommit(undefined);
    const pipeline = new TestPipeline();
    const images = [pipeline.image('Source', { context: DockerContext.pipelineSource(pipeline.source) }), pipeline.image('Directory', { tag: ImageTag.commit() })];
    expect(images.map((image) => 'tag' in pipeline.plan(image))).toEqual([false, false]);
  });
});

describe('the repository', () => {
  test('is none for layers, which deletes what it holds', () => {
    const pipeline = new TestPipeline();
    const repository = new CacheRepository(pipeline.stack, 'Layers', { repositoryName: 'layers' });
    expect(() => pipeline.image('Image', { repository })).toThrow("'PipelineStack/Image': the repository 'PipelineStack/Layers' is a CacheRepository,"
      + ' which deletes what was not written for some time, images in use among it; give an ImageRepository, or none');
  });

  test('is a new ImageRepository unless one is given', () => {
    const pipeline = new TestPipeline();
    expect(pipeline.image().repository).toBeInstanceOf(ImageRepository);
    Template.fromStack(pipeline.stack).resourceCountIs('AWS::ECR::Repository', 1);
  });

  test('is the one that is given, and no other is made', () => {
    const pipeline = new TestPipeline();
    const repository = new ImageRepository(pipeline.stack, 'Images');
    expect(pipeline.image('Image', { repository }).repository).toBe(repository);
    Template.fromStack(pipeline.stack).resourceCountIs('AWS::ECR::Repository', 1);
  });

  test('takes several images with content hashes, also with the same content', () => {
    const pipeline = new TestPipeline();
    const repository = new ImageRepository(pipeline.stack, 'Images');
    const { context } = new TempContext();
    const images = ['First', 'Second'].map((id) => pipeline.image(id, { repository, context }));
    expect(images[0].imageTag).toEqual(images[1].imageTag);
  });

  test('takes several images with the same content hash, also when the hash was asked for by name', () => {
    const pipeline = new TestPipeline();
    const repository = new ImageRepository(pipeline.stack, 'Images');
    const { context } = new TempContext();
    const images = ['First', 'Second'].map((id) => pipeline.image(id, { repository, context, tag: ImageTag.contentHash() }));
    expect(images[0].imageTag).toEqual(images[1].imageTag);
  });
});

describe('what runs the image', () => {
  test('a function gets command, entrypoint and working directory only when they are given', () => {
    const pipeline = new TestPipeline();
    const stage = pipeline.functionStage('Prod', pipeline.image());
    stage.template.hasResourceProperties('AWS::Lambda::Function', { PackageType: 'Image', ImageConfig: Match.absent() });
  });

  test('a function gets the command, the entrypoint and the working directory that are given', () => {
    const pipeline = new TestPipeline();
    const image = pipeline.image();
    const options = { cmd: ['app.other'], entrypoint: ['/init'], workingDirectory: '/srv' };
    const stage = pipeline.functionStage('Prod', image, undefined, options);
    stage.template.hasResourceProperties('AWS::Lambda::Function', {
      ImageConfig: { Command: ['app.other'], EntryPoint: ['/init'], WorkingDirectory: '/srv' },
    });
  });
});

describe('an image', () => {
  const fail = (props: Partial<ConstructorParameters<typeof CachedDockerImage>[2]>) => () => new TestPipeline().image('Image', props);

  test('fails outside of an App', () => {
    expect(() => new CachedDockerImage(new Construct(undefined as any, ''), 'Image', { context: new TempContext().context }))
      .toThrow("'Image': an image must be in an App, because its build plan is written into the App's cloud assembly");
  });

  test('fails for two platforms', () => {
    expect(fail({ platform: Platform.custom('linux/amd64,linux/arm64') }))
      .toThrow("'PipelineStack/Image': an image is built for one platform, got 'linux/amd64,linux/arm64'; define one image for each");
  });

  test.each(['', 'linux', 'amd64', '--x', 'linux/', '/amd64', 'linux/--load', 'linux/arm/v7/x', 'linux/amd64 ', 'linux/amd64\n', 'linux/$(id)', 'linux/ä', 'local', '(unknown)/amd64'])(
    'fails for what is no platform: %j', (platform) => {
      expect(fail({ platform: Platform.custom(platform) })).toThrow(new Error(
        `'PipelineStack/Image': platform must be <os>/<architecture> or <os>/<architecture>/<variant>, each of letters and digits, got ${JSON.stringify(platform)}; use Platform.LINUX_AMD64 or Platform.LINUX_ARM64`));
    });

  test.each(['linux/amd64', 'linux/arm64', 'linux/arm64/v8', 'linux/arm/v7', 'linux/386', 'linux/s390x', 'Linux/AMD64'])('takes the platform %s', (platform) => {
    const pipeline = new TestPipeline();
    expect(pipeline.plan(pipeline.image('Image', { platform: Platform.custom(platform) })).platform).toBe(platform);
  });

  test.each([['a'.repeat(100_001), 100_001], ['ä'.repeat(50_001), 100_002]])('fails for a build argument that no program can be given', (value, bytes) => {
    expect(fail({ buildArgs: { GOOD: '1', DATA: value } })).toThrow(new Error(
      `'PipelineStack/Image': buildArgs.DATA can have at most 100000 bytes, because it is passed to the builder on the command line, got ${bytes}; put the value into a file of the context and COPY it`));
  });

  test.each(['a'.repeat(100_000), 'ä'.repeat(50_000)])('takes a build argument that is just short enough for a program', (value) => {
    const pipeline = new TestPipeline();
    const { buildArgs } = pipeline.plan(pipeline.image('Image', { buildArgs: { DATA: value } }));
    expect(buildArgs).toEqual({ DATA: value });
    expect(spawnSync('true', ['--build-arg', `DATA=${buildArgs.DATA}`]).error).toBeUndefined();
  });

  test.each<[string, (scope: Stack) => string]>([
    ['a parameter', (scope) => new CfnParameter(scope, 'Parameter').valueAsString],
    ['a text that holds a token', (scope) => `arn:${scope.partition}:iam`],
    ['a lazy value', () => Lazy.string({ produce: () => 'late' })],
    ['an import', () => Fn.importValue('other')],
  ])('fails for a build argument that is known at deployment only: %s', (_, value) => {
    const pipeline = new TestPipeline();
    expect(() => pipeline.image('Image', { buildArgs: { GOOD: '1', VERSION: value(pipeline.stack) } }))
      .toThrow("'PipelineStack/Image': buildArgs.VERSION must be known at synthesis, because it is part of the image's tag, got a token;"
        + ' give the function an environment variable instead, or read the value when the program starts');
  });

  test('fails for a build argument whose name is known at deployment only', () => {
    expect(fail({ buildArgs: { [Lazy.string({ produce: () => 'NAME' })]: '1' } }))
      .toThrow("'PipelineStack/Image': the name of a build argument must be known at synthesis, because it is part of the image's tag, got a token;");
  });

  test('fails for a build argument that is a pipeline variable', () => {
    const pipeline = new TestPipeline();
    expect(() => pipeline.image('Image', { buildArgs: { COMMIT: pipeline.source.sourceAttribute('CommitId') } }))
      .toThrow(/^'PipelineStack\/Image': buildArgs\.COMMIT must be known at synthesis, because it is part of the image's tag, got /);
  });

  test('fails for a build argument that is a pipeline variable in plain text', () => {
    expect(fail({ buildArgs: { COMMIT: 'v-#{Source.CommitId}' } }))
      .toThrow("buildArgs.COMMIT must be known at synthesis, because it is part of the image's tag, got v-#{Source.CommitId}; give the function");
  });

  test.each(['', 'A=B', 'A B', 'A\nB'])('fails for a build argument that Docker cannot take: %j', (name) => {
    expect(fail({ buildArgs: { [name]: '1' } })).toThrow(`'PipelineStack/Image': buildArgs takes names without '=' and spaces, got ${JSON.stringify(name)}`);
  });

  test('fails for a value that no argument of a program can hold', () => {
    expect(fail({ buildArgs: { A: 'x\0y' } })).toThrow('\'PipelineStack/Image\': buildArgs.A cannot hold a NUL, got "x\\u0000y"');
  });

  test('fails for a platform that is known at deployment only', () => {
    const platform = Platform.custom(Lazy.string({ produce: () => 'linux/amd64' }));
    expect(fail({ platform })).toThrow("'PipelineStack/Image': platform must be known at synthesis, because it is part of the image's tag, got a token");
  });

  test.each(['dockerfile', 'target'])('fails for a %s that is known at deployment only', (property) => {
    expect(fail({ [property]: Lazy.string({ produce: () => 'late' }) }))
      .toThrow(`'PipelineStack/Image': ${property} must be known at synthesis, because it is part of the image's tag, got a token`);
  });

  test('takes a build argument that only looks a little like a variable', () => {
    const pipeline = new TestPipeline();
    const image = pipeline.image('Image', { buildArgs: { COLOUR: '#fff', JSON: '{"a": "${B}"}' } });
    expect(pipeline.plan(image).buildArgs).toEqual({ COLOUR: '#fff', JSON: '{"a": "${B}"}' });
  });

  test('fails for a context without a Dockerfile', () => {
    const { context, directory } = new TempContext({ 'app.py': '' });
    expect(fail({ context }))
      .toThrow(`'PipelineStack/Image': there is no "Dockerfile" in the context ${directory}; give the property 'dockerfile' its path in the context`);
  });

  test('fails for a Dockerfile that is a directory', () => {
    expect(fail({ context: new TempContext({ 'Dockerfile/file': '' }).context })).toThrow('there is no "Dockerfile" in the context');
  });

  test('fails for a Dockerfile by another name that is not there', () => {
    expect(fail({ dockerfile: 'Dockerfile.prod' })).toThrow('there is no "Dockerfile.prod" in the context');
  });

  test.each(['latest', 'cache-mine'])('fails for the tag %s, which moves in an ImageRepository', (tag) => {
    expect(fail({ tag: ImageTag.fixed(tag) }))
      .toThrow(`'PipelineStack/Image': the tag '${tag}' moves from image to image in its repository, so a stage that deploys it would not see a change; give a tag of its own, or none`);
  });

  test('fails for two images with the same tag in one repository', () => {
    const pipeline = new TestPipeline();
    const repository = new ImageRepository(pipeline.stack, 'Images', { repositoryName: 'images' });
    pipeline.image('First', { repository, tag: ImageTag.fixed('v1') });
    expect(() => pipeline.image('Second', { repository, tag: ImageTag.fixed('v1') }))
      .toThrow("'PipelineStack/Second': the tag 'v1' of repository 'images' is used for the image 'PipelineStack/First' already; give each image a repository of its own, or tags");
  });

  test('fails for two images with the same commit in one repository', () => {
    const pipeline = new TestPipeline();
    const repository = new ImageRepository(pipeline.stack, 'Images', { repositoryName: 'images' });
    const [api, report] = ['api', 'report'].map((folder) => DockerContext.pipelineSource(pipeline.source, folder));
    pipeline.image('Api', { repository, context: api });
    expect(() => pipeline.image('Report', { repository, context: report }))
      .toThrow(/^'PipelineStack\/Report': the tag '.*' of repository 'images' is used for the image 'PipelineStack\/Api' already/);
  });

  test('fails for a directory and a source with the same commit in one repository', () => {
    const pipeline = new TestPipeline();
    const repository = new ImageRepository(pipeline.stack, 'Images', { repositoryName: 'images' });
    pipeline.image('Api', { repository, tag: ImageTag.commit() });
    expect(() => pipeline.image('Report', { repository, context: DockerContext.pipelineSource(pipeline.source) })).toThrow('is used for the image');
  });

  test('does not take the same tag in two apps for one', () => {
    for (const pipeline of [new TestPipeline(), new TestPipeline()]) {
      expect(pipeline.image('Image', { tag: ImageTag.fixed('v1') }).imageTag).toBe('v1');
    }
  });
});
