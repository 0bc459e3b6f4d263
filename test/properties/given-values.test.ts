import * as fs from 'fs';
import * as path from 'path';
import { IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import * as fc from 'fast-check';
import { BuildSecret, CachedDockerImage, CachedDockerImageProps, ImageTag, LayerCache } from '../../lib';
import { isTag } from '../../lib/plan/tag-syntax';
import { readPlan } from '../../runner/input/read-plan';
import { solveArguments } from '../../runner/solve/solve-arguments';
import { someJob } from '../runner/testhelpers/some-job';
import { TempContext } from '../testhelpers/temp-context';
import { TestPipeline } from '../testhelpers/test-pipeline';

// Whatever a user gives arrives at the builder exactly as it was given, or fails at synthesis with an error that says whose it is.

const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('--x', '$(touch /tmp/x)', '`id`', "'", '"', 'a\nb', 'a b', ';', '-', '..', '/', '${AWS::Region}', '🙂'));

let count = 0;
let pipeline: TestPipeline;
let context: TempContext;
let repository: IRepository; // one for all, since a stack takes 500 resources

beforeEach(() => {
  pipeline = new TestPipeline();
  repository = Repository.fromRepositoryName(pipeline.stack, 'Images', 'images');
  context = new TempContext({ Dockerfile: 'FROM scratch AS final\nCOPY a /\n', a: '' });
});

/** The image, or the error that it fails with, which has to name it. */
function imageOf(props: Partial<CachedDockerImageProps>): CachedDockerImage | undefined {
  const id = `Image${count++}`;
  try {
    return pipeline.image(id, { context: context.context, repository, ...props });
  } catch (error) {
    expect((error as Error).message).toMatch(new RegExp(`^'PipelineStack/${id}': .`));
    return undefined;
  }
}

function argumentsOf(image: CachedDockerImage): string[] {
  return solveArguments(someJob(readPlan(pipeline.app.outdir, image._planFile)), {});
}

test('build arguments, platforms and targets', () => {
  const given: [CachedDockerImage, Partial<CachedDockerImageProps>][] = [];
  fc.assert(fc.property(fc.dictionary(text, text, { maxKeys: 2 }), fc.option(fc.constantFrom('final', 'FINAL', '0', ''), { nil: undefined }), (buildArgs, target) => {
    const image = imageOf({ buildArgs, target });
    if (image) given.push([image, { buildArgs, target }]);
  }), { numRuns: 1500 });
  expect(given.length).toBeGreaterThan(200);
  pipeline.app.synth();
  for (const [image, { buildArgs, target }] of given) {
    const args = argumentsOf(image);
    const valuesOf = (option: string) => args.filter((_, index) => args[index - 1] === option);
    expect(valuesOf('--build-arg').sort()).toEqual(Object.entries(buildArgs!).map(([name, value]) => `${name}=${value}`).sort());
    expect(valuesOf('--target')).toEqual(target ? [target] : []);
    expect(args.at(-1)).toBe('/input/asset.1');
  }
}, 120_000);

test('names of files', () => {
  fc.assert(fc.property(text.filter((name) => !/[\0/]/.test(name) && !['', '.', '..'].includes(name) && Buffer.byteLength(name) < 200), (name) => {
    const files = new TempContext({ Dockerfile: 'FROM scratch\nCOPY . /\n', [`sub/${name}`]: name });
    const image = imageOf({ context: files.context });
    if (!image) return;
    const staged = path.join(pipeline.app.outdir, fs.readdirSync(pipeline.app.outdir).find((found) => fs.existsSync(path.join(pipeline.app.outdir, found, 'sub', name)))!);
    expect(fs.readFileSync(path.join(staged, 'sub', name), 'utf8')).toBe(fs.readFileSync(files.path(`sub/${name}`), 'utf8'));
  }), { numRuns: 200 });
}, 120_000);

test('tags are such as a registry takes, or fail', () => {
  fc.assert(fc.property(text, (tag) => {
    const make = () => ImageTag.fixed(tag);
    if (!isTag(tag)) expect(make).toThrow(/^ImageTag\.fixed\(\) takes /);
    else expect(imageOf({ tag: make() })?.imageTag ?? tag).toBe(tag);
  }), { numRuns: 500 });
}, 120_000);

test('scopes, prefixes and fields are taken, or fail with an error of their own', () => {
  fc.assert(fc.property(text, (value) => {
    for (const act of [
      () => LayerCache.registry({ scope: value, fallbackScopes: [value] }),
      () => LayerCache.inline({ fromTags: [value] }),
      () => LayerCache.inline({ stages: [value] }),
      () => BuildSecret.secretsManager({} as never, value),
    ]) {
      try {
        act();
      } catch (error) {
        expect((error as Error).message).toMatch(/^(LayerCache\.(registry|inline)|BuildSecret\.secretsManager)\(\): \w+ /);
      }
    }
  }), { numRuns: 1500 });
});
