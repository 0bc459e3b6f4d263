import { FileTree } from '../../../runner/layers/file-tree';
import { BuildRecord, EMPTY_RECORD, recordFromJson, recordToJson } from '../../../runner/record/build-record';
import { dir, file, link } from '../testhelpers/layers';

function treeOf(...entries: Parameters<FileTree['apply']>[0]): FileTree {
  const tree = new FileTree();
  tree.apply(entries);
  return tree;
}

const FULL: BuildRecord = {
  cache: { writtenAt: '2026-11-20T10:00:00.000Z', layers: ['sha256:1'] },
  below: {
    layers: ['sha256:1', 'sha256:2'],
    paths: ['/app'],
    tree: treeOf(dir('/app', { uid: 5 }), link('/app/current', 'v1')),
    names: { users: { node: [1000, 1000] }, groups: { web: 33 } },
  },
  layers: { 'sha256:3': treeOf(file('/app/big')) },
  destinations: { 'COPY a /bin': { path: '/usr/bin', isDirectory: true } },
  refusal: { copies: ['COPY a /x'], layers: ['sha256:1'], reason: 'a link is in the way', place: { path: '/x', found: 'link y' } },
};

test('a record comes back as it was', () => {
  expect(recordFromJson(recordToJson(FULL))).toEqual(FULL);
  expect(recordFromJson(recordToJson(EMPTY_RECORD))).toEqual(EMPTY_RECORD);
});

test('a record that is read and written is the same text', () => {
  for (const record of [FULL, EMPTY_RECORD, { ...EMPTY_RECORD, base: FULL.below }, { ...EMPTY_RECORD, below: FULL.below }, { ...EMPTY_RECORD, refusal: { copies: [], layers: [], reason: '' } }]) {
    const text = recordToJson(recordFromJson(recordToJson(record)));
    expect(recordToJson(recordFromJson(text))).toBe(text);
  }
});

test('the last build is no part of the text, which stays the same from build to build', () => {
  expect(recordToJson({ ...FULL, lastBuild: { layers: ['sha256:9'] } })).toBe(recordToJson(FULL));
});

test('names of objects are names like others', () => {
  const record = recordFromJson('{"version":1,"layers":{"__proto__":{"a":0}},"destinations":{"__proto__":{"path":"/x"}},"__proto__":{"refusal":{}}}');
  expect(Object.keys(record.layers)).toEqual(['__proto__']);
  expect(record.refusal).toBeUndefined();
  expect({}).not.toHaveProperty('path');
});

describe('what is no record fails', () => {
  const below = { layers: [], paths: [], tree: {}, names: { users: {}, groups: {} } };
  const refusal = { copies: [], layers: [], reason: '' };

  test.each(['', 'no', '{', '[1,', '\0'])('such as %p', (text) => {
    expect(() => recordFromJson(text)).toThrow(SyntaxError);
  });

  test.each(['null', '1', '"x"', '[]', '{}', 'true', '{"version":2}', '{"version":"1"}', '{"version":[1]}', '{"version":{}}'])('such as %s, which is of another version', (text) => {
    expect(() => recordFromJson(text)).toThrow(/it is of version .*, and this program of version 1/);
  });

  test.each<[object, string]>([
    [{ layers: undefined }, 'it has no layers or destinations'],
    [{ layers: [] }, 'it has no layers or destinations'],
    [{ layers: 'x' }, 'it has no layers or destinations'],
    [{ layers: { a: null } }, 'a directory has no entries'],
    [{ layers: { a: 0 } }, 'the root is no directory'],
    [{ destinations: null }, 'it has no layers or destinations'],
    [{ destinations: [] }, 'it has no layers or destinations'],
    [{ destinations: { 'COPY a b': null } }, 'it has no layers or destinations'],
    [{ destinations: { 'COPY a b': 'x' } }, 'it has no layers or destinations'],
    [{ destinations: { 'COPY a b': { path: 5 } } }, 'it has no layers or destinations'],
    [{ destinations: { 'COPY a b': { path: 'x' } } }, 'it has no layers or destinations'],
    [{ destinations: { 'COPY a b': { isDirectory: 'yes' } } }, 'it has no layers or destinations'],
    [{ below: true }, 'it does not say which layers it knows'],
    [{ base: true }, 'it does not say which layers it knows'],
    [{ base: { ...below, paths: [null] } }, 'it does not say which layers it knows'],
    [{ below: [] }, 'it does not say which layers it knows'],
    [{ below: { ...below, layers: 'sha256:1' } }, 'it does not say which layers it knows'],
    [{ below: { ...below, layers: [1] } }, 'it does not say which layers it knows'],
    [{ below: { ...below, paths: {} } }, 'it does not say which layers it knows'],
    [{ below: { ...below, paths: [null] } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: undefined } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: {} } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: { node: null }, groups: {} } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: { node: 'x' }, groups: {} } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: { node: [1] }, groups: {} } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: { node: ['0\nRUN evil', 0] }, groups: {} } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: { node: [1.5, 1] }, groups: {} } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: {}, groups: { web: '3' } } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: {}, groups: { web: -3 } } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, names: { users: {}, groups: { web: 1e300 } } } }, 'it does not say which layers it knows'],
    [{ below: { ...below, tree: undefined } }, 'a directory has no entries'],
    [{ below: { ...below, tree: 0 } }, 'the root is no directory'],
    [{ refusal: 'no' }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, copies: 'COPY a b' } }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, layers: null } }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, reason: 5 } }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, place: 5 } }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, place: null } }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, place: { path: '/x' } } }, 'it does not say what was refused'],
    [{ refusal: { ...refusal, place: { path: 1, found: 'x' } } }, 'it does not say what was refused'],
    [{ cache: 'x' }, 'it does not say what the cache is of'],
    [{ cache: { layers: [] } }, 'it does not say what the cache is of'],
    [{ cache: { writtenAt: 5, layers: [] } }, 'it does not say what the cache is of'],
    [{ cache: { writtenAt: '', layers: [{}] } }, 'it does not say what the cache is of'],
  ])('such as one with %j', (part, message) => {
    expect(() => recordFromJson(JSON.stringify({ version: 1, layers: {}, destinations: {}, ...part }))).toThrow(message);
  });

  test.each(['layers', 'below', 'destinations', 'refusal', 'cache'])('such as one whose %s are nested without end', (part) => {
    const deep = `${'{"a":'.repeat(100_000)}{}${'}'.repeat(100_000)}`;
    const value = part === 'below' ? `{"layers":[],"paths":[],"names":{"users":{},"groups":{}},"tree":${deep}}` : deep;
    const whole = { layers: '{}', destinations: '{}', [part]: value };
    const text = `{"version":1,${Object.entries(whole).map(([key, json]) => `"${key}":${json}`).join(',')}}`;
    const read = () => recordFromJson(text);
    if (part === 'destinations') expect(Object.keys(read().destinations)).toEqual(['a']); // and nobody looks further
    else expect(read).toThrow();
  });
});

test('what is not there may be said to be nothing', () => {
  expect(recordFromJson('{"version":1,"layers":{},"destinations":{},"below":null,"cache":null,"refusal":null,"more":1}')).toEqual(EMPTY_RECORD);
});
