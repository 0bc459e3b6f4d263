import * as fc from 'fast-check';
import { DockerIgnore } from '../../lib/context/docker-ignore';
import { globMatcher } from '../../lib/context/glob-matcher';

/** The regular expression of Docker, which takes too long for many stars. */
function regExp(glob: string): RegExp {
  const source = glob.replace(/\*\*\/?$|\*\*\/?|[^]/gu, (token, offset: number) => {
    if (token.startsWith('**')) return offset + token.length === glob.length ? '[^\\n]*' : '(?:[^\\n]*/)?';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\u{${token.codePointAt(0)!.toString(16)}}`;
  });
  return new RegExp(`^${source}$`, 'u');
}

test('a pattern means what the regular expression of Docker means', () => {
  const word = (...parts: string[]) => fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 10 }).map((all) => all.join(''));
  const matched = new Set<boolean>();
  fc.assert(fc.property(word('a', 'b', '/', '*', '**', '**/', '?', '.', '(', '$', '\n', '🙂'), word('a', 'b', '/', 'aa', 'ab', '.', '(', '\n', '🙂', '*'), (glob, path) => {
    const expected = regExp(glob).test(path);
    matched.add(expected);
    expect({ glob, path, matches: globMatcher(glob)(path) }).toEqual({ glob, path, matches: expected });
  }), { numRuns: 20_000 });
  expect(matched.size).toBe(2);
});

test.each<[string, boolean, boolean]>([
  ['a*'.repeat(30) + 'b', false, false],
  ['**/a*'.repeat(30) + 'b', false, false],
  ['**a'.repeat(40), false, true],
  ['?*'.repeat(50), true, false],
  [`${'a/**/'.repeat(60)}z`, false, false],
])('however many stars there are, a long path takes no time: %s', (pattern, ofName, ofPath) => {
  const ignore = DockerIgnore.parse(pattern);
  const start = Date.now();
  expect(ignore.excludes('a'.repeat(250))).toBe(ofName);
  expect(ignore.excludes('a/'.repeat(50) + 'a'.repeat(250))).toBe(ofPath);
  expect(Date.now() - start).toBeLessThan(2000);
});

test('many stars beside a class are refused', () => {
  expect(() => DockerIgnore.parse(`${'a*'.repeat(5)}[b]`).excludes('aaaa')).toThrow(/^Docker refuses the ignore pattern 'a\*a\*a\*a\*a\*\[b\]', or it is not supported here: beside what is more than stars, at most 4 of them are\.$/);
  expect(DockerIgnore.parse('**/*.[jt]est.*/**').excludes('a/b.jest.c/d')).toBe(true);
});
