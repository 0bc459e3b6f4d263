import * as fs from 'fs';
import * as path from 'path';
import { Readable } from 'stream';
import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { ImageArchives } from '../../../runner/builder/builder';
import { ImageJob } from '../../../runner/image/image-job';
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
  lists = new LayerLists(archives as ImageArchives, job);
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
  const some = new LayerLists(archives as unknown as ImageArchives, someJob(), known);
  expect([...(await some.unknown()).keys()]).toEqual([]);
  expect(fs.existsSync(work.path('layers'))).toBe(false);
  expect([...(await some.all()).keys()]).toEqual([image.digest]);
  await some.all();
  expect(read).toEqual(['unpacked', 'oci']);
});

describe('a builder that keeps its layers in files of this machine', () => {
  const MANIFEST = 'sha256:1';

  function listsOf(layers: Layer[] | undefined): LayerLists {
    const archives = {
      store: {
        image: async (manifest: string, known: ReadonlySet<string>) => {
          read.push(`${manifest} but for ${[...known].join()}`);
          return layers && new Map(layers.map(({ digest }) => [digest, []]));
        },
      },
      unpack: async () => {
        read.push('unpacked');
        return layoutOf(temporaryDirectory(), [image]);
      },
    };
    return new LayerLists(archives as unknown as ImageArchives, someJob(), new Set(['sha256:0']));
  }

  test('need not hand them over', async () => {
    const some = listsOf([image]);
    some.listAll(MANIFEST);
    expect(await some.find(image.digest)).toEqual([]);
    expect(read).toEqual(['sha256:1 but for sha256:0']);
  });

  test('hands them over where they are not found', async () => {
    const some = listsOf(undefined);
    some.listAll(MANIFEST);
    expect(await some.find(image.digest)).toEqual([file('/x')]);
    expect(read).toEqual(['sha256:1 but for sha256:0', 'unpacked']);
  });

  test('hands them over where nobody has said which image it is', async () => {
    expect([...(await listsOf([]).unknown()).keys()]).toEqual([image.digest]);
    expect(read).toEqual(['unpacked']);
  });
});
