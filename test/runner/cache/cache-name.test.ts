import { createHash } from 'crypto';
import { cacheName } from '../../../runner/cache/cache-name';
import { TAG } from '../../../runner/input/read-plan';

const LONGEST_TAG = `cache-${'x'.repeat(85)}`;

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

test.each([[undefined], ['']])('without a part it is the name of the image: %p', (part) => {
  expect(cacheName('cache-a', part)).toBe('cache-a');
});

test.each([
  ['main', 'main'],
  ['feature/login', 'feature-login'],
  ['v1.2', 'v1.2'],
  ['a_b', 'a-b'],
  ['ä', '-'],
  ['refs/heads/a-very-long-name-of-a-branch', 'refs-heads-a-very-long-n'],
  ['$(touch x)`touch x`"\'\\', '--touch-x--touch-x----'],
  ['-x', '-x'],
  ['%s*\n', '-s--'],
])('of the part %j it says as much as a tag can, and its hash', (part, readable) => {
  expect(cacheName('cache-a', part)).toBe(`cache-a_${readable}-${hashOf(part)}`);
});

test('it is another for each part, also where only that is another which a tag cannot hold, or what is too long', () => {
  const parts = ['a/b', 'a-b', 'a_b', 'a b', 'A/b', `${'x'.repeat(30)}1`, `${'x'.repeat(30)}2`];
  expect(new Set(parts.map((part) => cacheName('cache-a', part))).size).toBe(parts.length);
});

test.each(['main', 'x'.repeat(300), '😀'.repeat(40)])('it is one that a registry takes: %s', (part) => {
  expect(cacheName(LONGEST_TAG, part)).toMatch(TAG);
});
