import * as path from 'path';
import { BuildFailure } from '../../../runner/builder/build-failure';
import { BuiltImage, RunningBuilder } from '../../../runner/builder/builder';
import { StoredCache } from '../../../runner/cache/config/stored-cache';
import { layerCache } from '../../../runner/cache/layer-caches';
import { setAdditionalTags } from '../../../runner/image/additional-tags';
import { buildImage } from '../../../runner/image/build-image';
import { BuildRecord } from '../../../runner/record/build-record';
import { RecordStore } from '../../../runner/record/record-store';
import { Manifest, RegistryClient } from '../../../runner/registry/registry-client';
import { Failure } from '../../../runner/report/failure';
import { BuildMachine } from '../testhelpers/build-machine';
import { BuildSetup, contextFiles, REPOSITORY, shorten } from '../testhelpers/build-setup';
import { FakeBuilder } from '../testhelpers/fake-builder';
import { manifest } from '../testhelpers/manifests';
import { MemoryRegistry } from '../testhelpers/memory-registry';

const OURS = manifest();
const OTHER = manifest({ annotations: { by: 'another build' } });
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

let setup: BuildSetup;
/** What happened, in its order. */
let events: string[];
/** What the registry has, by reference. */
let has: { [reference: string]: Manifest };
/** What becomes of setting a tag, where it is not simply set. */
let answers: { [tag: string]: 'immutable' | Failure };
let registry: RegistryClient;

beforeEach(() => {
  setup = new BuildSetup(new BuildMachine());
  setup.write('asset.1/app.py', 'app');
  events = [];
  has = { [OURS.digest]: OURS };
  answers = {};
  registry = new RegistryClient({ host: 'host', path: 'team/app' }, '');
  jest.spyOn(registry, 'manifest').mockImplementation(async (reference) => {
    events.push(`get ${reference}`);
    return has[reference];
  });
  jest.spyOn(registry, 'setTag').mockImplementation(async (tag, image) => {
    events.push(`tag ${tag}`);
    const answer = answers[tag];
    if (answer instanceof Failure) throw answer;
    if (answer === undefined) has[tag] = image;
    return answer === undefined;
  });
});

interface Options {
  readonly built?: Partial<BuiltImage>;
  readonly error?: Error;
  readonly cacheFailure?: string;
  readonly tags?: readonly string[];
  readonly plan?: object;
}

async function run({ built = {}, error, cacheFailure, tags = [], plan = {} }: Options = {}) {
  const context = path.join(setup.input, 'asset.1');
  const job = setup.job({ contextFiles: contextFiles(context, { files: { 'app.py': 3 } }), ...plan });
  const builder: RunningBuilder = {
    description: 'a builder',
    build: async () => {
      events.push('build');
      if (error) throw error;
      return { pushed: OURS.digest, steps: [{ name: 'RUN make', isCached: true }], imports: [{ from: 'cache', error: '' }], ...built };
    },
    keepLayers: async () => {
      events.push('keep layers');
      return cacheFailure;
    },
    stop: async () => { events.push('stop'); },
  };
  return buildImage(job, { builder, cache: setup.context.cache, logins: { client: () => registry }, additionalTags: tags });
}

const reference = OURS.digest;

test('an image is built, checked, tagged, its layers kept, and its additional tags set, in this order', async () => {
  const result = await run({ tags: ['latest', 'prod'] });
  expect(events).toEqual(['build', `get ${reference}`, 'tag v1', 'keep layers', 'get latest', 'tag latest', 'get prod', 'tag prod']);
  expect(result).toMatchObject({ status: 'built', digest: OURS.digest, steps: [{ isCached: true }], imports: [{ from: 'cache', error: '' }] });
  expect(result.failure).toBeUndefined();
  expect(result.cacheFailure).toBeUndefined();
  expect(has.v1).toBe(OURS);
  expect(Object.keys(result.phases)).toEqual(['context', 'build', 'publish', 'cache export']);
  expect(setup.lines).toEqual([]);
});

test.each([undefined, 'a layer is missing'])('the cache that a BuildKit writes is written again, as long as the one before was good enough: %s', async (unreadCache) => {
  const job = setup.job({ contextFiles: contextFiles(path.join(setup.input, 'asset.1'), { files: { 'app.py': 3 } }) });
  const cache = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd' }, (value) => value as string);
  const builder = new FakeBuilder(new MemoryRegistry());
  const writtenBy = jest.spyOn(StoredCache.prototype, 'writtenBy').mockImplementation(async (write) => write());
  jest.spyOn(builder, 'build').mockResolvedValue({ pushed: OURS.digest, steps: [], imports: [], unreadCache });
  const buildWith = async (with_: Partial<RunningBuilder>) => buildImage(job, {
    builder: { ...with_, description: '', build: async () => builder.build(job), keepLayers: async () => 'denied', stop: async () => {} },
    cache,
    logins: { client: () => registry },
    additionalTags: [],
  });
  expect(await buildWith({ archives: builder })).toMatchObject({ status: 'built', cacheFailure: 'denied' });
  expect(writtenBy.mock.calls).toEqual([[expect.any(Function), unreadCache === undefined]]);
  // what kaniko writes is none of BuildKit's
  expect(await buildWith({})).toMatchObject({ status: 'built', cacheFailure: 'denied' });
  expect(writtenBy).toHaveBeenCalledTimes(1);
});

test.each([['denied', { cacheFailed: true }], [undefined, {}]])('the next build knows whether the cache could be written: %s', async (failure, expected) => {
  const job = setup.job({ contextFiles: contextFiles(path.join(setup.input, 'asset.1'), { files: { 'app.py': 3 } }) });
  const cache = layerCache({ kind: 'registry', mode: 'max', compression: 'zstd' }, (value) => value as string);
  const written: BuildRecord[] = [];
  jest.spyOn(RecordStore.prototype, 'read').mockResolvedValue([]);
  jest.spyOn(RecordStore.prototype, 'write').mockImplementation(async (record) => { written.push(record); });
  jest.spyOn(StoredCache.prototype, 'writtenBy').mockImplementation(async (write) => write());
  const builder = new FakeBuilder(new MemoryRegistry());
  jest.spyOn(builder, 'build').mockResolvedValue({ pushed: OURS.digest, steps: [], imports: [] });
  await buildImage(job, {
    builder: { archives: builder, description: '', build: async () => builder.build(job), keepLayers: async () => failure, stop: async () => {} },
    cache,
    logins: { client: () => registry },
    additionalTags: [],
  });
  expect(written).toHaveLength(1);
  expect(written[0].lastBuild).toEqual({ inputs: expect.anything(), ...expected });
});

test('an image that was pushed by its tag has it already', async () => {
  has = { v1: OURS };
  expect(await run({ built: { pushed: 'v1' }, plan: { stagingTag: undefined } })).toMatchObject({ status: 'built', digest: OURS.digest });
  expect(events).toEqual(['build', 'get v1', 'keep layers']);
});

test('a context that is not whole is never built', async () => {
  setup.write('asset.1/app.py', 'ap');
  const result = await run();
  expect(events).toEqual([]);
  expect(result).toMatchObject({ status: 'failed', failure: expect.stringContaining("the context of 'App' is not the one that was synthesized: app.py is of 2 bytes instead of 3") });
  expect(result.digest).toBeUndefined();
  expect(setup.lines).toEqual([`ERROR: ${result.failure}`]);
});

test('an image that is not in the registry in the first moment is asked for again', async () => {
  shorten({ 250: 1, 500: 1 });
  has = {};
  jest.spyOn(registry, 'manifest').mockResolvedValueOnce(undefined).mockResolvedValueOnce(undefined).mockResolvedValueOnce(OURS);
  expect(await run()).toMatchObject({ status: 'built', digest: OURS.digest });
  expect(events).toEqual(['build', 'tag v1', 'keep layers']);
});

test('an image that is not in the registry at all fails, without a tag', async () => {
  shorten(Object.fromEntries([250, 500, 1000, 2000, 4000, 8000].map((pause) => [pause, 1])));
  has = {};
  expect(await run()).toMatchObject({ status: 'failed', failure: expect.stringMatching(new RegExp(`does not have ${reference}, which was just pushed`)) });
  expect(new Set(events)).toEqual(new Set(['build', `get ${reference}`]));
});

test('an image that is not one to deploy gets no tag and keeps no layers', async () => {
  has = { [reference]: manifest({ mediaType: OCI_INDEX }, OCI_INDEX) };
  expect(await run({ tags: ['latest'] })).toMatchObject({ status: 'failed', failure: expect.stringContaining(`${REPOSITORY} has an image index instead of an image`) });
  expect(events).toEqual(['build', `get ${reference}`]);
});

describe('a tag that is immutable and taken', () => {
  beforeEach(() => {
    answers = { v1: 'immutable' };
  });

  test('by another build of the same image makes that one the image', async () => {
    has.v1 = OTHER;
    expect(await run({ tags: ['latest'] })).toMatchObject({ status: 'built by another build at the same time', digest: OTHER.digest });
    expect(events).toEqual(['build', `get ${reference}`, 'tag v1', 'get v1', 'keep layers', 'get latest', 'tag latest']);
    expect(has.latest).toBe(OTHER);
  });

  test('by this image is its own', async () => {
    has.v1 = OURS;
    expect(await run()).toMatchObject({ status: 'built', digest: OURS.digest });
  });

  test('by something that is no image to deploy fails the build', async () => {
    has.v1 = manifest({ mediaType: OCI_INDEX }, OCI_INDEX);
    expect(await run()).toMatchObject({ status: 'failed', failure: expect.stringContaining('has an image index instead of an image') });
  });

  test('by something that cannot be found fails the build, and says what may be behind it', async () => {
    const result = await run();
    expect(result.failure).toBe(`the tag 'v1' of ${REPOSITORY} is taken by an image that cannot be pulled, as an archived one. Restore it:`
      + ' aws ecr update-image-storage-class --repository-name team/app --image-id imageTag=v1 --target-storage-class STANDARD'
      + ' (or delete it), and run the step again when it is there');
    expect(result.status).toBe('failed');
  });

  test('which the push has found out already makes the image there the one, and nothing is looked for that was never kept', async () => {
    has = { v1: OTHER };
    expect(await run({ built: { pushed: 'v1', isTaken: true }, plan: { stagingTag: undefined } })).toMatchObject({ status: 'built by another build at the same time', digest: OTHER.digest });
    expect(events).toEqual(['build', 'get v1', 'keep layers']);
  });

  test('which the push has found out, and is gone again, fails the build', async () => {
    has = {};
    expect((await run({ built: { pushed: 'v1', isTaken: true }, plan: { stagingTag: undefined } })).failure).toContain('is taken by an image that cannot be pulled');
  });
});

test('a tag that is denied fails the build before its layers are kept', async () => {
  answers = { v1: new Failure("the tag 'v1' cannot be set in host/team/app (HTTP 403): denied") };
  expect(await run()).toMatchObject({ status: 'failed', failure: "the tag 'v1' cannot be set in host/team/app (HTTP 403): denied", steps: [{ isCached: true }] });
  expect(events).toEqual(['build', `get ${reference}`, 'tag v1']);
});

test('layers that cannot be kept are warned of, and the image is there', async () => {
  expect(await run({ cacheFailure: 'denied', tags: ['latest'] })).toMatchObject({ status: 'built', cacheFailure: 'denied', digest: OURS.digest });
  expect(setup.warnings).toEqual(['the layer cache was not written, so the next build may be slower: denied']);
  expect(events.at(-1)).toBe('tag latest');
});

test('a cache that was left out is in the result', async () => {
  expect((await run({ built: { unreadCache: 'blob unknown' } })).unreadCache).toBe('blob unknown');
});

describe('additional tags', () => {
  test('one that is denied fails the build when its layers are kept already, and the image is there', async () => {
    answers = { latest: new Failure("the tag 'latest' cannot be set in host/team/app (HTTP 403): denied") };
    expect(await run({ tags: ['latest', 'prod'] })).toMatchObject({
      status: 'built', digest: OURS.digest, failure: "the tag 'latest' cannot be set in host/team/app (HTTP 403): denied",
    });
    expect(events.slice(2)).toEqual(['tag v1', 'keep layers', 'get latest', 'tag latest']);
    expect(setup.lines).toEqual(["ERROR: the tag 'latest' cannot be set in host/team/app (HTTP 403): denied"]);
  });

  test('one that the image has is left alone, since an immutable one could not be set again', async () => {
    has.latest = OURS;
    await setAdditionalTags(setup.job(), OURS, registry, ['latest']);
    expect(events).toEqual(['get latest']);
  });

  test('one that is immutable and of another image is said, and the next one set', async () => {
    has.v0 = OTHER;
    answers = { v0: 'immutable' };
    await setAdditionalTags(setup.job(), OURS, registry, ['v0', 'latest']);
    expect(events).toEqual(['get v0', 'tag v0', 'get latest', 'tag latest']);
    expect(setup.warnings).toEqual(["the tag 'v0' is immutable and stays with the image that has it"]);
    expect(has.v0).toBe(OTHER);
  });

  test('there may be none', async () => {
    await setAdditionalTags(setup.job(), OURS, registry, []);
    expect(events).toEqual([]);
  });
});

describe('a build that fails', () => {
  test('sets no tag, and says why', async () => {
    expect(await run({ error: new Failure('the image could not be built\nor pushed'), tags: ['latest'] })).toEqual({
      job: expect.anything(),
      status: 'failed',
      failure: 'the image could not be built or pushed',
      phases: { context: expect.any(Number), build: expect.any(Number) },
      done: expect.anything(),
      startedAt: expect.any(Date),
    });
    expect(events).toEqual(['build']);
    expect(setup.lines).toEqual(['ERROR: the image could not be built or pushed']);
  });

  test('has the steps that were done until then, with their lines', async () => {
    const steps = [{ name: '[2/3] COPY a /', isCached: true }, { name: '[3/3] RUN false', isCached: false }];
    const plan = { dockerfileContent: 'FROM a\n\nCOPY a /\nRUN false' };
    const result = await run({ plan, error: new BuildFailure('exit code: 1', '[3/3] RUN false', { job: setup.job(plan), steps }) });
    expect(result).toMatchObject({ status: 'failed', failure: 'exit code: 1', steps });
    expect([...result.lines!]).toEqual([['[2/3] COPY a /', 3], ['[3/3] RUN false', 4]]);
  });

  test('by a mistake of this program asks for a report', async () => {
    expect((await run({ error: new TypeError('x is not a function') })).failure).toBe('x is not a function');
    expect(setup.lines.join('\n')).toMatch(/^ERROR: this is an error of the program itself, please report it: TypeError: x is not a function.* at .*build-image\.test/s);
  });
});
