import * as fs from 'fs';
import * as path from 'path';
import { Stack } from 'aws-cdk-lib';
import { DockerBuilder, DockerContext, ImageRepository, ImageTag, LayerCache, RegistryLogin } from '../../lib';
import { BuildJob, buildJob, BuildJobOptions } from '../../lib/step/build-job';
import { TestPipeline } from '../testhelpers/test-pipeline';

const DIRECTORY = path.join(__dirname, '..', '..', 'buildspec');
const SCRIPTS = fs.readdirSync(DIRECTORY);

function job(options: Partial<BuildJobOptions> = {}, test = new TestPipeline()): BuildJob {
  return buildJob('Build', { image: options.image ?? test.image(), pipeline: test.pipeline, ...options });
}

function scripts(commands: string[]): string[] {
  return commands.flatMap((command) => /^bash "\$CODEBUILD_SRC_DIR\/cached-docker-build\/(.*)"$/.exec(command)?.[1] ?? []);
}

test('a job takes the cloud assembly, and the source as well for an image from a source', () => {
  const test = new TestPipeline();
  expect(job({}, test)).toMatchObject({ input: test.pipeline.cloudAssemblyFileSet, additionalInputs: undefined });
  const image = test.image('Other', { context: DockerContext.pipelineSource(test.source) });
  const { input, additionalInputs } = job({ image }, test);
  expect(input).toBe(test.pipeline.cloudAssemblyFileSet);
  expect(Object.keys(additionalInputs!)).toEqual(['image-source']);
  expect(additionalInputs!['image-source']).toBe(test.source);
});

test.each<[string, Partial<BuildJobOptions>]>([
  ['a BuildKit with the registry as its cache', {}],
  ['a BuildKit with an inline cache', { layerCache: LayerCache.inline() }],
  ['the engine', { layerCache: LayerCache.none(), builder: DockerBuilder.dockerEngine() }],
])('%s: every script that runs is in the cloud assembly', (_, options) => {
  const { installCommands, buildCommands } = job(options);
  const run = [...scripts(installCommands), ...scripts(buildCommands)];
  expect(SCRIPTS).toEqual(expect.arrayContaining(run));
  expect(run[0]).toBe('login.sh');
  expect(run[1]).toBe('lookup.sh');
  expect(run[run.length - 1]).toBe('report.sh');
  const [kept] = run.filter((name) => /export|push/.test(name));
  expect(run.indexOf('publish.sh')).toBeLessThan(run.indexOf(kept));
});

test('a job logs in to registries of base images when it knows that there is something to build', () => {
  const test = new TestPipeline();
  const { installCommands } = job({ registryLogins: [RegistryLogin.ecr(new ImageRepository(test.stack, 'Base'))] }, test);
  expect(scripts(installCommands)).toEqual(['login.sh', 'lookup.sh', 'login-base-images.sh', 'builder.sh']);
  expect(SCRIPTS).toContain('login-base-images.sh');
});

test('no script of a job stands in its commands', () => {
  const { installCommands, buildCommands } = job();
  expect([...installCommands, ...buildCommands].join('\n').length).toBeLessThan(1500);
});

test('each variable that a script reads is taken away from what the defaults of the pipeline set, or set by the job itself', () => {
  const text = SCRIPTS.map((name) => fs.readFileSync(path.join(DIRECTORY, name), 'utf-8')).join('\n').replace(/^\s*#.*$/gm, '');
  const read = new Set([...text.matchAll(/\$\{?((?:IMAGE|CACHE|CACHED|BUILDKIT|REGISTRY)_[A-Z_]+)/g)].map(([, name]) => name));
  expect(read.size).toBeGreaterThan(12);
  const { environment, installCommands: [unset] } = job();
  expect([...read].filter((name) => !(name in environment) && !unset.split(' ').includes(name) && name !== 'CACHED_BUILD_DIR')).toEqual([]);
});

test('a job has privileges and the builder in its environment', () => {
  const { buildEnvironment, environment } = job({ builder: DockerBuilder.buildkit({ buildkitImage: 'mirror/buildkit' }) });
  expect(buildEnvironment).toEqual({ buildImage: undefined, computeType: undefined, privileged: true, environmentVariables: {} });
  expect(environment.BUILDKIT_IMAGE).toBe('mirror/buildkit');
});

test('each job has statements of its own, on the repository of its image', () => {
  const test = new TestPipeline();
  const statements = job({}, test).statements.map((statement) => test.stack.resolve(statement.toStatementJson()));
  expect(statements.map(({ Resource }) => Resource)).toEqual([{ 'Fn::GetAtt': ['ImageRepositoryD8036990', 'Arn'] }, '*']);
  expect(statements.every(({ Action }) => JSON.stringify([Action].flat()) === JSON.stringify([Action].flat().sort()))).toBe(true);
});

test('the environment of the user comes along', () => {
  expect(job({ env: { BUILDX_BUILDER: 'mine', EMPTY: '' } }).environment).toMatchObject({ BUILDX_BUILDER: 'mine', EMPTY: '' });
});

test('fails with all names at once that the build uses itself', () => {
  expect(() => job({ env: { IMAGE_REPOSITORY: 'a', FREE: 'b', CACHED_BUILD_DIR: 'c' } }))
    .toThrow("'Build': the environment variables IMAGE_REPOSITORY, CACHED_BUILD_DIR are used by the build itself; give yours other names");
});

test('fails without touching anything when cache and builder do not go together', () => {
  const test = new TestPipeline();
  const image = test.image('Image', { tag: ImageTag.fixed('v1') });
  expect(() => job({ image, builder: DockerBuilder.dockerEngine() }, test)).toThrow('LayerCache.registry() does not go with DockerBuilder.dockerEngine()');
  expect(test.warnings()).toEqual([]);
});

test('fails for an image of another app', () => {
  const [one, other] = [new TestPipeline(), new TestPipeline()];
  expect(() => job({ image: other.image() }, one)).toThrow("'Build': the image 'PipelineStack/Image' is not in the stage of the pipeline 'PipelineStack/Pipeline'");
});

test('the address of the repository is that for the stack of the pipeline', () => {
  const test = new TestPipeline();
  expect(Stack.of(test.pipeline).resolve(job({}, test).environment.IMAGE_REPOSITORY)).toEqual({
    'Fn::Join': ['', [{ Ref: 'AWS::AccountId' }, '.dkr.ecr.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/pipelinestack-image-repository-3a4999ec']],
  });
});
