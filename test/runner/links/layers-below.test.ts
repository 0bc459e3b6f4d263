import { FileTree } from '../../../runner/layers/file-tree';
import { LayerEntry } from '../../../runner/layers/layer-entries';
import { LayersBelow } from '../../../runner/links/layers-below';
import { LayerLists } from '../../../runner/links/layer-lists';
import { BuildRecord, EMPTY_RECORD } from '../../../runner/record/build-record';
import { dir, file } from '../testhelpers/layers';

let listed: number;

/** A list of these layers. */
function lists(layers: { readonly [digest: string]: readonly LayerEntry[] } = {}): LayerLists {
  return {
    all: async () => {
      listed++;
      return new Map(Object.entries(layers));
    },
  } as unknown as LayerLists;
}

beforeEach(() => { listed = 0; });

/** A record that knows all at `/app` of these layers. */
function record(layers: readonly string[], ...entries: readonly LayerEntry[]): BuildRecord {
  const tree = new FileTree();
  tree.apply(entries);
  return { ...EMPTY_RECORD, below: { layers, paths: ['/app'], tree, names: { users: {}, groups: {} } } };
}

const below = (...digests: readonly string[]) => ({ below: digests, copied: [] });
const LAYERS = { one: [dir('/app', { uid: 5 }), dir('/usr')], two: [file('/app/x')] };

test('layers that an earlier build knows are not listed', async () => {
  const tree = await new LayersBelow([EMPTY_RECORD, record(['one', 'two'], dir('/app', { uid: 7 }))]).tree(below('one', 'two'), ['/app/x'], lists());
  expect(tree.tree.describe('/app')).toBe('directory 755 7:0');
  expect(listed).toBe(0);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['other layers', ['one'], ['/app']],
  ['layers in another order', ['two', 'one'], ['/app']],
  ['other places', ['one', 'two'], ['/usr']],
])('what an earlier build knows of %s is of no use', async (_, digests, paths) => {
  const tree = await new LayersBelow([record(['one', 'two'])]).tree(below(...digests), paths, lists(LAYERS));
  expect(listed).toBe(1);
  expect(tree).toMatchObject({ layers: digests, paths });
});

test('a list is of the places that were asked for, and read once', async () => {
  const layers = new LayersBelow([]);
  expect((await layers.tree(below('one', 'two'), ['/app'], lists(LAYERS))).tree.describe('/usr')).toBe('nothing');
  expect((await layers.tree(below('one', 'two'), ['/usr'], lists(LAYERS))).tree.describe('/usr')).toBe('directory 755 0:0');
  expect(listed).toBe(1);
  await layers.tree(below('one'), ['/usr'], lists(LAYERS));
  expect(listed).toBe(2);
});

test('a list without one of the layers fails', async () => {
  await expect(new LayersBelow([]).tree(below('one', 'three'), ['/app'], lists(LAYERS))).rejects.toThrow('the builder does not have three, which it has pushed');
});

test('no layers need no list', async () => {
  expect((await new LayersBelow([]).tree(below(), ['/app'], lists())).tree.describe('/app')).toBe('nothing');
  expect(listed).toBe(0);
});

test('layers have to be listed that are new, or that nobody knows, but not twice', async () => {
  expect(new LayersBelow([record(['one'])]).mustBeListed(false)).toBe(false);
  expect(new LayersBelow([record(['one'])]).mustBeListed(true)).toBe(true);
  const layers = new LayersBelow([EMPTY_RECORD]);
  expect(layers.mustBeListed(false)).toBe(true);
  await layers.tree(below('one'), ['/app'], lists(LAYERS));
  expect(layers.mustBeListed(true)).toBe(false);
});
