import { ContextView } from '../../lib/dockerfile/context-view';

const view = new ContextView([
  { path: 'a/b/c.txt', type: 'file' },
  { path: 'empty', type: 'directory' },
  { path: 'shared', type: 'link', target: 'a/b' },
  { path: 'a/up', type: 'link', target: '../empty' },
  { path: 'a/root', type: 'link', target: '/a/b/c.txt' },
  { path: 'outside', type: 'link', target: '../other/x' },
  { path: 'loop', type: 'link', target: 'loop' },
], (path) => path === 'ignored' || path === 'a/b/c.txt' ? 'text' : undefined);

test.each(['', '.', '/', 'a', 'a/b/', './a/b/c.txt', '/a/b/c.txt', '../a', 'empty', 'shared', 'shared/c.txt', 'a/up', 'a/root'])('%j is there', (source) => {
  expect(view.whyMissing(source)).toBeUndefined();
});

test.each([
  ['a/x', 'is not in the context'],
  ['A', 'is not in the context'],
  ['a/b/c.txt/d', 'is not in the context'],
  ['ignored', 'is left out of the context by the ignore file'],
  ['outside', 'leads through a link to other, which is not in the context'],
  ['shared/x', 'leads through a link to a/b/x, which is not in the context'],
  ['loop', 'is a link that leads to itself'],
])('%j is missing, and it says why', (source, why) => {
  expect(view.whyMissing(source)).toBe(why);
});

test.each([['', 7], ['.', 7], ['a', 3], ['a/', 3], ['*/b', 1], ['?', 3], ['a/b/c.txt', 0], ['x', 0]])('below %j, there are %i entries', (source, count) => {
  expect(view.below(source)).toHaveLength(count);
});

test('files can be asked for what they say', () => {
  expect(view.says(/\.txt$/, /^text$/)).toBe(true);
  expect(view.says(/\.txt$/, /other/)).toBe(false);
  expect(view.says(/^ignored$/, /text/)).toBe(false);
});
