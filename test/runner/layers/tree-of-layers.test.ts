import { treeOfLayers } from '../../../runner/layers/tree-of-layers';
import { dir, file, link } from '../testhelpers/layers';

const LISTING = new Map([
  ['sha256:1', [dir('/etc'), file('/etc/passwd', { content: 'node:x:1:1' }), file('/etc/group', { content: 'web:x:3:' })]],
  ['sha256:2', [dir('/etc'), file('/etc/passwd', { content: 'node:x:2:2' }), dir('/app')]],
  ['sha256:removed', [file('/etc/.wh.passwd')]],
  ['sha256:linked', [link('/etc/passwd', '/usr/lib/passwd')]],
  ['sha256:large', [file('/etc/passwd')]],
]);

test('layers on top of each other have files, and the users of the last list', () => {
  const found = treeOfLayers(['sha256:1', 'sha256:2'], LISTING);
  expect(found.layers).toEqual(['sha256:1', 'sha256:2']);
  expect(found.names).toEqual({ users: { node: [2, 2] }, groups: { web: 3 } });
  expect(found.tree.describe('/app')).toBe('directory 755 0:0');
});

test.each(['removed', 'linked', 'large'])('a list of users that a layer has %s is that of nobody', (layer) => {
  expect(treeOfLayers(['sha256:1', `sha256:${layer}`], LISTING).names).toEqual({ users: {}, groups: { web: 3 } });
});

test('layers of others in the same listing do not count', () => {
  expect(treeOfLayers(['sha256:1'], LISTING).tree.describe('/app')).toBe('nothing');
  expect(treeOfLayers([], LISTING).names).toEqual({ users: {}, groups: {} });
});

test('a layer that was not listed fails', () => {
  expect(() => treeOfLayers(['sha256:1', 'sha256:3'], LISTING)).toThrow('the builder does not have sha256:3, which it has pushed');
});

describe('on top of layers that are known', () => {
  const base = treeOfLayers(['sha256:1'], LISTING);

  test('only the others are listed, and what is known stays as it is', () => {
    const found = treeOfLayers(['sha256:1', 'sha256:app'], new Map([['sha256:app', [dir('/app', { uid: 5 })]]]), base);
    expect(found.layers).toEqual(['sha256:1', 'sha256:app']);
    expect([found.tree.describe('/app'), found.tree.describe('/etc/passwd')]).toEqual(['directory 755 5:0', 'other']);
    expect(found.names).toEqual({ users: { node: [1, 1] }, groups: { web: 3 } });
    expect(base.tree.describe('/app')).toBe('nothing');
  });

  test('users are those of the last list', () => {
    expect(treeOfLayers(['sha256:1', 'sha256:2'], LISTING, base).names).toEqual({ users: { node: [2, 2] }, groups: { web: 3 } });
  });

  test.each(['removed', 'linked', 'large'])('a list of users that a layer has %s is that of nobody', (layer) => {
    expect(treeOfLayers(['sha256:1', `sha256:${layer}`], LISTING, base).names).toEqual({ users: {}, groups: { web: 3 } });
  });
});
