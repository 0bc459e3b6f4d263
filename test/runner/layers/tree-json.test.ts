import { FileTree } from '../../../runner/layers/file-tree';
import { treeFromJson, treeToJson } from '../../../runner/layers/tree-json';
import { dir, file, link } from '../testhelpers/layers';

const tree = new FileTree();
tree.apply([
  dir('/etc'), file('/etc/passwd'), link('/bin', 'usr/bin'), link('/empty', ''), dir('/home', { mode: 0o2711, uid: 1, gid: 4_294_967_294 }), dir('/home/app', { uid: 5 }),
  dir('/attributes', { hasAttributes: true }), file('/attributes/0'), dir('/__proto__'), file('/__proto__/constructor'), file('/10'), file('/9'), file('/ü "\\\n'),
]);

test('a tree comes back as it was', () => {
  const back = treeFromJson(JSON.parse(JSON.stringify(treeToJson(tree))));
  const sorted = (from: FileTree) => [...from.entries()].sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(sorted(back)).toEqual(sorted(tree));
  expect(back.describe('/__proto__/constructor')).toBe('other');
});

test('a tree is written as short as it can be', () => {
  const small = new FileTree();
  small.apply([dir('/b', { mode: 0o700, uid: 7 }), link('/b/l', '../a'), dir('/a'), file('/a/f')]);
  expect(JSON.stringify(treeToJson(small))).toBe('{"a":{"f":0},"b":[448,7,0,0,{"l":"../a"}]}');
});

test('the same files make the same text, in whatever order they come', () => {
  const entries = [dir('/b'), dir('/a'), file('/a/2'), file('/a/1'), file('/a/10')];
  const texts = [entries, [...entries].reverse()].map((order) => {
    const some = new FileTree();
    some.apply(order);
    return JSON.stringify(treeToJson(some));
  });
  expect(texts[0]).toBe(texts[1]);
});

test('what is unclear stays so', () => {
  const some = new FileTree();
  some.apply([link('/lib', 'usr/lib')]);
  some.apply([file('/lib/x')]);
  expect(treeToJson(some)).toEqual({ lib: 1, usr: { lib: 1 } });
  expect(treeFromJson(treeToJson(some)).describe('/usr/lib')).toBe('unclear');
});

test('an empty tree is one', () => {
  expect(treeToJson(new FileTree())).toEqual({});
  expect([...treeFromJson({}).entries()]).toEqual([]);
});

test('a name changes no other object', () => {
  treeFromJson(JSON.parse('{"__proto__":{"polluted":0},"constructor":{"prototype":{"polluted":0}}}'));
  expect({}).not.toHaveProperty('polluted');
});

describe('what is no tree fails', () => {
  test.each<[unknown, string]>([
    [0, 'the root is no directory'],
    ['link', 'the root is no directory'],
    [null, 'a directory has no entries'],
    [undefined, 'a directory has no entries'],
    [1, 'the root is no directory'],
    [2, 'a directory has no entries'],
    [true, 'a directory has no entries'],
    [{ a: null }, 'a directory has no entries'],
    [{ a: 2 }, 'a directory has no entries'],
    [{ a: true }, 'a directory has no entries'],
    [{ a: { b: -1 } }, 'a directory has no entries'],
    [[], 'a directory has no mode or no owner'],
    [[493], 'a directory has no mode or no owner'],
    [[493, 0, 0, 0], 'a directory has no entries'],
    [[493, 0, 0, 0, []], 'a directory has no entries'],
    [[493, 0, 0, 0, 'x'], 'a directory has no entries'],
    [['493', 0, 0, 0, {}], 'a directory has no mode or no owner'],
    [[493, null, 0, 0, {}], 'a directory has no mode or no owner'],
    [[493, 0, 0.5, 0, {}], 'a directory has no mode or no owner'],
    [[1e300, 0, 0, 0, {}], 'a directory has no mode or no owner'],
    [[0o10000, 0, 0, 0, {}], 'a directory has no mode or no owner'],
    [[-1, 0, 0, 0, {}], 'a directory has no mode or no owner'],
    [[493, 2 ** 32, 0, 0, {}], 'a directory has no mode or no owner'],
    [[493, 0, -5, 0, {}], 'a directory has no mode or no owner'],
  ])('such as %j', (json, message) => {
    expect(() => treeFromJson(json)).toThrow(message);
  });

  test.each([['{"a":', '}'], ['[493,0,0,0,{"a":', '}]']])('such as one that is deeper than any image: %s', (open, close) => {
    for (const depth of [600, 5000, 100_000]) {
      expect(() => treeFromJson(JSON.parse(`${open.repeat(depth)}{}${close.repeat(depth)}`))).toThrow('it is deeper than any image');
    }
  });
});

test('a tree as deep as any image is read and written', () => {
  const deep = new FileTree();
  deep.apply([file(`/${'a/'.repeat(500)}b`)]);
  expect([...treeFromJson(JSON.parse(JSON.stringify(treeToJson(deep)))).entries()]).toHaveLength(501);
});

test('100,000 entries are read and written at once', () => {
  const large = new FileTree();
  large.apply(Array.from({ length: 100_000 }, (_, index) => file(`/usr/${index % 100}/${index}`)));
  const started = Date.now();
  expect([...treeFromJson(JSON.parse(JSON.stringify(treeToJson(large)))).entries()]).toHaveLength(100_101);
  expect(Date.now() - started).toBeLessThan(3000);
});
