import { FileTree } from '../../../runner/layers/file-tree';
import { LayerEntry } from '../../../runner/layers/layer-entries';
import { LayerLists } from '../../../runner/links/layer-lists';
import { LayersBelow } from '../../../runner/links/layers-below';
import { BuildRecord, EMPTY_RECORD } from '../../../runner/record/build-record';
import { dir, file, link } from '../testhelpers/layers';

let listed: number;
let listedUnknown: number;

/** A list of these layers. */
function lists(layers: { readonly [digest: string]: readonly LayerEntry[] } = {}, known: readonly string[] = []): LayerLists {
  return {
    all: async () => {
      listed++;
      return new Map(Object.entries(layers));
    },
    unknown: async () => {
      listedUnknown++;
      return new Map(Object.entries(layers).filter(([digest]) => !known.includes(digest)));
    },
  } as unknown as LayerLists;
}

beforeEach(() => { listed = listedUnknown = 0; });

/** A record that knows all at `/app` of these layers. */
function record(layers: readonly string[], ...entries: readonly LayerEntry[]): BuildRecord {
  const tree = new FileTree();
  tree.apply(entries);
  return { ...EMPTY_RECORD, below: { layers, paths: ['/app'], tree, names: { users: {}, groups: {} } } };
}

const below = (...digests: readonly string[]) => ({ below: digests, copied: [] });
const LAYERS = { one: [dir('/app', { uid: 5 }), dir('/usr')], two: [file('/app/x')] };

test('layers that an earlier build knows are not listed', async () => {
  const tree = await new LayersBelow([EMPTY_RECORD, record(['one', 'two'], dir('/app', { uid: 7 }))], 1).tree(below('one', 'two'), ['/app/x'], lists());
  expect(tree.tree.describe('/app')).toBe('directory 755 7:0');
  expect(listed).toBe(0);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['other layers', ['one'], ['/app']],
  ['layers in another order', ['two', 'one'], ['/app']],
  ['other places', ['one', 'two'], ['/usr']],
])('what an earlier build knows of %s is of no use', async (_, digests, paths) => {
  const tree = await new LayersBelow([record(['one', 'two'])], 1).tree(below(...digests), paths, lists(LAYERS));
  expect(listed).toBe(1);
  expect(tree).toMatchObject({ layers: digests, paths });
});

test('a list is of the places that were asked for, and read once', async () => {
  const layers = new LayersBelow([], 1);
  expect((await layers.tree(below('one', 'two'), ['/app'], lists(LAYERS))).tree.describe('/usr')).toBe('nothing');
  expect((await layers.tree(below('one', 'two'), ['/usr'], lists(LAYERS))).tree.describe('/usr')).toBe('directory 755 0:0');
  expect(listed).toBe(1);
  await layers.tree(below('one'), ['/usr'], lists(LAYERS));
  expect(listed).toBe(2);
});

test('a list without one of the layers fails', async () => {
  await expect(new LayersBelow([], 1).tree(below('one', 'three'), ['/app'], lists(LAYERS))).rejects.toThrow('the builder does not have three, which it has pushed');
});

test('no layers need no list', async () => {
  expect((await new LayersBelow([], 1).tree(below(), ['/app'], lists())).tree.describe('/app')).toBe('nothing');
  expect(listed).toBe(0);
});

test('layers have to be listed that are new, or that nobody knows, but not twice', async () => {
  expect(new LayersBelow([record(['one'])], 1).mustBeListed(false)).toBe(false);
  expect(new LayersBelow([record(['one'])], 1).mustBeListed(true)).toBe(true);
  const layers = new LayersBelow([EMPTY_RECORD], 1);
  expect(layers.mustBeListed(false)).toBe(true);
  await layers.tree(below('one'), ['/app'], lists(LAYERS));
  expect(layers.mustBeListed(true)).toBe(false);
});

describe('the layers of the base image', () => {
  const BASE = { base1: [dir('/app', { uid: 5 }), dir('/usr'), dir('/usr/lib'), link('/lib', 'usr/lib'), dir('/etc'), file('/etc/passwd', { content: 'node:x:1:1' })], base2: [file('/app/x')] };
  const FIRST = { ...BASE, run: [dir('/app/deps')] };
  let first: BuildRecord;

  beforeEach(async () => {
    const layers = new LayersBelow([], 1);
    const tree = await layers.tree(below('base1', 'base2', 'run'), ['/app'], lists(FIRST));
    first = { ...EMPTY_RECORD, below: tree, base: layers.baseOf(tree) };
    listed = listedUnknown = 0;
  });

  const next = async (run: readonly LayerEntry[], paths = ['/app'], digests = ['base1', 'base2', 'other']) => {
    const layers = new LayersBelow([EMPTY_RECORD, first], 1);
    expect([...layers.knownLayers]).toEqual(['base1', 'base2']);
    const tree = await layers.tree(below(...digests), paths, lists({ ...FIRST, other: run }, [...layers.knownLayers]));
    return { tree, base: layers.baseOf(tree) };
  };

  test('are kept as far as they are near the copies, with users and links to directories', () => {
    expect(first.base).toMatchObject({ layers: ['base1', 'base2'], paths: ['/app', '/etc/group', '/etc/passwd'], names: { users: { node: [1, 1] } } });
    expect([...first.base!.tree.entries()].map(({ path }) => path)).toEqual(['/app', '/app/x', '/etc', '/etc/passwd', '/lib']);
  });

  test('are not listed again where another step has run', async () => {
    const { tree, base } = await next([dir('/app/new'), file('/app/.wh.x')]);
    expect([listed, listedUnknown]).toEqual([0, 1]);
    expect(['/app', '/app/new', '/app/x', '/app/deps'].map((path) => tree.tree.describe(path))).toEqual(['directory 755 5:0', 'directory 755 0:0', 'nothing', 'nothing']);
    expect(tree).toMatchObject({ layers: ['base1', 'base2', 'other'], paths: ['/app'], names: { users: { node: [1, 1] } } });
    expect(base).toBe(first.base);
  });

  test.each<[string, readonly LayerEntry[], string[]]>([
    ['copies go elsewhere', [], ['/usr']],
    ['a new layer has a link that leads elsewhere', [link('/app', '/usr')], ['/app']],
  ])('are listed again where %s', async (_, run, paths) => {
    const { tree } = await next(run, paths);
    expect(listed).toBe(1);
    expect(tree.tree.describe('/usr')).toBe('directory 755 0:0');
  });

  test('are listed again where the others cannot be listed by themselves', async () => {
    const layers = new LayersBelow([first], 1);
    const broken = { ...lists({ ...FIRST, other: [] }), unknown: async () => { throw new Error('it is too old'); } } as unknown as LayerLists;
    expect((await layers.tree(below('base1', 'base2', 'other'), ['/app'], broken)).layers).toHaveLength(3);
    expect(listed).toBe(1);
  });

  test('are listed again where they are others', async () => {
    const { tree, base } = await next([], ['/app'], ['base2', 'base1', 'other']);
    expect([listed, listedUnknown]).toEqual([1, 0]);
    expect(base).toMatchObject({ layers: ['base2', 'base1'] });
    expect(tree.layers).toEqual(['base2', 'base1', 'other']);
  });

  test('need no second list where none of them is left', async () => {
    const layers = new LayersBelow([first], 1);
    expect((await layers.tree(below('new', 'other'), ['/app'], Object.assign(lists({ new: [dir('/app')], other: [] }), { isListing: true }))).layers).toEqual(['new', 'other']);
    expect([listed, listedUnknown]).toEqual([0, 1]);
  });

  test('are listed again where a layer above is one of those that are thought to be known', async () => {
    const { tree } = await next([], ['/app'], ['base1', 'base2', 'base1']);
    expect(listed).toBe(1);
    expect(tree.layers).toHaveLength(3);
  });

  test('tell what is behind their links, although nothing else of them is known there', async () => {
    const { tree } = await next([file('/lib/x')], ['/app']);
    expect(tree.tree.describe('/lib')).toBe('nothing'); // it is not near the copies
    expect((await next([file('/lib/x')], ['/lib/x'])).tree.tree.describe('/lib')).toBe('unclear');
  });

  test('are nothing of their own where the stage has no steps below the copies, or nothing but steps', async () => {
    for (const [steps, digests] of [[0, ['base1', 'base2']], [5, ['base1', 'base2', 'run']]] as const) {
      const layers = new LayersBelow([], steps);
      expect(layers.baseOf(await layers.tree(below(...digests), ['/app'], lists(FIRST)))).toBeUndefined();
    }
  });
});
