import { Dockerfile } from '../../lib/dockerfile/dockerfile';

const STAGES = 'ARG V=1\nFROM a:$V AS Build\nRUN x\nFROM build\nFROM b as last\nCOPY a b';

describe('stages', () => {
  test.each(['build', 'BUILD', 'last', '0', '1', '2'])('%s is a stage, by its name in any case or its index', (name) => {
    expect(Dockerfile.parse(STAGES).hasStage(name)).toBe(true);
  });

  test.each(['', 'buil', '3', '-1', '01x', 'a'])('%j is none', (name) => {
    expect(Dockerfile.parse(STAGES).hasStage(name)).toBe(false);
  });

  test('all that have a name are listed in lower case', () => {
    expect(Dockerfile.parse(STAGES).stageNames).toEqual(['build', 'last']);
  });

  test('a name that is a number counts before the index', () => {
    expect(Dockerfile.parse('FROM a\nFROM b AS 0').stage('0')?.base).toBe('b');
  });

  test('without a name, it is the last one', () => {
    expect(Dockerfile.parse(STAGES).stage()?.base).toBe('b');
  });

  test('FROM and --from see only those before their own', () => {
    const dockerfile = Dockerfile.parse('FROM a AS x\nFROM x AS x\nFROM b AS y');
    expect(dockerfile.stageBefore(dockerfile.stages[1], 'X', { byIndex: false })?.index).toBe(0);
    expect(dockerfile.stageBefore(dockerfile.stages[0], 'x', { byIndex: false })).toBeUndefined();
    expect(dockerfile.stageBefore(dockerfile.stages[2], '0', { byIndex: true })?.index).toBe(0);
    expect(dockerfile.stageBefore(dockerfile.stages[2], '0', { byIndex: false })).toBeUndefined();
  });
});

describe('instructions', () => {
  test.each([
    ['flags come before the words', 'COPY --from=0 --link a --b c', [{ name: 'from', value: '0' }, { name: 'link', value: '' }], ['a', '--b', 'c']],
    ['lines are joined without the comments and blank lines between them', 'COPY a \\\n # no\n\n  b \\\n  c', [], ['a', 'b', 'c']],
    ['JSON holds words with spaces', 'COPY --link ["a b", "c"]', [{ name: 'link', value: '' }], ['a b', 'c']],
    ['what is no JSON is words', 'COPY [a] b', [], ['[a]', 'b']],
    ['keywords are in any case', 'copy a b', [], ['a', 'b']],
    ['a keyword may stand behind spaces', '  COPY a b', [], ['a', 'b']],
    ['lines may end with a carriage return', 'COPY a \\\r\n  b\r\n', [], ['a', 'b']],
  ])('%s', (_, text, flags, words) => {
    expect(Dockerfile.parse(`FROM a\n${text}`).stages[0].instructions).toMatchObject([{ keyword: 'COPY', line: 2, flags, words }]);
  });

  test('another escape character is that of the directive', () => {
    const [copy] = Dockerfile.parse('# escape=`\nFROM a\nCOPY a\\ `\n  b').stages[0].instructions;
    expect(copy.words).toEqual(['a\\', 'b']);
  });

  test('here-documents are not instructions', () => {
    const { instructions } = Dockerfile.parse('FROM a\nCOPY <<-"A B" <<C /d/\nx\nC\nC\nRUN y').stages[0] ?? { instructions: [] };
    expect(instructions).toEqual([]); // a name with a space is not understood
    const understood = Dockerfile.parse('FROM a\nCOPY <<-"A" <<C /d/\nCOPY x y\n\tA\nFROM z\nC\nRUN y').stages[0].instructions;
    expect(understood.map(({ keyword, line, documents }) => [keyword, line, documents])).toEqual([['COPY', 2, ['COPY x y', 'FROM z']], ['RUN', 7, []]]);
  });

  test('the end of the keyword is where a flag can be put', () => {
    const content = '\ufeff# comment\n\nFROM a\r\n  COPY \\\n a b';
    const [copy] = Dockerfile.parse(content).stages[0].instructions;
    expect(content.slice(0, copy.keywordEnd)).toBe('\ufeff# comment\n\nFROM a\r\n  COPY');
  });
});

describe('what is not understood', () => {
  test.each([
    ['an empty file', ''],
    ['no Dockerfile', 'hello world'],
    ['an unknown instruction', 'FROM a\nFOO b'],
    ['an instruction before FROM', 'RUN a\nFROM b'],
    ['an instruction without anything', 'FROM a\nCOPY'],
    ['the frontend of somebody else', '# syntax=foo/bar\nFROM a'],
    ['a frontend that a digest names', `# syntax=docker/dockerfile@sha256:${'0'.repeat(64)}\nFROM a`],
    ['a frontend named after a program', '#!/usr/bin/env x\n# syntax=foo/bar\nFROM a'],
    ['two escape characters at the end of a line', 'FROM a\nCOPY b \\\\\nCOPY c d'],
    ['a here-document for a descriptor', 'FROM a\nRUN cat 0<<EOF\nCOPY a b\nEOF'],
    ['a here-document that does not end', 'FROM a\nRUN cat <<EOF\nCOPY a b'],
    ['a keyword on two lines', 'FROM a\nCO\\\nPY a b'],
  ])('%s: nothing is claimed', (_, content) => {
    const dockerfile = Dockerfile.parse(content);
    expect(dockerfile.isKnown).toBe(false);
    expect(dockerfile.stages).toEqual([]);
    expect(dockerfile.hasStage('anything')).toBe(true);
    expect(dockerfile.whyNoLink).toBeDefined();
  });

  test('a build argument chooses the frontend', () => {
    expect(Dockerfile.parse('FROM a', { buildArgs: { BUILDKIT_SYNTAX: 'foo/bar' } }).isKnown).toBe(false);
    expect(Dockerfile.parse('# syntax=foo/bar\nFROM a', { buildArgs: { BUILDKIT_SYNTAX: 'docker/dockerfile:1' } }).isKnown).toBe(true);
  });
});

describe('--link', () => {
  test.each(['docker/dockerfile:1', 'docker/dockerfile', 'docker.io/docker/dockerfile:1.4', 'docker/dockerfile:1.7-labs', 'docker/dockerfile:1.10.0',
    `docker/dockerfile:1.9@sha256:${'0'.repeat(64)}`, 'docker/dockerfile-upstream:master'])('%s knows it', (syntax) => {
    expect(Dockerfile.parse(`# syntax=${syntax}\nFROM a`)).toMatchObject({ isKnown: true, whyNoLink: undefined });
  });

  test.each(['docker/dockerfile:1.3', 'docker/dockerfile:1.2.1', 'docker/dockerfile:1.0'])('%s does not', (syntax) => {
    expect(Dockerfile.parse(`# Syntax = ${syntax}\nFROM a`)).toMatchObject({ isKnown: true, whyNoLink: expect.stringContaining('too old') });
  });
});
