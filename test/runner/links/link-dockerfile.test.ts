import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../../lib/dockerfile/dockerfile-instruction';
import { UserNames } from '../../../runner/layers/user-names';
import { Destination, linkDockerfile, textOf } from '../../../runner/links/link-dockerfile';
import { trailingCopies } from '../../../runner/links/trailing-copies';

const NAMES: UserNames = { users: { node: [1000, 1001] }, groups: { web: 33 } };

interface Options {
  /** By the line of the copy. */
  readonly destinations?: { readonly [line: number]: Destination };
  readonly names?: UserNames;
  readonly target?: string;
}

function link(content: string, { destinations = {}, names, target }: Options = {}) {
  const dockerfile = Dockerfile.parse(content);
  expect(dockerfile.isKnown).toBe(true);
  const { copies } = trailingCopies(dockerfile, target);
  expect(copies.length).toBeGreaterThan(0);
  const byText = Object.fromEntries(copies.flatMap(({ instruction }) => {
    const destination = destinations[instruction.line];
    return destination ? [[textOf(instruction), destination]] : [];
  }));
  return linkDockerfile(dockerfile, copies, { destinations: byText, names });
}

/** The Dockerfile, which has to have all lines where they were, and the same instructions but for what linking changes. */
function linked(content: string, options: Options = {}): string {
  const result = link(content, options);
  if ('obstacle' in result) throw new Error(result.obstacle);
  expect(result.content.split('\n')).toHaveLength(content.split('\n').length);
  const [before, after] = [content, result.content].map((text) => Dockerfile.parse(text));
  expect(after.isKnown).toBe(true);
  const { copies } = trailingCopies(before, options.target);
  const changed = copies.map(({ instruction: { line } }) => line);
  const removed = copies.flatMap(({ workdirsBehind }) => workdirsBehind.map(({ line }) => line));
  const all = (dockerfile: Dockerfile) => dockerfile.stages.flatMap(({ instructions }) => [...instructions]);
  const kept = all(before).filter(({ line }) => !removed.includes(line));
  expect(all(after).map(({ line, keyword }) => [line, keyword])).toEqual(kept.map(({ line, keyword }) => [line, keyword]));
  for (const [index, instruction] of all(after).entries()) {
    const old = kept[index];
    expect(instruction.documents).toEqual(old.documents);
    if (!changed.includes(old.line)) {
      expect([instruction.flags, instruction.words, instruction.rest]).toEqual([old.flags, old.words, old.rest]);
      continue;
    }
    expect(instruction.words.slice(0, -1)).toEqual(old.words.slice(0, -1));
    expect(instruction.isJson).toBe(old.isJson);
    expect(others(instruction)).toEqual(others(old));
    expect(instruction.flags.filter(({ name }) => name === 'link')).toHaveLength(1);
    expect(instruction.flags.some(({ name }) => name === 'chmod')).toBe(false);
  }
  return result.content;
}

function others({ flags }: DockerfileInstruction) {
  return flags.filter(({ name }) => !['link', 'chmod', 'chown'].includes(name));
}

/** A single copy behind a FROM. */
const one = (copy: string, options: Options = {}) => linked(`FROM a\n${copy}`, options).slice('FROM a\n'.length);
const obstacle = (content: string, options: Options = {}) => (link(content, options) as { obstacle: string }).obstacle;

describe('every kind of copy is linked', () => {
  test.each([
    ['COPY a /b', 'COPY --link a /b'],
    ['copy a /b', 'copy --link a /b'],
    ['ADD a b /c/', 'ADD --link a b /c/'],
    ['COPY\ta\t/b', 'COPY --link\ta\t/b'],
    ['  COPY   a   /b  ', '  COPY --link   a   /b  '],
    ['COPY --from=x /a /b', 'COPY --link --from=x /a /b'],
    ['COPY --link a /b', 'COPY --link a /b'],
    ['COPY --link=true a /b', 'COPY --link=true a /b'],
    ['COPY --parents --exclude=*.md a /b', 'COPY --link --parents --exclude=*.md a /b'],
    ['ADD --unpack=false a.tar /b', 'ADD --link --unpack=false a.tar /b'],
    ['COPY ["a b", "/c d"]', 'COPY --link ["a b", "/c d"]'],
    ['COPY "a" "/b"', 'COPY --link "a" "/b"'],
    ['COPY a ${DIR}/b', 'COPY --link a ${DIR}/b'],
    ['COPY a .', 'COPY --link a .'],
    ['COPY a \\\n  b \\\n  /c', 'COPY --link a \\\n  b \\\n  /c'],
    ['COPY \\\n  a \\\n# with a comment\n\n  # and another\n  /c', 'COPY --link \\\n  a \\\n# with a comment\n\n  # and another\n  /c'],
    ['COPY a /b\r\nCMD x\r', 'COPY --link a /b\r\nCMD x\r'],
    ['COPY a \\\r\n  /b\r\nCMD x', 'COPY --link a \\\r\n  /b\r\nCMD x'],
    ['COPY <<EOF /b\nCOPY a /c \\\n# EOF\nEOF\nCMD x', 'COPY --link <<EOF /b\nCOPY a /c \\\n# EOF\nEOF\nCMD x'],
    ['COPY <<-"A" <<B /b/\n\tone\n\tA\ntwo\nB', 'COPY --link <<-"A" <<B /b/\n\tone\n\tA\ntwo\nB'],
    ['COPY --from=x \\\n <<EOF /b\nx\nEOF', 'COPY --link --from=x \\\n <<EOF /b\nx\nEOF'],
    ['ONBUILD COPY x /y\nCOPY a /b\nONBUILD COPY x /y', 'ONBUILD COPY x /y\nCOPY --link a /b\nONBUILD COPY x /y'],
  ])('%j', (before, after) => {
    expect(one(before)).toBe(after);
  });

  test('with a backtick that ends lines', () => {
    expect(linked('# escape=`\nFROM a\nCOPY --chown=node a `\n  /b\nCOPY c:\\d `\n# comment\n  .\\e\n', { names: NAMES }))
      .toBe('# escape=`\nFROM a\nCOPY --link --chown=1000:1001 a `\n  /b\nCOPY --link c:\\d `\n# comment\n  .\\e\n');
    expect(linked('# syntax=docker/dockerfile:1\n#ESCAPE = `\nFROM a\nCOPY a `\n  /b', { destinations: { 4: { isDirectory: true } } }))
      .toBe('# syntax=docker/dockerfile:1\n#ESCAPE = `\nFROM a\nCOPY --link a `\n  /b/');
  });

  test('and not with one that only a comment speaks of', () => {
    expect(linked('FROM a\n# escape=`\nCOPY a \\\n  /b\n', { destinations: { 3: { isDirectory: true } } })).toBe('FROM a\n# escape=`\nCOPY --link a \\\n  /b/\n');
    expect(linked('# comment\n# escape=`\nFROM a\nCOPY a \\\n  /b\n', { destinations: { 4: { isDirectory: true } } })).toBe('# comment\n# escape=`\nFROM a\nCOPY --link a \\\n  /b/\n');
  });

  test('at the end of the stage that is built, and nowhere else', () => {
    expect(linked('FROM a AS x\nCOPY a /\nRUN y\nCOPY b /\nFROM x\nCOPY c /\nRUN z\nCOPY d /\nCOPY e /\nCMD f\n')).toBe(
      'FROM a AS x\nCOPY a /\nRUN y\nCOPY b /\nFROM x\nCOPY c /\nRUN z\nCOPY --link d /\nCOPY --link e /\nCMD f\n');
    expect(linked('FROM a AS x\nCOPY a /\nRUN y\nCOPY b /\nFROM x\nCOPY c /\n', { target: 'X' })).toBe('FROM a AS x\nCOPY a /\nRUN y\nCOPY --link b /\nFROM x\nCOPY c /\n');
  });
});

describe('an owner', () => {
  test.each([
    ['--chown=node', '--chown=1000:1001'],
    ['--chown=node:web', '--chown=1000:33'],
    ['--chown=5:web', '--chown=5:33'],
    ['--chown=5', '--chown=5'],
    ['--chown=5:6', '--chown=5:6'],
    ['--chown=root', '--chown=root'],
    ['--chown=$OWNER', '--chown=$OWNER'],
    ['--chown=${U}:web', '--chown=${U}:web'],
  ])('%s becomes %s', (before, after) => {
    expect(one(`COPY ${before} a /b`, { names: NAMES })).toBe(`COPY --link ${after} a /b`);
  });

  test('is changed in its flag, not in a comment, a source or another copy', () => {
    expect(one('COPY \\\n# --chown=node is not root\n --chown=node \\\n --from=x --chown=node /b', { names: NAMES }))
      .toBe('COPY --link \\\n# --chown=node is not root\n --chown=1000:1001 \\\n --from=x --chown=node /b');
    expect(one('COPY --chown=node a /b\nCOPY --chown=5 b /b', { names: NAMES })).toBe('COPY --link --chown=1000:1001 a /b\nCOPY --link --chown=5 b /b');
  });

  test('that nobody knows is an obstacle', () => {
    expect(obstacle('FROM a\n\nCOPY --chown=nobody a /b', { names: NAMES })).toBe('the owner nobody of the COPY in line 3 is nobody that the layers below know');
    expect(obstacle('FROM a\nADD --chown=node a /b')).toBe('the owner node of the ADD in line 2 is nobody that the layers below know');
  });

  test('of a copy that the Dockerfile links stays as it is', () => {
    expect(one('COPY --link --chown=node a /b')).toBe('COPY --link --chown=node a /b');
  });
});

describe('a mode is left out', () => {
  test.each([
    ['COPY --chmod=755 a /b', 'COPY --link  a /b'],
    ['COPY --from=x --chmod=0644 --chown=5 a /b', 'COPY --link --from=x  --chown=5 a /b'],
    ['COPY --chmod=755\\\n a /b', 'COPY --link \\\n a /b'],
    ['COPY --chmod=755 \\\n a /b', 'COPY --link  \\\n a /b'],
    ['COPY \\\n# --chmod=755 makes it run\n  --chmod=755 a /b', 'COPY --link \\\n# --chmod=755 makes it run\n   a /b'],
    ['COPY --link --chmod=755 a /b', 'COPY --link  a /b'],
    ['COPY --chmod=755 ["a", "/b"]', 'COPY --link  ["a", "/b"]'],
  ])('of %j', (before, after) => {
    expect(one(before)).toBe(after);
  });

  test('and not what looks like one', () => {
    expect(one('COPY a --chmod=755 /b')).toBe('COPY --link a --chmod=755 /b');
  });
});

describe('a WORKDIR behind a copy', () => {
  test('is left out, and its line stays', () => {
    expect(linked('FROM a\nCOPY a /b\nWORKDIR /x\nCMD y')).toBe('FROM a\nCOPY --link a /b\n\nCMD y');
    expect(linked('FROM a\nCOPY a /b\n  WORKDIR /x')).toBe('FROM a\nCOPY --link a /b\n');
    expect(linked('FROM a\nWORKDIR /w\nCOPY a /b\nWORKDIR /x\r\nUSER y\r\nWORKDIR /z\r\n')).toBe('FROM a\nWORKDIR /w\nCOPY --link a /b\n\nUSER y\r\n\n');
  });

  test('is left out with all of its lines', () => {
    expect(linked('FROM a\nCOPY a /b\nWORKDIR \\\n# here\n  /x\nCMD y')).toBe('FROM a\nCOPY --link a /b\n\n\n\nCMD y');
  });

  test.each([
    ['.', '/x/'], ['./', '/x/'], ['..', '/'], ['a', '/x/a'], ['a/', '/x/a/'], ['./a/.', '/x/a/'], ['../a', '/a'], ['a/..', '/x/'], ['../../..', '/'], ['/a', '/a'], ['/', '/'],
    ['"a"', '"/x/a"'], ['\'a b/\'', undefined], ['"."', '"/x/"'], ['/$A', '/$A'],
  ])('is where a later copy to %s goes: %s', (written, wanted) => {
    const dockerfile = `FROM a\nCOPY a /b\nWORKDIR /x\nCOPY c ${written}`;
    if (wanted !== undefined) expect(linked(dockerfile)).toBe(`FROM a\nCOPY --link a /b\n\nCOPY --link c ${wanted}`);
  });

  test('is where a later copy in JSON goes', () => {
    expect(linked('FROM a\nCOPY a /b\nWORKDIR /x\nCOPY ["c d", "e f"]')).toBe('FROM a\nCOPY --link a /b\n\nCOPY --link ["c d", "/x/e f"]');
    expect(linked('FROM a\nCOPY a /b\nWORKDIR /x\nCOPY [ "c" , \\\n  "." ]\n')).toBe('FROM a\nCOPY --link a /b\n\nCOPY --link [ "c" , \\\n  "/x/" ]\n');
  });

  test('is where a copy goes that the Dockerfile links', () => {
    expect(linked('FROM a\nCOPY a /b\nWORKDIR /x\nCOPY --link c d')).toBe('FROM a\nCOPY --link a /b\n\nCOPY --link c /x/d');
  });

  test.each(['$A', '${A}/b', '"$A"', 'a\\b'])('is an obstacle to a later copy to %s', (written) => {
    expect(obstacle(`FROM a\nCOPY a /b\nWORKDIR /x\nCOPY c ${written}`)).toBe('where the COPY in line 4 goes can only be said with the layers below');
  });
});

describe('a destination', () => {
  const to = (written: string, destination: Destination) => one(`COPY a ${written}`, { destinations: { 2: destination } }).slice('COPY --link a '.length);

  test.each([
    ['/b', '/b/'], ['/b/', '/b/'], ['b', 'b/'], ['.', './'], ['"/b"', '"/b/"'], ['\'/b\'', '\'/b/\''], ['$B', '$B/'], ['${B}', '${B}/'], ['"${B:-/c}"', '"${B:-/c}/"'], ['\\\n  /b', '\\\n  /b/'], ['/b \t', '/b/ \t'],
  ])('that is a directory ends with a slash: %s', (before, after) => {
    expect(to(before, { isDirectory: true })).toBe(after);
  });

  test.each([
    ['/b', '/c'], ['/b/', '/c/'], ['/b/.', '/c/'], ['b', '/c'], ['"/b"', '"/c"'], ['\'/b/\'', '\'/c/\''],
  ])('behind a link is where it leads: %s', (before, after) => {
    expect(to(before, { path: '/c' })).toBe(after);
  });

  test('behind a link may be a directory', () => {
    expect(to('/b', { path: '/c', isDirectory: true })).toBe('/c/');
    expect(to('b/', { path: '/c', isDirectory: true })).toBe('/c/');
    expect(to('"/b"', { path: '/c', isDirectory: true })).toBe('"/c/"');
  });

  test('may be one of several', () => {
    expect(linked('FROM a\nCOPY b b /b\nCOPY c /c\nCOPY b b /b2', { destinations: { 2: { isDirectory: true }, 4: { path: '/d' } } }))
      .toBe('FROM a\nCOPY --link b b /b/\nCOPY --link c /c\nCOPY --link b b /d');
  });

  test('may be the last string of JSON', () => {
    expect(one('COPY ["/b", "/b"]', { destinations: { 2: { isDirectory: true } } })).toBe('COPY --link ["/b", "/b/"]');
    expect(one('COPY ["a", "/b c" ] ', { destinations: { 2: { path: '/d' } } })).toBe('COPY --link ["a", "/d" ] ');
  });

  test('before a here-document', () => {
    expect(one('COPY <<EOF /b\n/b\nEOF', { destinations: { 2: { isDirectory: true } } })).toBe('COPY --link <<EOF /b/\n/b\nEOF');
  });

  test('where carriage returns end lines', () => {
    expect(one('COPY a \\\r\n  /b\r\nCMD x', { destinations: { 2: { isDirectory: true } } })).toBe('COPY --link a \\\r\n  /b/\r\nCMD x');
  });

  test.each(['$B', '"${B}"', 'b\\c'])('of %s, which only BuildKit knows, cannot be another one', (written) => {
    expect(obstacle(`FROM a\nCOPY a ${written}`, { destinations: { 2: { path: '/c' } } })).toBe('where the COPY in line 2 goes can only be said with the layers below');
  });

  test.each(['/c d', '/$c', '/c"', '/c\'d', '/c\\d', '/`c`', '/c\nRUN evil', '/c\r', '/c\t', '/c\u2028'])('cannot be %j, which would be taken for something else', (path) => {
    for (const copy of ['COPY a /b', 'COPY "a" "/b"', 'COPY ["a", "/b"]', 'COPY a b']) {
      expect(obstacle(`FROM a\n${copy}`, { destinations: { 2: { path } } })).toBe('where the COPY in line 2 goes can only be said with the layers below');
    }
  });

  test.each(['COPY a /b\\\n/c', 'COPY ["a", "\\/b"]', 'COPY ["a", "\\u002fb"]', 'COPY a /b \\\n\n\nCMD x'])('that is written in an odd way is an obstacle: %j', (copy) => {
    const result = link(`FROM a\n${copy}`, { destinations: { 2: { path: '/d' } } });
    if ('content' in result) expect(Dockerfile.parse(result.content).stage()!.instructions[0].words.at(-1)).toBe('/d');
    else expect(result.obstacle).toBe('the destination of the COPY in line 2 is written in a way that is not understood');
  });
});

test('an instruction is known again by its text, whatever its lines are', () => {
  const text = (copy: string) => textOf(Dockerfile.parse(`FROM a\n${copy}`).stage()!.instructions[0]);
  expect(text('copy   --chown=5   a \\\n# comment\n /b')).toBe('COPY --chown=5 a  /b');
  expect(text('COPY --link --from=x a /b')).toBe('COPY --link --from=x a /b');
  expect(text('COPY ["a", "/b"]')).toBe('COPY ["a", "/b"]');
});

test('5,000 copies are linked at once', () => {
  const dockerfile = Dockerfile.parse(`FROM a\n${Array.from({ length: 5000 }, (_, index) => `COPY --chmod=755 --chown=node some/file-${index} /some/where/${index}\n`).join('')}`);
  const { copies } = trailingCopies(dockerfile);
  const started = Date.now();
  const result = linkDockerfile(dockerfile, copies, { destinations: {}, names: NAMES });
  expect((result as { content: string }).content.match(/--link --chown/g) ?? (result as { content: string }).content.match(/--link/g)).toHaveLength(5000);
  expect(Date.now() - started).toBeLessThan(5000);
});
