import { FileTree } from '../../../runner/layers/file-tree';
import { LayerEntry } from '../../../runner/layers/layer-entries';
import { dir, file, link } from '../testhelpers/layers';

/** A tree of layers on top of each other. */
function treeOf(...layers: readonly (readonly LayerEntry[])[]): FileTree {
  const tree = new FileTree();
  layers.forEach((layer) => tree.apply(layer));
  return tree;
}

const paths = (tree: FileTree) => [...tree.entries()].map(({ path }) => path);

describe('layers on top of each other', () => {
  test('have the files of all', () => {
    expect(paths(treeOf([dir('/a'), file('/a/1')], [dir('/a'), file('/a/2'), file('/b')]))).toEqual(['/a', '/a/1', '/a/2', '/b']);
  });

  test('have a directory as the last one says, with what the others have put into it', () => {
    const tree = treeOf([dir('/a'), file('/a/1')], [dir('/a', { mode: 0o2775, uid: 7, gid: 8, hasAttributes: true })]);
    expect(tree.exact('/a')).toMatchObject({ mode: 0o2775, uid: 7, gid: 8, hasAttributes: true });
    expect(paths(tree)).toEqual(['/a', '/a/1']);
  });

  test('lose a directory with all that is in it where something else takes its place', () => {
    expect(paths(treeOf([dir('/a'), file('/a/1')], [link('/a', 'b')]))).toEqual(['/a']);
    expect(paths(treeOf([dir('/a'), file('/a/1')], [file('/a')], [dir('/a')]))).toEqual(['/a']);
  });

  test('have directories of root on the way to what an archive names alone', () => {
    expect(treeOf([file('/a/b/c')]).exact('/a/b')).toMatchObject({ kind: 'directory', mode: 0o755, uid: 0, gid: 0 });
    expect(paths(treeOf([file('/a')], [file('/a/b')]))).toEqual(['/a', '/a/b']);
  });

  test('say nothing of the root itself', () => {
    expect(treeOf([dir('/', { mode: 0o700, uid: 5 })]).root).toMatchObject({ mode: 0o755, uid: 0 });
  });

  describe('with something behind a link of those below', () => {
    const usr = [dir('/usr'), dir('/usr/bin'), file('/usr/bin/ls'), link('/bin', 'usr/bin'), link('/up', '/'), link('/a', 'b'), link('/b', 'a')];

    test('leave it unclear what is there, and where the link leads', () => {
      const tree = treeOf(usr, [file('/bin/sh')]);
      expect(['/bin', '/usr/bin', '/usr', '/usr/bin/ls', '/bin/sh'].map((path) => tree.describe(path))).toEqual(['unclear', 'unclear', 'directory 755 0:0', 'nothing', 'nothing']);
    });

    test('leave it unclear where the link leads nowhere or in a circle', () => {
      expect(treeOf([link('/a', 'b')], [file('/a/x')]).describe('/b')).toBe('unclear');
      expect(treeOf(usr, [file('/a/x')]).describe('/a')).toBe('unclear');
    });

    test('leave it so, whatever else comes there, until it is replaced', () => {
      const layers = [usr, [file('/bin/sh')], [dir('/bin'), dir('/usr/bin'), file('/usr/bin/cat'), file('/bin/.wh.ls')]];
      expect(['/bin', '/usr/bin'].map((path) => treeOf(...layers).describe(path))).toEqual(['unclear', 'unclear']);
      expect(treeOf(...layers, [link('/bin', 'x'), file('/usr/.wh.bin')]).describe('/bin')).toBe('link x');
      expect(treeOf(...layers, [link('/bin', 'x'), file('/usr/.wh.bin')]).describe('/usr/bin')).toBe('nothing');
    });

    test('fail where everything would be unclear', () => {
      expect(() => treeOf(usr, [file('/up/x')])).toThrow('a layer has files behind /up, which is a link to the root');
    });
  });

  test('know any names', () => {
    const tree = treeOf([file('/__proto__'), dir('/constructor'), file('/constructor/prototype'), file('/a b'), file('/ü')]);
    expect(tree.describe('/__proto__')).toBe('other');
    expect(tree.describe('/constructor/prototype')).toBe('other');
    expect(tree.describe('/toString')).toBe('nothing');
  });
});

describe('what a layer removes', () => {
  test('is gone', () => {
    expect(paths(treeOf([dir('/a'), file('/a/1'), file('/a/2')], [dir('/a'), file('/a/.wh.1')]))).toEqual(['/a', '/a/2']);
    expect(paths(treeOf([dir('/a'), dir('/a/b'), file('/a/b/c')], [file('/a/.wh.b')]))).toEqual(['/a']);
  });

  test('is of the layers below it only, wherever the archive says so', () => {
    const below = [dir('/a'), file('/a/old')];
    expect(paths(treeOf(below, [dir('/a'), file('/a/new'), file('/a/.wh..wh..opq')]))).toEqual(['/a', '/a/new']);
    expect(paths(treeOf(below, [file('/a/.wh..wh..opq'), dir('/a'), file('/a/new')]))).toEqual(['/a', '/a/new']);
    expect(paths(treeOf(below, [dir('/a'), file('/a/old'), file('/a/.wh.old')]))).toEqual(['/a', '/a/old']);
  });

  test('may not be there', () => {
    expect(paths(treeOf([file('/a')], [file('/.wh.b'), file('/x/.wh.y'), file('/a/.wh.z'), file('/x/.wh..wh..opq')]))).toEqual(['/a']);
  });

  test('may be at the root', () => {
    expect(paths(treeOf([file('/a'), file('/b')], [file('/.wh.a')]))).toEqual(['/b']);
    expect(paths(treeOf([file('/a'), file('/b')], [file('/.wh..wh..opq'), file('/c')]))).toEqual(['/c']);
  });

  test('is unclear where it is said below a link to its directory', () => {
    const below = [dir('/usr'), dir('/usr/bin'), file('/usr/bin/sh'), link('/bin', 'usr/bin')];
    for (const name of ['.wh.sh', '.wh..wh..opq']) {
      const tree = treeOf(below, [file(`/bin/${name}`)]);
      expect(['/bin', '/usr/bin'].map((path) => tree.describe(path))).toEqual(['unclear', 'unclear']);
    }
  });

  test('is not what a link led to that the layer makes a directory', () => {
    const below = [dir('/usr'), dir('/usr/bin'), file('/usr/bin/sh'), link('/bin', 'usr/bin')];
    expect(paths(treeOf(below, [dir('/bin'), file('/bin/.wh..wh..opq'), file('/bin/.wh.sh')]))).toEqual(['/usr', '/usr/bin', '/usr/bin/sh', '/bin']);
  });
});

describe('a path', () => {
  const tree = treeOf([
    dir('/data'), dir('/data/v1'), file('/data/v1/x'), dir('/app'), link('/app/current', '../data/v1'), link('/app/absolute', '/data'),
    link('/one', '/two'), link('/two', 'three'), link('/circle', '/circle/x'), link('/up', '../../..'), link('/self', '.'), link('/empty', ''), link('/gone', '/nowhere/x'),
  ]);

  test.each([
    ['/', '/'],
    ['/data/v1/x', '/data/v1/x'],
    ['/app/current', '/data/v1'],
    ['/app/current/x', '/data/v1/x'],
    ['/app/absolute/v1', '/data/v1'],
    ['/app/current/../y', '/data/y'],
    ['/one', '/three'],
    ['/one/a/b', '/three/a/b'],
    ['/up/data', '/data'],
    ['/self/self/data', '/data'],
    ['/empty/data', '/data'],
    ['/gone/y', '/nowhere/x/y'],
    ['/not/there/../here', '/not/here'],
    ['/../../data', '/data'],
    ['//data/./v1/', '/data/v1'],
    ['/data/v1/x/y', '/data/v1/x/y'],
  ])('%s leads to %s', (path, resolved) => {
    expect(tree.resolve(path)).toBe(resolved);
  });

  test('of links in a circle leads nowhere', () => {
    expect(tree.resolve('/circle')).toBeUndefined();
    expect(tree.find('/circle/x')).toBeUndefined();
  });

  test('is found behind links, but for one at its end', () => {
    expect(tree.find('/app/current/x')).toEqual({ kind: 'other' });
    expect(tree.find('/app/current')).toEqual({ kind: 'link', target: '../data/v1' });
    expect(tree.find('/')).toBe(tree.root);
    expect(tree.find('/data/v1/x/y')).toBeUndefined();
  });

  test('is exact where no link is in the way', () => {
    expect(tree.exact('/app/current/x')).toBeUndefined();
    expect(tree.exact('/data/v1/x')).toEqual({ kind: 'other' });
    expect(tree.exact('/')).toBe(tree.root);
  });

  test('has a last directory on its way', () => {
    expect(tree.nearest('/data/v2/x').at).toBe('/data');
    expect(tree.nearest('/data/v1').at).toBe('/data/v1');
    expect(tree.nearest('/data/v1/x').at).toBe('/data/v1');
    expect(tree.nearest('/app/current/x').at).toBe('/app');
    expect(tree.nearest('/x')).toMatchObject({ at: '/', folder: tree.root });
  });

  test('is described in a word', () => {
    expect(treeOf([dir('/a', { mode: 0o2775, uid: 1, gid: 2 })]).describe('/a')).toBe('directory 2775 1:2');
    expect(['/app/current', '/data/v1/x', '/x'].map((path) => tree.describe(path))).toEqual(['link ../data/v1', 'other', 'nothing']);
  });
});

describe('a part of a tree', () => {
  const tree = treeOf([
    dir('/app', { uid: 5 }), file('/app/1'), dir('/app/lib'), file('/app/lib/2'), dir('/opt'), dir('/opt/v1'), file('/opt/v1/3'), file('/opt/4'), link('/opt/current', 'v1'),
    link('/bin', 'opt'), link('/chain', '/chain2'), link('/chain2', '/opt/v1'), dir('/etc'), file('/etc/passwd'),
  ]);

  test('has what is above, at and below its paths', () => {
    expect(paths(tree.within(['/app/lib']))).toEqual(['/app', '/app/lib', '/app/lib/2']);
    expect(tree.within(['/app/lib']).exact('/app')).toMatchObject({ uid: 5 });
    expect(paths(tree.within(['/app/lib', '/app']))).toEqual(['/app', '/app/lib', '/app/lib/2', '/app/1']);
    expect(paths(tree.within(['/app', '/app/lib']))).toEqual(['/app', '/app/1', '/app/lib', '/app/lib/2']);
    expect(paths(tree.within(['/']))).toEqual(paths(tree));
  });

  test('has nothing of what is not there', () => {
    expect(paths(tree.within([]))).toEqual([]);
    expect(paths(tree.within(['/nowhere/x']))).toEqual([]);
    expect(paths(tree.within(['/app/1/x']))).toEqual(['/app', '/app/1']);
  });

  test('has a link in the way, and the place that it leads to', () => {
    expect(paths(tree.within(['/opt/current']))).toEqual(['/opt', '/opt/current', '/opt/v1', '/opt/v1/3']);
    expect(paths(tree.within(['/bin/v1']))).toEqual(['/bin', '/opt', '/opt/v1', '/opt/v1/3']);
  });

  test('has each link of a chain', () => {
    const part = tree.within(['/chain/3']);
    expect(paths(part)).toEqual(['/chain', '/chain2', '/opt', '/opt/v1', '/opt/v1/3']);
    expect(part.resolve('/chain/3')).toBe('/opt/v1/3');
  });

  test('leaves the whole as it is', () => {
    const before = [...tree.entries()];
    const part = tree.within(['/app/lib', '/etc']);
    part.apply([file('/app/new'), file('/opt/new')]);
    expect([...tree.entries()]).toEqual(before);
  });
});

test('a tree as the entries of a layer makes the same tree', () => {
  const tree = treeOf([dir('/a', { mode: 0o1777, uid: 1, gid: 2, hasAttributes: true }), file('/a/b'), link('/a/c', '../d'), dir('/e')]);
  const entries = [...tree.entries()];
  expect([...treeOf(entries).entries()]).toEqual(entries);
});

test('the modes of files in a tree are not known', () => {
  const [entry] = treeOf([file('/a', { mode: 0o600 })]).entries();
  expect(entry).toMatchObject({ kind: 'other', mode: -1 });
});

describe('large trees', () => {
  test('of 100,000 files in one directory and in many are made at once', () => {
    const started = Date.now();
    const flat = Array.from({ length: 100_000 }, (_, index) => file(`/usr/lib/node_modules/file-${index}`));
    const deep = Array.from({ length: 100_000 }, (_, index) => file(`/srv/${index % 10}/${index % 100}/${index % 1000}/${index}`));
    const tree = treeOf(flat, deep, flat.map(({ path }) => file(path.replace('file', '.wh.file'))));
    expect(paths(tree.within(['/usr']))).toHaveLength(3);
    expect(paths(tree.within(['/srv']))).toHaveLength(1 + 10 + 100 + 1000 + 100_000);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  test('are cut down to 5,000 paths at once', () => {
    const wanted = Array.from({ length: 5000 }, (_, index) => `/app/${index}`);
    const tree = treeOf(wanted.map((path) => file(path)));
    const started = Date.now();
    expect(paths(tree.within(wanted))).toHaveLength(5001);
    expect(Date.now() - started).toBeLessThan(500);
  });

  test('of directories as deep as paths can be are listed at once', () => {
    const tree = treeOf([file(`/${'a/'.repeat(2000)}b`)]);
    expect(paths(tree)).toHaveLength(2001);
  });
});

test('the links to directories can be kept by themselves', () => {
  const tree = treeOf([dir('/usr'), dir('/usr/lib'), file('/usr/lib/x'), link('/lib', 'usr/lib'), link('/file', 'usr/lib/x'), link('/gone', 'nowhere'), link('/lib64', 'lib'), link('/loop', 'loop')]);
  expect(tree.directoryLinks()).toEqual(['/lib', '/lib64']);
  expect(paths(tree.within([], tree.directoryLinks()))).toEqual(['/lib', '/lib64']);
});
