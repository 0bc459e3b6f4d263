import { FileTree } from '../../../runner/layers/file-tree';
import { knowsAll } from '../../../runner/links/knows-all';
import { dir, link } from '../testhelpers/layers';

const whole = new FileTree();
whole.apply([dir('/app'), link('/app/current', '/opt/v1'), dir('/opt'), dir('/opt/v1'), link('/bin', 'usr/bin'), dir('/usr'), dir('/usr/bin')]);

function knows(paths: readonly string[], ...wanted: readonly string[]): boolean {
  return knowsAll({ layers: [], names: { users: {}, groups: {} }, paths, tree: whole.within(paths) }, wanted);
}

test('what is at and below its paths is known', () => {
  expect(knows(['/app'], '/app', '/app/x', '/app/x/y')).toBe(true);
  expect(knows(['/'], '/', '/app', '/anything')).toBe(true);
  expect(knows(['/app', '/usr'], '/usr/bin', '/app')).toBe(true);
  expect(knows(['/app'])).toBe(true);
});

test('what is elsewhere, or above, is not', () => {
  expect(knows(['/app'], '/application')).toBe(false);
  expect(knows(['/app/x'], '/app')).toBe(false);
  expect(knows(['/app'], '/app', '/opt')).toBe(false);
  expect(knows([], '/app')).toBe(false);
});

test('the place that a path of it leads to is known', () => {
  expect(knows(['/bin'], '/bin/x', '/usr/bin/x')).toBe(true);
  expect(knows(['/app/current'], '/opt/v1')).toBe(true);
});

test('a place that a link below its paths leads to is not', () => {
  expect(knows(['/app'], '/app/current')).toBe(false);
  expect(knows(['/app', '/opt'], '/app/current')).toBe(true);
});

test('5,000 paths are looked up at once', () => {
  const paths = Array.from({ length: 5000 }, (_, index) => `/app/${index}`);
  const started = Date.now();
  expect(knows(paths, ...paths)).toBe(true);
  expect(Date.now() - started).toBeLessThan(5000);
});

test('a path that has become a link to elsewhere is not known any more', () => {
  const [known, now] = [new FileTree(), new FileTree()];
  known.apply([dir('/app')]);
  now.apply([link('/app', '/usr')]);
  const tree = { layers: [], paths: ['/app'], tree: known, names: { users: {}, groups: {} } };
  expect([knowsAll(tree, ['/app']), knowsAll(tree, ['/app'], now)]).toEqual([true, false]);
});
