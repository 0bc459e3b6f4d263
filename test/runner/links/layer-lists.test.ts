import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { ImageArchives } from '../../../runner/builder/builder';
import { ImageJob } from '../../../runner/image/image-job';
import { BaseImageList } from '../../../runner/links/base-image-list';
import { LayerLists } from '../../../runner/links/layer-lists';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { archiveOf, file, Layer, layerOf, layoutOf } from '../testhelpers/layers';
import { someJob } from '../testhelpers/some-job';
import { temporaryWork } from '../testhelpers/work-directory';

const LONG = 1000;
const dockerfile = Dockerfile.parse('FROM a\nRUN make\nCOPY --link a /');
const [, copy] = dockerfile.stages[0].instructions;

let image: Layer;
let read: string[];
let failure: Error | undefined;
let lists: LayerLists;

beforeAll(async () => { image = await layerOf({ name: 'x' }); });

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  read = [];
  failure = undefined;
  const archives: Partial<ImageArchives> = {
    read: async <T>(job: ImageJob, type: string, reader: (archive: Readable) => Promise<T>) => {
      read.push(`${type} ${job.plan.target} ${fs.readFileSync(job.dockerfile, 'utf8').split('\n').slice(2).join('|')}`);
      if (failure) throw failure;
      return reader(Readable.from([await archiveOf(image)]));
    },
  };
  const job = someJob({ target: 'final' }, { dockerfile: path.join(temporaryDirectory(), 'Dockerfile') });
  fs.writeFileSync(job.dockerfile, dockerfile.content);
  lists = new LayerLists(archives as ImageArchives, job, new BaseImageList(archives as ImageArchives, job, dockerfile, copy));
});

afterEach(() => jest.useRealTimers());

test('the whole image is listed once', async () => {
  lists.listAll();
  expect((await lists.all()).get(image.digest)).toEqual([file('/x')]);
  expect(await lists.find(image.digest)).toEqual([file('/x')]);
  expect(await lists.find('sha256:0')).toBeUndefined();
  expect(read).toEqual(['oci final COPY --link a /']);
});

test('copies are listed alone when their push takes long', async () => {
  lists.listSoon(dockerfile, [copy]);
  jest.advanceTimersByTime(LONG - 1);
  expect(read).toEqual([]);
  jest.advanceTimersByTime(1);
  lists.isPushed();
  expect(await lists.find(image.digest)).toEqual([file('/x')]);
  expect(read).toEqual(['oci undefined FROM scratch|COPY --link a /|']);
});

test.each<[string, (of: LayerLists) => unknown]>([
  ['is done', (of) => of.isPushed()],
  ['has failed', async (of) => of.settled()],
])('copies are not listed when their push %s before', async (_, end) => {
  lists.listSoon(dockerfile, [copy]);
  jest.advanceTimersByTime(LONG - 1);
  await end(lists);
  jest.advanceTimersByTime(LONG);
  expect(read).toEqual([]);
  expect(await lists.find(image.digest)).toBeUndefined();
});

test('nothing is listed where no copy is new', () => {
  lists.listSoon(dockerfile, []);
  jest.advanceTimersByTime(2 * LONG);
  expect(read).toEqual([]);
});

test('what cannot be listed is the fault of those who need it', async () => {
  failure = new Error('the disk is full');
  lists.listAll();
  lists.listSoon(dockerfile, [copy]);
  jest.advanceTimersByTime(LONG);
  expect(await lists.find(image.digest)).toBeUndefined();
  await expect(lists.all()).rejects.toThrow('the disk is full');
  await lists.settled();
  expect(read).toHaveLength(2);
});

test('layers that are known are listed only when they are asked for, and leave nothing on the disk', async () => {
  const work = temporaryWork();
  const known = new Set(['sha256:0']);
  const archives = {
    read: async <T>(_: ImageJob, type: string, reader: (archive: Readable) => Promise<T>) => {
      read.push(type);
      return reader(Readable.from([await archiveOf(image)]));
    },
    unpack: async (_: ImageJob, left: ReadonlySet<string>) => {
      expect(left).toEqual(known);
      read.push('unpacked');
      return layoutOf(work.directory('layers'), [], left);
    },
  };
  const base = new BaseImageList(archives as unknown as ImageArchives, someJob(), dockerfile, copy);
  const some = new LayerLists(archives as unknown as ImageArchives, someJob(), base, known);
  expect([...(await some.unknown()).keys()]).toEqual([]);
  expect(fs.existsSync(work.path('layers'))).toBe(false);
  expect([...(await some.all()).keys()]).toEqual([image.digest]);
  await some.all();
  expect(read).toEqual(['unpacked', 'oci']);
});

describe('the base image', () => {
  let base: Layer;
  let fails: boolean;

  /** Lists of an image with one layer on top of those of its base image. */
  function listsAbove(parsed = dockerfile): { some: LayerLists; ofBase: BaseImageList } {
    const work = temporaryWork();
    const archives = {
      read: async <T>(job: ImageJob, _: string, reader: (archive: Readable) => Promise<T>) => {
        const isBase = !fs.readFileSync(job.dockerfile, 'utf8').includes('RUN');
        read.push(isBase ? 'the base image' : 'all');
        if (isBase && fails) throw new Error('there is no such image');
        return reader(Readable.from([await archiveOf(...isBase ? [base] : [base, image])]));
      },
      unpack: async (_: ImageJob, left: ReadonlySet<string>) => {
        read.push('the others');
        return layoutOf(work.directory('layers'), left.has(base.digest) ? [image] : [base, image], left);
      },
    };
    const job = someJob({}, { dockerfile: path.join(temporaryDirectory(), 'Dockerfile') });
    fs.writeFileSync(job.dockerfile, dockerfile.content);
    const ofBase = new BaseImageList(archives as unknown as ImageArchives, job, parsed, parsed.stages[0].instructions.at(-1)!);
    return { ofBase, some: new LayerLists(archives as unknown as ImageArchives, job, ofBase) };
  }

  beforeAll(async () => { base = await layerOf({ name: 'y' }); });
  beforeEach(() => { fails = false; });

  test('is listed once, and then only what is on top of it', async () => {
    const { some, ofBase } = listsAbove();
    ofBase.begin();
    ofBase.begin();
    expect([...(await some.unknown()).keys()]).toEqual([base.digest, image.digest]);
    expect(read).toEqual(['the base image', 'the others']);
    await some.settled();
  });

  test('is listed with all others where it cannot be listed alone', async () => {
    fails = true;
    const { some, ofBase } = listsAbove();
    ofBase.begin();
    expect([...(await some.unknown()).keys()]).toEqual([base.digest, image.digest]);
    expect(read).toEqual(['the base image', 'all']);
  });

  test('may turn out to be another one, so that all is listed', async () => {
    const { some, ofBase } = listsAbove();
    ofBase.begin();
    await some.unknown();
    expect([...(await some.all()).keys()]).toEqual([base.digest, image.digest]);
    expect(read).toEqual(['the base image', 'the others', 'all']);
  });

  test('is not listed where there is none', () => {
    listsAbove(Dockerfile.parse('FROM scratch\nCOPY --link a /')).ofBase.begin();
    expect(read).toEqual([]);
  });
});
