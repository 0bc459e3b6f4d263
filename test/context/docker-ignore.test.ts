import { DockerIgnore } from '../../lib/context/docker-ignore';

/** What is left of the paths when the lines are the content of a `.dockerignore`. */
function kept(lines: string[], paths: string[]): string[] {
  const ignore = DockerIgnore.parse(lines.join('\n'));
  return paths.filter(path => !ignore.excludes(path));
}

// All expectations were taken from builds with BuildKit; integ/local/context-files.test.ts compares many more.

describe('reading the file', () => {
  test.each([
    ['an empty file excludes nothing', '', ['a']],
    ['blank lines exclude nothing', '\n  \n\t\n', ['a']],
    ['lines starting with # are comments', '#a\n# b', ['#a', 'a']],
  ])('%s', (_, content, paths) => {
    expect(kept([content], paths)).toEqual(paths);
  });

  test.each([
    ['a # behind a space belongs to the pattern', ' #a', '#a'],
    ['an escaped # belongs to the pattern', '\\#a', '#a'],
    ['a byte order mark is dropped', '\uFEFFa', 'a'],
    ['spaces around a pattern are dropped', ' \ta\u00a0\u0085 ', 'a'],
    ['lines may end in carriage return and line feed', 'x\r\na\r\n', 'a'],
    ['spaces inside a pattern are kept', 'a b', 'a b'],
    ['a leading slash is dropped', '/a', 'a'],
    ['a trailing slash is dropped', 'a/', 'a'],
    ['a leading ./ is dropped', './a', 'a'],
    ['dot segments are resolved', 'b/.././a/.', 'a'],
    ['a slash in front hides that ! makes an exception to the frontend only', 'a\nb\n/!b', 'a'],
  ])('%s', (_, content, path) => {
    expect(kept([content], [path, 'b'])).toEqual(['b']);
  });

  test('a comment right behind a byte order mark is a comment', () => {
    expect(kept(['\uFEFF#a'], ['#a'])).toEqual(['#a']);
  });

  test.each(['.', '/', '..', '../a'])('the pattern %s excludes nothing', pattern => {
    expect(kept([pattern], ['a', 'a/b'])).toEqual(['a', 'a/b']);
  });
});

describe('matching', () => {
  test.each<[string, string, string[], string[]]>([
    ['a name holds at the root only', 'a', ['a', 'a/b', 'a/b/c'], ['b/a', 'ab', 'A']],
    ['a path holds with all below it', 'a/b', ['a/b', 'a/b/c/d'], ['a', 'a/c', 'c/a/b']],
    ['* stays within one name', '*.js', ['a.js', '.js', 'a.js/b'], ['b/a.js', 'a.jsx']],
    ['* stands for names with a dot in front too', '*', ['a', '.a', 'a/b'], []],
    ['*/ stands for exactly one directory', '*/a', ['b/a', 'b/a/c'], ['a', 'b/c/a']],
    ['? is one character, however many bytes it has', '?', ['a', 'é', '日', '😀', 'a/b'], ['ab']],
    ['**/ is any number of directories', '**/a', ['a', 'b/a', 'b/c/a', 'b/a/c'], ['ba', 'b/ca']],
    ['** before a name holds for the end of every path', '**a', ['a', 'ba', 'b/ca', 'ba/c'], ['ab']],
    ['** in the middle', 'a/**/b', ['a/b', 'a/c/b', 'a/c/d/b'], ['b', 'a/cb', 'c/a/b']],
    ['** at the end', 'a/**', ['a/b', 'a/b/c'], ['a', 'b']],
    ['** right behind a name', 'a**', ['a', 'ab', 'ab/c'], ['ba']],
    ['** alone', '**', ['a', 'a/b'], []],
    ['a class', '[ab]', ['a', 'b', 'a/c'], ['c', 'ab']],
    ['a range', '[a-c]x', ['ax', 'cx'], ['dx', '-x']],
    ['a class negated with ^ stands for a slash too', 'a[^b]c', ['axc', 'a/c'], ['abc', 'ac']],
    ['! does not negate a class', '[!b]', ['!', 'b'], ['a']],
    ['a POSIX class', '[[:digit:]_]x', ['1x', '_x'], ['ax']],
    ['a negated POSIX class', '[[:^digit:]]x', ['ax'], ['1x']],
    ['an escaped wildcard', '\\*', ['*'], ['a']],
    ['an escaped bracket', '\\[a\\]', ['[a]'], ['a']],
    ['an escaped hyphen in a class', '[a\\-c]', ['a', '-', 'c'], ['b']],
    ['characters that are special in regular expressions', '*a.+()$', ['a.+()$', 'xa.+()$'], ['aaa()$']],
    ['a backslash of Windows, read as the class of non-digits', 'bin\\Debug', ['binDebug', 'binxebug'], ['bin\\Debug']],
    ['a backslash of Windows, read as a character number', 'x\\x64*', ['xd'], ['x\\x64']],
    ['braces as repetition when there is a wildcard', 'a{2}*', ['aa', 'aab'], ['a{2}']],
    ['braces as themselves when they do not repeat', '{a,b}*', ['{a,b}c'], ['a', 'b']],
    ['a bar as an alternative when there is a wildcard', 'a|b*', ['a', 'ax', 'xb'], ['x']],
    ['a bar as itself without a wildcard', 'a|b', ['a|b'], ['a', 'b']],
    ['a line break in a name', 'a*', ['a\nb', 'a\u2028b'], ['b\na']],
  ])('%s', (_, pattern, excluded, others) => {
    expect(kept([pattern], [...excluded, ...others])).toEqual(others);
  });
});

describe('exceptions', () => {
  test.each<[string, string[], string[], string[]]>([
    ['the last match decides', ['*.md', '!a.md'], ['a.md'], ['b.md']],
    ['an exception before its rule is none', ['!a.md', '*.md'], [], ['a.md']],
    ['an exclusion behind the exception counts', ['*', '!a', 'a/b'], ['a/c'], ['a/b', 'c']],
    ['a child of an excluded directory comes back', ['a', '!a/b'], ['a/b', 'a/b/c'], ['a', 'a/c']],
    ['a directory comes back with everything in it', ['*', '!a'], ['a', 'a/b/c'], ['b', 'b/a']],
    ['an exception may have wildcards', ['**', '!a/**/*.ts'], ['a/b.ts', 'a/b/c.ts'], ['a', 'a/b.js', 'b.ts']],
    ['an exception may be anywhere', ['*', '!**/.keep'], ['.keep', 'a/b/.keep'], ['a/b', 'b']],
    ['spaces behind ! are dropped', ['a', '!  /a'], ['a'], []],
    ['a second ! belongs to the pattern', ['*', '!!a'], ['!a'], ['a']],
    ['an exception without an exclusion changes nothing', ['!a'], ['a', 'b'], []],
    ['an exception for a parent that was not excluded does not count below it', ['?/c', '!a'], [], ['a/c']],
    ['an exception for a parent that was excluded counts below it', ['a', '?/c', '!a'], ['a/c'], []],
    ['a plain exception two levels below a wildcard is not found', ['*', '!a/*/**'], [], ['a/b', 'a/b/c']],
  ])('%s', (_, lines, included, others) => {
    expect(kept(lines, [...included, ...others])).toEqual(included);
  });

  test.each([
    ['there is an exception for something in it', '!a/b/c'],
    ['there is an exception for all in it', '!a/**'],
    ['there is an exception with a wildcard', '!b/*.js'],
  ])('an excluded directory has to be entered when %s', (_, exception) => {
    expect(DockerIgnore.parse(`a\n${exception}`).mayReincludeBelow('a')).toBe(true);
  });

  test.each([
    ['there is no exception', ''],
    ['the exceptions are elsewhere', '!b/c'],
    ['the exceptions are in a directory of a similar name', '!ab/c'],
  ])('an excluded directory need not be entered when %s', (_, exception) => {
    expect(DockerIgnore.parse(`a\n${exception}`).mayReincludeBelow('a')).toBe(false);
  });
});

describe('patterns that make a Docker build fail', () => {
  test.each(['!', '! ', '!/', '[', '[a', '[]a]', '[a-]', '[-a]', '*[a-]', 'a\\', '!a\\', '.*[a'])('%s is refused when it is read', pattern => {
    expect(() => DockerIgnore.parse(`x\n${pattern}\n`)).toThrow(`Docker refuses the ignore pattern '${pattern.trim()}'`);
  });

  test.each(['\\y*', '\\1*', 'a*[b', '[b-a]', '[[:foo:]]', '{2}{3}*', '\\é*', '[\\b]'])('%s is refused when it is tried', pattern => {
    const ignore = DockerIgnore.parse(pattern);
    expect(() => ignore.excludes('a')).toThrow(`Docker refuses the ignore pattern '${pattern}'`);
  });

  test('a wrong pattern that is never tried is no mistake', () => {
    expect(kept(['!\\y*'], ['a'])).toEqual(['a']);
  });

  test('a pattern that Docker takes and this library does not is said to be so', () => {
    expect(() => DockerIgnore.parse('\\pL*').excludes('a')).toThrow("'\\pL*', or it is not supported here");
  });
});
