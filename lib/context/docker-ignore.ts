import { posix } from 'path';
import { globMatcher } from './glob-matcher';

/**
 * What the patterns say about one path. Handed back in for the paths below it, because the verdict about a path depends on what
 * its parent directory matched.
 */
export interface IgnoreVerdict {
  readonly excluded: boolean;
  /** For each pattern, whether it matched the path or a directory above it. */
  readonly matches: readonly boolean[];
}

/**
 * The patterns of a `.dockerignore`, read and applied as BuildKit does (moby/patternmatcher 0.6, tonistiigi/fsutil).
 *
 * The CDK's `DockerIgnoreStrategy` decides otherwise: it ignores case, it does not look at every parent directory, and it reads some
 * patterns differently. Every oddity kept here decides about files of a real build. Patterns mean what they mean on Linux, on every
 * machine, because the images are built there.
 */
export class DockerIgnore {
  /**
   * Reads the content of a `.dockerignore`.
   *
   * @throws for patterns that make a Docker build fail
   */
  static parse(content: string): DockerIgnore {
    const lines = content.replace(/^\uFEFF/, '').split('\n').map(line => line.replace(/\r$/, ''));
    return new DockerIgnore(lines.filter(line => !line.startsWith('#')).flatMap(readPattern));
  }

  // Where exceptions can bring something back. As soon as one has a wildcard, BuildKit takes that for everywhere.
  private readonly exceptionRoots: readonly string[];
  private readonly exceptionsAnywhere: boolean;

  private constructor(private readonly patterns: readonly Pattern[]) {
    const exceptions = patterns.filter(pattern => pattern.exception);
    this.exceptionRoots = exceptions.map(({ glob }) => glob.replace(/\/\*\*$/, '').replace(/\/\*$/, ''));
    this.exceptionsAnywhere = this.exceptionRoots.some(root => /[*[\]?^\\]/.test(root));
  }

  /**
   * Whether the path is left out of the build context.
   *
   * @param path relative to the context, with slashes
   */
  excludes(path: string): boolean {
    const names = path.split('/');
    let verdict: IgnoreVerdict | undefined;
    for (let depth = 1; depth < names.length; depth++) {
      const directory = names.slice(0, depth).join('/');
      verdict = this.verdict(directory, verdict);
      if (verdict.excluded && !this.mayReincludeBelow(directory)) {
        return true;
      }
    }
    return this.verdict(path, verdict).excluded;
  }

  /**
   * The verdict about a path from the verdict about its parent directory.
   *
   * A pattern that could not change the verdict is not tried and counts as not matched, for the paths below as well. So the
   * patterns `?/c` and `!a` exclude `a/c`: when it was the turn of `a`, there was nothing to except.
   *
   * @param path relative to the context, with slashes
   * @param parent nothing for an entry of the context's root
   */
  verdict(path: string, parent?: IgnoreVerdict): IgnoreVerdict {
    let excluded = false;
    const matches = this.patterns.map((pattern, index) => {
      const matched = parent?.matches[index] || (pattern.exception === excluded && pattern.matches(path));
      if (matched) {
        excluded = !pattern.exception;
      }
      return matched;
    });
    return { excluded, matches };
  }

  /** Whether an excluded directory has to be entered, because an exception may hold for something in it. */
  mayReincludeBelow(directory: string): boolean {
    return this.exceptionsAnywhere || this.exceptionRoots.some(root => `${root}/`.startsWith(`${directory}/`));
  }
}

class Pattern {
  private matcher?: (path: string) => boolean;

  constructor(readonly glob: string, readonly exception: boolean) {}

  matches(path: string): boolean {
    // Not before it is needed: some wrong patterns make Docker fail only when it comes to try them.
    this.matcher ??= compile(this.glob);
    return this.matcher(path);
  }
}

// What Go regards as white space, which is not what JavaScript does (next line, byte order mark).
const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
const SURROUNDING_SPACE = new RegExp(`^${SPACE}|(?<!${SPACE.slice(0, -1)})${SPACE}$`, 'g');

function trim(text: string): string {
  return text.replace(SURROUNDING_SPACE, '');
}

function clean(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, '');
}

/** Docker reads a line twice: the frontend makes it relative to the context, then the matcher trims and cleans it again. */
function readPattern(line: string): Pattern[] {
  let text = trim(line);
  const mark = text.startsWith('!') ? '!' : '';
  text = trim(text.slice(mark.length));
  text = trim(mark + (text && clean(text).replace(/^\/(?=.)/, '')));
  if (!text) {
    return [];
  }
  text = clean(text);
  const exception = text.startsWith('!');
  const glob = exception ? text.slice(1) : text;
  if (!glob || !hasGoodSyntax(glob)) {
    throw new Error(`Docker refuses the ignore pattern '${trim(line)}': ${glob ? 'its syntax is wrong' : 'it excepts nothing'}.`);
  }
  return [new Pattern(glob, exception)];
}

const CLASS_CHARACTER = '(?:\\\\[^]|[^\\]\\\\-])';
const GOOD_CHUNK = new RegExp(`^(?:\\\\[^]|[^\\\\[]|\\[\\^?(?:${CLASS_CHARACTER}(?:-${CLASS_CHARACTER})?)+\\])*$`, 'u');

/**
 * Docker checks the syntax by matching against `.` and gives up at the first mismatch: what stands behind a `*` is checked only if
 * the part before it is one character that can be a dot.
 */
function hasGoodSyntax(glob: string): boolean {
  const chunks = glob.replace(/^\*+/, '').match(/^$|(?:\\[^]?|\[(?:\\[^]?|[^\]\\])*|[^*\\[])+/g) ?? [];
  return GOOD_CHUNK.test(chunks[0] ?? '') && (!/^(?:\\?\.|\?)$/.test(chunks[0] ?? '') || GOOD_CHUNK.test(chunks[1] ?? ''));
}

/** More of them in a regular expression could take minutes for a path. */
const MOST_STARS = 4;

function compile(glob: string): (path: string) => boolean {
  const { kind, source } = translate(glob);
  switch (kind) {
    case 'exact':
      return path => path === glob;
    case 'prefix':
      return path => path.startsWith(glob.slice(0, -2));
    case 'suffix':
      return path => path.endsWith(glob.slice(2)) || `/${path}` === glob.slice(2);
    case 'regexp':
      if (!/[[\]{}|^\\]/.test(glob)) {
        return globMatcher(glob);
      }
      try {
        if ((glob.match(/\*+/g) ?? []).length > MOST_STARS) {
          throw new Error(`beside what is more than stars, at most ${MOST_STARS} of them are`);
        }
        const regexp = goRegExp(source);
        return path => regexp.test(path);
      } catch (error) {
        throw new Error(`Docker refuses the ignore pattern '${glob}', or it is not supported here: ${(error as Error).message}.`);
      }
  }
}

/**
 * The regular expression Docker makes of a pattern, in Go's syntax. It is made without regard to character classes, and leaves
 * `{`, `|`, `}` and `^` as they are, so that they act as operators.
 */
function translate(glob: string): { readonly kind: 'exact' | 'prefix' | 'suffix' | 'regexp'; readonly source: string } {
  const chars = Array.from(glob);
  let kind: ReturnType<typeof translate>['kind'] = 'exact';
  let source = '^';
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i];
    if (char === '*' && chars[i + 1] === '*') {
      const first = i === 0;
      i += chars[i + 2] === '/' ? 2 : 1;
      const last = i === chars.length - 1;
      source += last ? '.*' : '(.*/)?';
      kind = first ? 'suffix' : (last && kind === 'exact' ? 'prefix' : 'regexp');
    } else if (char === '*' || char === '?') {
      source += char === '*' ? '[^/]*' : '[^/]';
      kind = 'regexp';
    } else if (char === '\\' && i + 1 < chars.length) {
      source += char + chars[++i];
      kind = 'regexp';
    } else {
      source += /[.+()$]/.test(char) ? `\\${char}` : char;
      kind = /[[\]]/.test(char) ? 'regexp' : kind;
    }
  }
  return { kind, source: `${source}$` };
}

// What Go's named classes and `\d`, `\s` and `\w` stand for, to be put into brackets.
const SETS: { readonly [name: string]: string } = {
  ...{ d: '0-9', s: '\\t\\n\\f\\r ', w: '0-9A-Z_a-z' },
  ...{ alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\\x00-\\x7f', blank: '\\t ', cntrl: '\\x00-\\x1f\\x7f', digit: '0-9', graph: '!-~' },
  ...{ lower: 'a-z', print: ' -~', punct: '!-\\/:-@\\[-`\\{-~', space: '\\t-\\r ', upper: 'A-Z', word: '0-9A-Z_a-z', xdigit: '0-9A-Fa-f' },
};
const SET = /\[:\^?[a-z]*:\]|\\[DSWdsw]/;
const CHARACTER = /\\x\{[\dA-Fa-f]+\}|\\x[\dA-Fa-f]{2}|\\[^]|[^]/;
const CLASS = /\[\^?\]?(?:\[:\^?[a-z]*:\]|\\[^]|[^\]\\])*\]/;
const REPETITION = /\{(?:0|[1-9]\d*)(?:,(?:0|[1-9]\d*)?)?\}/;
const OPERATORS: { readonly [token: string]: string } = {
  ...{ '*': '*', '?': '?', '(': '(', ')': ')', '|': '|', '.': '[^\\n]' },
  // In groups, because Go can repeat them and JavaScript cannot.
  ...{ '^': '(?:^)', '$': '(?:$)', '\\A': '(?:^)', '\\z': '(?:$)', '\\b': '(?:\\b)', '\\B': '(?:\\B)' },
};
// Letters that stand for a control character behind a backslash, with its number.
const CONTROLS: { readonly [escape: string]: string } = { a: '7', f: 'c', n: 'a', r: 'd', t: '9', v: 'b' };

/** Go's regular expression in JavaScript, as far as ignore patterns reach; an error for the escapes `\p`, `\Q` and `\0`. */
function goRegExp(source: string): RegExp {
  const tokens = new RegExp([CLASS, REPETITION, SET, CHARACTER].map(({ source: token }) => token).join('|'), 'gu');
  return new RegExp(source.replace(tokens, token => {
    if (token.startsWith('[')) {
      return goClass(token);
    }
    const operator = /^\{./.test(token) ? token : OPERATORS[token];
    return operator ?? (SET.test(token) ? goSet(token) : goCharacter(token));
  }), 'v');
}

function goClass(token: string): string {
  if (!token.endsWith(']')) {
    throw new Error('a class has no end');
  }
  const negation = token.startsWith('[^') ? '^' : '';
  const items = new RegExp(`(${SET.source})|(${CHARACTER.source})(?:-(${CHARACTER.source}))?`, 'gu');
  const body = token.slice(1 + negation.length, -1).replace(items, (_, set?: string, from?: string, to?: string) => {
    return set ? goSet(set) : [from, to].flatMap(character => character ? [goCharacter(character)] : []).join('-');
  });
  return `[${negation}${body}]`;
}

function goSet(token: string): string {
  const name = token.replace(/\W/g, '');
  const set = SETS[name.length === 1 ? name.toLowerCase() : name];
  if (!set) {
    throw new Error(`there is no class '${token}'`);
  }
  return `[${token.includes('^') || /[DSW]/.test(name) ? '^' : ''}${set}]`;
}

function goCharacter(token: string): string {
  const escaped = token.length > 1 && token.startsWith('\\') ? token.slice(1) : '';
  const hex = /^x\{?([\dA-Fa-f]+)/.exec(escaped)?.[1] ?? CONTROLS[escaped];
  if (!hex && /[\dA-Za-z]|[^\0-\x7f]/.test(escaped)) {
    throw new Error(`'${token}' is no escape`);
  }
  return `\\u{${hex ?? (escaped || token).codePointAt(0)!.toString(16)}}`;
}
