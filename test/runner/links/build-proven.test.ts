import * as fs from 'fs';
import * as path from 'path';
import { layerEntries } from '../../../runner/layers/layer-entries';
import { PushedImage } from '../../../runner/layers/pushed-image';
import { buildProven, ProvenBuild } from '../../../runner/links/build-proven';
import { BuildRecord, EMPTY_RECORD, recordFromJson, recordToJson } from '../../../runner/record/build-record';
import { Failure } from '../../../runner/report/failure';
import { Step } from '../../../runner/solve/solve-progress';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { collectedLog } from '../testhelpers/collected-log';
import { FakeBuilder } from '../testhelpers/fake-builder';
import { none } from '../testhelpers/keep-image';
import { dir, file, layerOf, TarEntry } from '../testhelpers/layers';
import { MemoryRegistry } from '../testhelpers/memory-registry';
import { someJob } from '../testhelpers/some-job';

let registry: MemoryRegistry;
let builder: FakeBuilder;
let lines: string[];
let unhandled: unknown[];

const onUnhandled = (reason: unknown) => unhandled.push(reason);

beforeEach(async () => {
  registry = new MemoryRegistry();
  builder = new FakeBuilder(registry);
  builder.base = [await layerOf({ name: 'etc/' }, { name: 'etc/passwd', content: PASSWD }, { name: 'app/' }), await layerOf({ name: 'usr/' })];
  builder.passwd = PASSWD;
  unhandled = [];
  process.on('unhandledRejection', onUnhandled);
});

afterEach(async () => {
  await new Promise((resolve) => { setImmediate(resolve); });
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

const PASSWD = 'root:x:0:0\nnode:x:1000:1001\n';
const RAN: Step[] = [{ name: '[1/2] RUN make', isCached: false }, { name: '[2/2] COPY a /app/', isCached: false }];

interface Options {
  readonly known?: readonly BuildRecord[] | 'nowhere';
  readonly plan?: Parameters<typeof someJob>[0];
  readonly without?: 'archives';
}

/** Builds a Dockerfile behind its FROM and RUN. The record is what the next build reads. */
async function build(copies: readonly string[], { known = [], plan, without }: Options = {}): Promise<ProvenBuild> {
  const folder = temporaryDirectory();
  const dockerfile = path.join(folder, 'Dockerfile');
  fs.writeFileSync(dockerfile, ['FROM a', 'RUN make', ...copies].join('\n'));
  const { log, lines: written } = collectedLog();
  lines = written;
  const job = someJob({ linkCopies: true, ...plan }, { dockerfile, context: folder, log });
  if (without === 'archives') Object.defineProperty(builder, 'archives', { value: undefined });
  const result = await buildProven({ job, builder, registry, known: known === 'nowhere' ? undefined : known });
  return { ...result, record: recordFromJson(recordToJson(result.record)) };
}

const builds = () => builder.events.filter((event) => event.startsWith('build'));

async function setBase(...layers: readonly (readonly TarEntry[])[]): Promise<void> {
  builder.base = await Promise.all(layers.map(async (layer) => layerOf(...layer)));
}

describe('the first build', () => {
  test('is linked, and lists what is below the copies while it pushes', async () => {
    const image = await build(['COPY a /app/']);
    expect(builder.events).toEqual(['build linked', 'read oci']);
    expect(builder.dockerfiles[0]).toBe('FROM a\nRUN make\nCOPY --link a /app/');
    expect(image.copies).toBe('linked: 1 (line 3)');
    expect(image.manifest).toEqual(registry.manifests.get(image.built.pushed));
    expect(image.record).toMatchObject({ below: { layers: builder.base.map(({ digest }) => digest), paths: ['/app'], names: { users: { node: [1000, 1001] } } }, destinations: {}, layers: {} });
    expect([...image.record.below!.tree.entries()].map(({ path: each }) => each)).toEqual(['/app']); // not all of it
    expect(image.record.refusal).toBeUndefined();
  });

  test('uploads nothing and sets no tag where the image is right', async () => {
    await build(['COPY a /app/']);
    expect(registry.events.filter((event) => /^(put|tag)/.test(event))).toEqual([]);
  });

  test('gives directories that copies have passed back what they were, before anything has a tag', async () => {
    await setBase([{ name: 'app/', uid: 5, mode: 0o750 }]);
    const image = await build(['COPY a /app/']);
    expect(image.manifest!.digest).not.toBe(image.built.pushed);
    expect(registry.events.filter((event) => event.startsWith('tag'))).toEqual([]);
    const { digest } = registry.keep(image.manifest!.body, image.manifest!.type);
    const corrected = await PushedImage.find(registry, digest);
    expect(await layerEntries(await corrected.layer(2), true)).toEqual([dir('/app', { uid: 5, mode: 0o750 })]);
  });

  test('says which copies were linked', async () => {
    expect((await build(['COPY a /x', 'USER u', 'COPY --link a /y', 'ADD a /z'])).copies).toBe('linked: 3 (lines 3, 5, 6)');
    expect((await build(['COPY a /x', 'COPY --link=false a /y', 'COPY a /z'])).copies).toBe('linked: 1 (line 5); not those before them: the COPY in line 4 says --link=false');
  });

  test('has nothing to list where there is nothing below', async () => {
    builder.base = [];
    builder.steps = [];
    const image = await build(['COPY a /app/'], { known: [{ ...EMPTY_RECORD, below: { layers: ['sha256:1'], paths: ['/'], tree: (await build(['COPY a /'])).record.below!.tree, names: { users: {}, groups: {} } } }] });
    expect(image.copies).toBe('linked: 1 (line 3)');
    expect(builder.events.slice(2)).toEqual(['build linked']);
  });
});

describe('a later build', () => {
  test('lists nothing where the layers below are known', async () => {
    const { record } = await build(['COPY a /app/']);
    builder.events.length = 0;
    builder.sources.a = 'changed';
    const image = await build(['COPY a /app/'], { known: [record] });
    expect(builder.events).toEqual(['build linked']);
    expect(image.copies).toBe('linked: 1 (line 3)');
    expect(recordToJson(image.record)).toBe(recordToJson(record));
  });

  test('may begin with what another scope has found out', async () => {
    const { record } = await build(['COPY a /app/']);
    builder.events.length = 0;
    await build(['COPY a /app/'], { known: [EMPTY_RECORD, record] });
    expect(builder.events).toEqual(['build linked']);
  });

  test('lists layers that are new, while it pushes', async () => {
    const { record } = await build(['COPY a /app/']);
    await setBase([{ name: 'app/', uid: 9 }]);
    builder.events.length = 0;
    builder.steps = RAN;
    let listedFirst = false;
    builder.during = async () => {
      await new Promise(setImmediate);
      listedFirst = builder.events.includes('unpack');
    };
    const image = await build(['COPY a /app/'], { known: [record] });
    expect(listedFirst).toBe(true);
    expect(builder.events).not.toContain('read oci');
    expect(image.record.below).toMatchObject({ layers: [builder.base[0].digest] });
    expect(image.record.below!.tree.describe('/app')).toBe('directory 755 9:0');
  });

  test('lists no layers of the base image again where another step has run', async () => {
    builder.sources.b = 'b';
    builder.base.push(await layerOf({ name: 'app/', uid: 1 }));
    const { record } = await build(['COPY a /app/']);
    expect(record.base?.layers).toEqual(builder.base.slice(0, 2).map(({ digest }) => digest));
    builder.base[2] = await layerOf({ name: 'app/', uid: 2 }, { name: 'app/b' });
    builder.steps = RAN;
    builder.events.length = 0;
    const image = await build(['COPY a /app/', 'COPY --chown=node b /app/b'], { known: [record] });
    expect(image.copies).toContain('linked');
    expect(builder.events.filter((event) => event !== 'build linked')).toEqual(['unpack']);
    expect(image.record.below!.tree.describe('/app')).toBe('directory 755 2:0');
    expect(image.record.below!.names.users.node).toEqual([1000, 1001]);
    expect(image.record.base).toEqual(record.base);
  });

  test('lists layers that another build has made, once it knows them', async () => {
    const { record } = await build(['COPY a /app/']);
    await setBase([{ name: 'app', linkname: 'data' }, { name: 'data/' }]);
    builder.events.length = 0;
    const image = await build(['COPY a /app/'], { known: [record] });
    expect(builder.events.slice(0, 2)).toEqual(['build linked', 'read oci']);
    expect(image.record.below!.layers).toEqual([builder.base[0].digest]);
  });

  test('lists what is near other destinations', async () => {
    const { record } = await build(['COPY a /app/']);
    builder.events.length = 0;
    expect((await build(['COPY a /usr/'], { known: [record] })).record.below!.paths).toEqual(['/usr']);
    expect(builder.events).toEqual(['build linked', 'read oci']);
    builder.events.length = 0;
    await build(['COPY a /app/x/y'], { known: [record] });
    expect(builder.events).toEqual(['build linked']);
  });

  test('lists what a link leads to that is out of what is known', async () => {
    await setBase([{ name: 'app/' }, { name: 'app/current', linkname: '/opt/v1' }, { name: 'opt/' }, { name: 'opt/v1/' }]);
    const { record } = await build(['COPY a /app/']);
    builder.events.length = 0;
    expect((await build(['COPY a /app/', 'WORKDIR /app/current'], { known: [record] })).copies).toBe('linked: 1 (line 3)');
    expect(builder.events).toEqual(['build linked', 'read oci']);
  });

  test('forgets what belongs to copies that are gone', async () => {
    await setBase([{ name: 'app/' }]);
    builder.variables.DIR = '/app';
    const { record } = await build(['COPY a $DIR']);
    expect(record.destinations).toEqual({ 'COPY a $DIR': { isDirectory: true } });
    expect((await build(['COPY a /app/'], { known: [record] })).record.destinations).toEqual({});
  });
});

describe('a tree that is not right costs time, and no more', () => {
  let record: BuildRecord;

  beforeEach(async () => {
    await setBase([{ name: 'app', linkname: 'data' }, { name: 'data/', uid: 5 }]);
    ({ record } = await build(['COPY a /other/']));
    builder.events.length = 0;
  });

  test.each<[string, (known: BuildRecord) => BuildRecord]>([
    ['missing', () => EMPTY_RECORD],
    ['of other layers', (known) => ({ ...known, below: { ...known.below!, layers: ['sha256:0'], paths: ['/'] } })],
    ['of fewer layers', (known) => ({ ...known, below: { ...known.below!, layers: [], paths: ['/'] } })],
    ['of more layers', (known) => ({ ...known, below: { ...known.below!, layers: [...known.below!.layers, 'sha256:0'], paths: ['/'] } })],
    ['of another place', (known) => known],
  ])('such as one that is %s', async (_, change) => {
    const image = await build(['COPY a /app/'], { known: [change(record)] });
    expect(image.copies).toBe('linked: 1 (line 3)');
    expect(builder.events).toContain('read oci');
    expect(builder.dockerfiles.at(-1)).toContain('COPY --link a /data/');
    expect(image.record.destinations).toEqual({ 'COPY a /app/': { path: '/data', isDirectory: true } });
  });

  test('such as a destination for other layers', async () => {
    for (const destination of [{ path: '/etc' }, { path: '/etc', isDirectory: true }, { isDirectory: true }, { path: '/a b' }, { path: '/x"\nRUN evil' }]) {
      const image = await build(['COPY a /app/'], { known: [{ ...record, destinations: { 'COPY a /app/': destination } }] });
      expect(builder.dockerfiles.at(-1)).not.toContain('evil');
      if (/^linked/.test(image.copies)) expect(builder.dockerfiles.at(-1)).toContain('COPY --link a /data/');
      else expect(builder.dockerfiles.at(-1)).not.toContain('--link');
    }
  });

  test('such as users of other layers', async () => {
    const users = { users: { node: [5, 5] }, groups: {} } as const;
    await setBase([{ name: 'etc/' }, { name: 'etc/passwd', content: PASSWD }, { name: 'app/' }]);
    const image = await build(['COPY --chown=node a /app/'], { known: [{ ...record, below: { ...record.below!, names: users } }] });
    expect(image.copies).toBe('linked: 1 (line 3)');
    expect(builder.dockerfiles.slice(-2)).toEqual([expect.stringContaining('--chown=5:5'), expect.stringContaining('--chown=1000:1001')]);
  });
});

describe('an obstacle', () => {
  test('to a file over a directory is gone with a slash, which the next build knows', async () => {
    builder.variables.DIR = '/app';
    const image = await build(['COPY a ${DIR}']);
    expect(image.copies).toBe('linked: 1 (line 3)');
    expect(builder.dockerfiles.slice(-2)).toEqual([expect.stringContaining('COPY --link a ${DIR}'), expect.stringContaining('COPY --link a ${DIR}/')]);
    expect(builder.events.filter((event) => event === 'read oci')).toHaveLength(1);
    builder.events.length = 0;
    expect((await build(['COPY a ${DIR}'], { known: [image.record] })).record).toEqual(image.record);
    expect(builder.events).toEqual(['build linked']);
  });

  test('of two copies is gone with two more builds', async () => {
    await setBase([{ name: 'x/' }, { name: 'y', linkname: 'x' }]);
    const image = await build(['COPY a /x', 'COPY a /y/']);
    expect(image.copies).toBe('linked: 2 (lines 3, 4)');
    expect(builds()).toEqual(['build linked', 'build linked', 'build linked']);
  });

  test('of more copies than is worth it makes the image as it is written', async () => {
    await setBase(['1', '2', '3', '4'].map((name) => ({ name: `${name}/` })));
    const image = await build(['COPY a /1', 'COPY a /2', 'COPY a /3', 'COPY a /4']);
    expect(image.copies).toBe('as written: every way to write its destinations met another obstacle');
    expect(builds()).toEqual(['build linked', 'build linked', 'build linked', 'build linked', 'build as written']);
  });

  test('that stays makes the image as it is written, without another word to the registry', async () => {
    await setBase([{ name: 'app/' }, { name: 'app/d', linkname: '/data' }]);
    builder.sources.dir = [{ name: 'd/' }, { name: 'd/1' }];
    const image = await build(['COPY dir /app']);
    const reason = '/app/d is a link to /data in the layers below (COPY in line 3)';
    expect(image.copies).toBe(`as written: ${reason}`);
    expect(lines).toContain(`the image is built as its Dockerfile is written: ${reason}`);
    expect(builds()).toEqual(['build linked', 'build as written']);
    expect(image.manifest).toEqual(registry.manifests.get(image.built.pushed));
    expect(registry.events.filter((event) => /^(tag|put)/.test(event))).toEqual([]);
    expect(image.record).toMatchObject({
      refusal: { copies: ['COPY dir /app'], reason, layers: [builder.base[0].digest], place: { path: '/app/d', found: 'link /data' } },
    });
  });
});

describe('what was refused', () => {
  const COPY = ['COPY dir /app'];
  let record: BuildRecord;

  beforeEach(async () => {
    await setBase([{ name: 'app/' }, { name: 'app/d', linkname: '/data' }]);
    builder.sources.dir = [{ name: 'd/' }, { name: 'd/1' }];
    ({ record } = await build(COPY));
    builder.events.length = 0;
  });

  test('is not tried again', async () => {
    const image = await build(COPY, { known: [record] });
    expect(builder.events).toEqual(['build as written']);
    expect(image.copies).toBe('as written: /app/d is a link to /data in the layers below (COPY in line 3)');
    expect(recordToJson(image.record)).toBe(recordToJson(record));
  });

  test('is tried again with other copies', async () => {
    expect((await build(['COPY a /app/'], { known: [record] })).copies).toBe('linked: 1 (line 3)');
    expect((await build([...COPY, 'COPY a /app/'], { known: [record] })).copies).toContain('as written');
    expect(builds()).toEqual(['build linked', 'build linked', 'build as written']);
  });

  test('is no matter of what another scope has refused', async () => {
    await build(COPY, { known: [EMPTY_RECORD, record] });
    expect(builds()).toEqual(['build linked', 'build as written']);
  });

  test('stays so on layers that have the same in its place', async () => {
    await setBase([{ name: 'app/' }, { name: 'app/d', linkname: '/data' }, { name: 'more' }]);
    builder.steps = RAN;
    const image = await build(COPY, { known: [record] });
    expect(builder.events).toEqual(['build as written', 'read oci']);
    expect(image.record.refusal).toEqual({ ...record.refusal, layers: [builder.base[0].digest] });
  });

  test('is tried again by the next build on layers that have something else there', async () => {
    await setBase([{ name: 'app/' }]);
    builder.steps = RAN;
    const image = await build(COPY, { known: [record] });
    expect(image.record.refusal).toBeUndefined();
    builder.steps = [];
    expect((await build(COPY, { known: [image.record] })).copies).toBe('linked: 1 (line 3)');
  });

  test('is tried again by the next build on layers that nobody has listed', async () => {
    await setBase([{ name: 'app/' }, { name: 'app/d', linkname: '/data' }, { name: 'more' }]);
    const image = await build(COPY, { known: [record] });
    expect(builder.events).toEqual(['build as written']);
    expect(image.record.refusal).toBeUndefined();
  });

  test('is tried again where its layers could not be listed', async () => {
    await setBase([{ name: 'app/' }, { name: 'app/d', linkname: '/data' }, { name: 'more' }]);
    builder.steps = RAN;
    builder.failures['read oci'] = new Failure('the builder is gone');
    builder.during = async () => new Promise((resolve) => { setTimeout(resolve, 20); });
    expect((await build(COPY, { known: [record] })).record.refusal).toBeUndefined();
  });

  test('because of its history is not tried again either', async () => {
    builder.rewriteHistory = (history) => history.map(() => none('somebody else'));
    const image = await build(['COPY a /app/']);
    expect(image.copies).toBe('as written: the history of the image is not that of its Dockerfile');
    builder.events.length = 0;
    const next = await build(['COPY a /app/'], { known: [image.record] });
    expect(builder.events).toEqual(['build as written']);
    expect(next.record.refusal).toEqual({ copies: ['COPY a /app/'], layers: [], reason: 'the history of the image is not that of its Dockerfile' });
  });

  test('because its destination cannot be written in another way is not tried again either', async () => {
    await setBase([{ name: 'app', linkname: 'da ta' }, { name: 'da ta/' }]);
    const image = await build(['COPY a /app/']);
    expect(image.copies).toBe('as written: where the COPY in line 3 goes can only be said with the layers below');
    expect(image.record.refusal).toMatchObject({ place: { path: '/app', found: 'link da ta' } });
    builder.events.length = 0;
    await build(['COPY a /app/'], { known: [image.record] });
    expect(builder.events).toEqual(['build as written']);
  });
});

describe('owners by name', () => {
  test('are looked up once, then known', async () => {
    const image = await build(['COPY --chown=node a /app/']);
    expect(builder.events).toEqual(['read tar', 'build linked', 'read oci']);
    expect(builder.dockerfiles[0]).toBe('FROM a\nRUN make\nCOPY --link --chown=1000:1001 a /app/');
    expect(image.copies).toBe('linked: 1 (line 3)');
    builder.events.length = 0;
    await build(['COPY --chown=node a /app/'], { known: [image.record] });
    expect(builder.events).toEqual(['build linked']);
  });

  test('are looked up again where they are not among those that are known', async () => {
    const { record } = await build(['COPY a /app/']);
    builder.events.length = 0;
    builder.passwd = `${PASSWD}web:x:33:33\n`;
    await setBase([{ name: 'etc/' }, { name: 'etc/passwd', content: builder.passwd }, { name: 'app/' }]);
    expect((await build(['COPY --chown=web a /app/'], { known: [record] })).copies).toBe('linked: 1 (line 3)');
    expect(builder.events).toEqual(['read tar', 'build linked', 'read oci']);
  });

  test('that have other numbers now are built once more', async () => {
    const { record } = await build(['COPY --chown=node a /app/']);
    await setBase([{ name: 'etc/' }, { name: 'etc/passwd', content: 'node:x:2000:2000' }, { name: 'app/' }]);
    builder.events.length = 0;
    const image = await build(['COPY --chown=node a /app/'], { known: [record] });
    expect(builds()).toEqual(['build linked', 'build linked']);
    expect(builder.dockerfiles.at(-1)).toContain('--chown=2000:2000');
    expect(image.record.below!.names.users.node).toEqual([2000, 2000]);
  });

  test('that nobody knows make the image as it is written', async () => {
    expect((await build(['COPY --chown=nobody a /app/'])).copies).toBe('as written: the owner nobody of the COPY in line 3 is nobody that the layers below know');
    expect(builder.events).toEqual(['read tar', 'build as written']);
  });

  test('that cannot be looked up make the image as it is written, which says why', async () => {
    builder.failures['read tar'] = new Failure('RUN make failed');
    expect((await build(['COPY --chown=node a /app/'])).copies).toContain('as written: the owner node');
    builder.failures['build as written'] = new Failure('RUN make failed');
    await expect(build(['COPY --chown=node a /app/'])).rejects.toThrow('RUN make failed');
  });

  test('in variables are those that the builder knows', async () => {
    builder.variables.OWNER = '5:6';
    expect((await build(['COPY --chown=$OWNER a /app/'])).copies).toBe('linked: 1 (line 3)');
    builder.variables.OWNER = 'node';
    const image = await build(['COPY --chown=$OWNER a /app/']);
    expect(image.copies).toBe('as written: the owner of a copy is a variable with a name');
    builder.events.length = 0;
    await build(['COPY --chown=$OWNER a /app/'], { known: [image.record] });
    expect(builder.events).toEqual(['build as written']);
  });

  test('of a copy that the Dockerfile links are for the builder', async () => {
    builder.failures['read tar'] = new Error('nobody asked');
    await expect(build(['COPY a /x', 'COPY --link --chown=node a /app/'])).rejects.toThrow('invalid user index'); // as it would do as it is written
    expect(builder.events).not.toContain('read tar');
  });
});

describe('--chmod', () => {
  test('is put into the layer afterwards', async () => {
    const image = await build(['COPY --chmod=755 a /app/']);
    expect(builder.dockerfiles[0]).toContain('COPY --link  a /app/');
    const { digest } = registry.keep(image.manifest!.body, image.manifest!.type);
    expect(await (await PushedImage.find(registry, digest)).entries(2)).toEqual([dir('/app'), file('/app/a', { mode: 0o755 })]);
  });

  test('is put into a large layer that was listed before without it', async () => {
    builder.sources.a = Array.from({ length: 20_000 }, () => Math.random().toString(36)).join('');
    const { record } = await build(['COPY a /app/']);
    expect(Object.keys(record.layers)).toHaveLength(1);
    const image = await build(['COPY --chmod=777 a /app/'], { known: [record] });
    const { digest } = registry.keep(image.manifest!.body, image.manifest!.type);
    expect(await (await PushedImage.find(registry, digest)).entries(2)).toEqual([dir('/app'), file('/app/a', { mode: 0o777 })]);
  });
});

describe('layers of copies', () => {
  test('that are large are read once, then known', async () => {
    builder.sources.a = Array.from({ length: 20_000 }, () => Math.random().toString(36)).join('');
    builder.sources.b = 'small';
    const image = await build(['COPY a /app/', 'COPY b /app/']);
    const [large, small] = image.image!.content.layers.slice(2).map(({ digest }) => digest);
    expect(Object.keys(image.record.layers)).toEqual([large]);
    registry.events.length = 0;
    expect((await build(['COPY a /app/', 'COPY b /app/'], { known: [image.record] })).copies).toBe('linked: 2 (lines 3, 4)');
    expect(registry.events).toContain(`blob ${small}`);
    expect(registry.events).not.toContain(`blob ${large}`);
  });

  describe('whose push takes longer', () => {
    let record: BuildRecord;
    const STEPS: Step[] = [{ name: '[1/3] RUN make', isCached: true }, { name: '[2/3] COPY a /app/', isCached: false }, { name: '[3/3] COPY b /app/', isCached: true }];

    beforeEach(async () => {
      builder.sources.b = 'b';
      record = (await build(['ENV A=b', 'COPY a /app/', 'COPY b /app/'])).record;
      builder.sources.a = 'changed';
      builder.steps = STEPS;
      builder.events.length = registry.events.length = 0;
      builder.during = async () => new Promise((resolve) => { setTimeout(resolve, 1100); });
    });

    const again = async () => build(['ENV A=b', 'COPY a /app/', 'COPY b /app/'], { known: [record] });

    test('are read from the builder meanwhile, as far as they are new', async () => {
      const { image, copies } = await again();
      expect(copies).toBe('linked: 2 (lines 4, 5)');
      expect(builder.events).toEqual(['build linked', 'read oci of copies']);
      expect(builder.dockerfiles.at(-1)).toBe('FROM a\nRUN make\nENV A=b\nFROM scratch\nENV A=b\nCOPY --link a /app/\n');
      expect(registry.events).not.toContain(`blob ${image!.content.layers[2].digest}`);
    });

    test('are read from the registry where the builder cannot make them alone', async () => {
      builder.failures['read oci of copies'] = new Failure('variable not set');
      const { image, copies } = await again();
      expect(copies).toBe('linked: 2 (lines 4, 5)');
      expect(registry.events).toContain(`blob ${image!.content.layers[2].digest}`);
    });

    test('are not read where no copy is new', async () => {
      builder.steps = STEPS.map((step) => ({ ...step, isCached: true }));
      await again();
      expect(builder.events).toEqual(['build linked']);
    });
  });

  test('that were listed with those below them are not read again', async () => {
    const { image } = await build(['COPY a /app/']);
    expect(builder.events).toEqual(['build linked', 'read oci']);
    expect(registry.events).not.toContain(`blob ${image!.content.layers[2].digest}`);
  });

  test('that cannot be read, or are others, are proven to nobody', async () => {
    const { image, record } = await build(['COPY a /app/']);
    const { digest } = image!.content.layers[2];
    registry.failures[`blob ${digest}`] = new Failure('the registry denies access');
    const denied = await build(['COPY a /app/'], { known: [record] });
    expect(denied.copies).toBe('as written: the links could not be proven: the registry denies access');
    expect(denied.record.refusal).toBeUndefined(); // the next build may be lucky
    expect(builds().slice(-2)).toEqual(['build linked', 'build as written']);
  });
});

describe('where something fails', () => {
  test('in the build, it fails', async () => {
    builder.failures['build linked'] = new Failure('the image could not be built or pushed: RUN make failed');
    await expect(build(['COPY a /app/'])).rejects.toThrow('the image could not be built or pushed: RUN make failed');
    expect(builds()).toEqual(['build linked']);
  });

  test('in the listing while the image is pushed, the image is built as it is written, and the program goes on', async () => {
    builder.failures['read oci'] = new Failure('the disk is full');
    builder.during = async () => new Promise((resolve) => { setTimeout(resolve, 20); });
    const image = await build(['COPY a /app/']);
    expect(image.copies).toBe('as written: the links could not be proven: the disk is full');
    expect(image.record).toEqual(EMPTY_RECORD);
  });

  test('in listing and push, the push is the reason', async () => {
    builder.failures['read oci'] = new Failure('the disk is full');
    builder.during = async () => new Promise((_, reject) => { setTimeout(() => reject(new Failure('denied')), 20); });
    await expect(build(['COPY a /app/'])).rejects.toThrow('denied');
  });

  test('in the correction, the image is built as it is written', async () => {
    await setBase([{ name: 'app/', uid: 5 }]);
    registry.putBlob = async () => { throw new Failure('the registry takes no blobs'); };
    expect((await build(['COPY a /app/'])).copies).toBe('as written: the links could not be proven: the registry takes no blobs');
  });

  test('in looking into an image as it is written, the image is good all the same', async () => {
    registry.blob = async () => { throw new Failure('the registry denies access'); };
    const image = await build(['RUN x']);
    expect(image.copies).toBe('as written: the stage that is built copies nothing');
    expect(image.image).toBeUndefined();
    expect(lines).toEqual(['WARNING: nothing can be kept for the next build, which may be slower: the registry denies access']);
  });
});

describe('an image is built as it is written', () => {
  test.each<[string, readonly string[], Options, string]>([
    ['the user wants that', ['COPY a /app/'], { plan: { linkCopies: false } }, 'linkCopies is off'],
    ['nothing is copied', ['RUN x'], {}, 'the stage that is built copies nothing'],
    ['no copy can be linked', ['COPY a /x', 'RUN x'], {}, 'the RUN in line 4 needs all layers below it, and the copies before it'],
    ['its Dockerfile links them', ['COPY --link a /x', 'ADD --link a /y'], {}, 'its Dockerfile links them'],
    ['the builder gives no archives', ['COPY a /x'], { without: 'archives' }, 'this builder links none'],
    ['nothing can be kept', ['COPY a /x'], { known: 'nowhere' }, 'this layer cache has no place for what the next build would need'],
  ])('where %s', async (_, copies, options, reason) => {
    const image = await build(copies, options);
    expect(image.copies).toBe(`as written: ${reason}`);
    expect(builder.dockerfiles).toEqual([['FROM a', 'RUN make', ...copies].join('\n')]);
    expect(image.record).toEqual(EMPTY_RECORD);
    expect(builder.events).toHaveLength(1);
  });

  test('where it gets its tag before anything can be proven', async () => {
    builder.tooEarly = 'the engine pushes it by its own tag';
    expect((await build(['COPY a /x'])).copies).toBe('as written: the engine pushes it by its own tag');
  });

  test('and not looked into where nothing can be kept, or another build was first', async () => {
    const { image, manifest } = await build(['COPY a /x'], { known: 'nowhere' });
    expect([image, manifest]).toEqual([undefined, undefined]);
    expect(registry.events).toEqual([]);
    const build1 = builder.build.bind(builder);
    builder.build = async (job, watch) => ({ ...await build1(job, watch), isTaken: true });
    expect((await build(['RUN x'])).image).toBeUndefined();
    expect(registry.events).toEqual([]);
  });
});

test('what ran in any of the builds of an image has run', async () => {
  await setBase([{ name: 'app/' }, { name: 'app/d', linkname: '/data' }]);
  builder.sources.dir = [{ name: 'd/' }];
  builder.steps = [{ name: '[1/2] RUN make', isCached: false }, { name: '[2/2] COPY --link dir /app', isCached: false }];
  builder.during = async () => { builder.steps = [{ name: '[1/3] RUN make', isCached: true }, { name: '[2/3] COPY dir /app', isCached: false }, { name: '[3/3] WORKDIR /app', isCached: true }]; };
  const image = await build(['COPY dir /app', 'WORKDIR /app']);
  expect(image.copies).toContain('as written');
  expect(image.built.steps.map(({ isCached }) => isCached)).toEqual([false, false, true]);
});

test('the WORKDIRs behind the copies are put back', async () => {
  const image = await build(['COPY a /app/', 'WORKDIR /app']);
  expect(builder.dockerfiles[0]).toBe('FROM a\nRUN make\nCOPY --link a /app/\n');
  const config = JSON.parse(registry.blobs.get(JSON.parse(image.manifest!.body.toString()).config.digest)!.toString());
  expect(config.config.WorkingDir).toBe('/app');
});

test('the Dockerfile of a linked image has the ignore file of the other one beside it', async () => {
  const { job } = await build(['COPY a /app/']);
  expect(path.basename(job.dockerfile)).toBe('Dockerfile');
  expect(fs.readdirSync(path.dirname(job.dockerfile))).toEqual(['Dockerfile']);
});
