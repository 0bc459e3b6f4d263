import { Dockerfile } from '../../../lib/dockerfile/dockerfile';
import { copiesAfterLastRun, modeOf, trailingCopies, workdirOf } from '../../../runner/links/trailing-copies';

const parse = (...lines: string[]) => Dockerfile.parse(lines.join('\n'));

function found(lines: readonly string[], target?: string) {
  const { copies, obstacle } = trailingCopies(parse(...lines), target);
  return { lines: copies.map(({ instruction }) => instruction.line), obstacle };
}

const inFront = (instruction: string) => found(['FROM a', 'COPY a /a', instruction, 'COPY b /b']);
const NOTHING = 'the stage that is built copies nothing';

describe('the trailing copies', () => {
  test('are those behind the last RUN', () => {
    expect(found(['FROM a', 'COPY a .', 'RUN make', 'COPY b .', 'ADD c .'])).toEqual({ lines: [4, 5], obstacle: undefined });
  });

  test('are all where there is no RUN', () => {
    expect(found(['FROM a', 'COPY a .', 'COPY b .'])).toEqual({ lines: [2, 3], obstacle: undefined });
  });

  test('are those of the last stage, or of the target', () => {
    const dockerfile = ['FROM a AS One', 'COPY a .', 'FROM b', 'COPY b .', 'COPY c .'];
    expect(found(dockerfile).lines).toEqual([4, 5]);
    expect(found(dockerfile, 'one').lines).toEqual([2]);
    expect(found(dockerfile, '0').lines).toEqual([2]);
    expect(found(dockerfile, 'two')).toEqual({ lines: [], obstacle: 'the Dockerfile has no such stage' });
  });

  test('have instructions that only configure between and behind them', () => {
    expect(found([
      'FROM a', 'COPY a /', 'ENV X=1', 'ARG Y', 'USER node', 'EXPOSE 80', 'VOLUME /data', 'LABEL a=b', 'COPY b /', 'STOPSIGNAL 9', 'HEALTHCHECK NONE', 'SHELL ["sh"]',
      'ONBUILD RUN make', 'ONBUILD COPY x y', 'ENTRYPOINT ["a"]', 'CMD ["b"]',
    ])).toEqual({ lines: [2, 9], obstacle: undefined });
  });

  test('are none where none is copied', () => {
    expect(found(['FROM a'])).toEqual({ lines: [], obstacle: NOTHING });
    expect(found(['FROM a', 'RUN make', 'WORKDIR /x', 'CMD x'])).toEqual({ lines: [], obstacle: NOTHING });
    expect(found(['FROM a', 'COPY a .', 'FROM b'])).toEqual({ lines: [], obstacle: NOTHING });
  });

  test('are none where the last RUN comes behind them', () => {
    expect(found(['FROM a', 'COPY a .', 'RUN make', 'CMD x'])).toEqual({ lines: [], obstacle: 'the RUN in line 3 needs all layers below it, and the copies before it' });
  });

  test('are unknown in a Dockerfile that is not understood, or too old for them', () => {
    expect(found(['# syntax=example/frontend', 'FROM a', 'COPY a .']).obstacle).toContain('the frontend example/frontend');
    expect(found(['# syntax=docker/dockerfile:1.2', 'FROM a', 'COPY a .']).obstacle).toContain('is too old to know --link');
    expect(copiesAfterLastRun(parse('# syntax=example/frontend', 'FROM a', 'COPY a .'))).toEqual([]);
  });
});

describe('what cannot be linked ends them', () => {
  test.each([
    ['COPY --link=false x /x', 'the COPY in line 3 says --link=false'],
    ['COPY --link=0 x /x', 'the COPY in line 3 says --link=0'],
    ['COPY --chmod=u+x x /x', 'the COPY in line 3 has a mode that only BuildKit can work out, --chmod=u+x'],
    ['COPY --chmod=$MODE x /x', 'the COPY in line 3 has a mode that only BuildKit can work out, --chmod=$MODE'],
    ['COPY --chmod=00755 x /x', 'the COPY in line 3 has a mode that only BuildKit can work out, --chmod=00755'],
    ['COPY --chmod=855 x /x', 'the COPY in line 3 has a mode that only BuildKit can work out, --chmod=855'],
    ['WORKDIR sub', 'the WORKDIR in line 3 comes after copies and needs all layers below it'],
    ['WORKDIR $HOME', 'the WORKDIR in line 3 comes after copies and needs all layers below it'],
    ['WORKDIR "/x"', 'the WORKDIR in line 3 comes after copies and needs all layers below it'],
    ['WORKDIR /x y', 'the WORKDIR in line 3 comes after copies and needs all layers below it'],
  ])('%s', (instruction, obstacle) => {
    expect(inFront(instruction)).toEqual({ lines: [4], obstacle });
  });

  test('and is the reason where nothing is copied behind it', () => {
    expect(found(['FROM a', 'COPY --link=false x /x', 'CMD x'])).toEqual({ lines: [], obstacle: 'the COPY in line 2 says --link=false' });
    expect(found(['FROM a', 'COPY x /x', 'WORKDIR sub'])).toEqual({ lines: [], obstacle: 'the WORKDIR in line 3 comes after copies and needs all layers below it' });
  });

  test('and is no matter where nothing is copied before it', () => {
    expect(found(['FROM a', 'WORKDIR sub', 'COPY . .'])).toEqual({ lines: [3], obstacle: undefined });
    expect(found(['FROM a', 'RUN x', 'WORKDIR $LAMBDA_TASK_ROOT', 'COPY . .'])).toEqual({ lines: [4], obstacle: undefined });
  });
});

test.each([
  'COPY --link x /x', 'COPY --link=true x /x', 'COPY --from=b --chown=1 --chmod=755 --exclude=*.md --parents x /x', 'ADD --unpack=false x /x', 'COPY https://x /x', 'ADD x $DIR',
  'ADD https://example.com/x /x', 'ADD --checksum=sha256:0 $URL /x', 'ADD --keep-git-dir=true git@example.com:a/b /x', 'ADD ["https://example.com/x", "/x"]',
  'ADD <<EOF /x\nhttps://example.com\nEOF', 'COPY ["a b", "/x"]', 'copy x /x', 'WORKDIR /x', 'WORKDIR /x/../y-1.0/@a+b',
])('%s can be linked, or needs not to be', (instruction) => {
  expect(inFront(instruction).obstacle).toBeUndefined();
  expect(inFront(instruction).lines[0]).toBe(2);
});

describe('a copy', () => {
  const flagsOf = (instruction: string) => trailingCopies(parse('FROM a', instruction)).copies[0];

  test.each([['--link', true], ['--link=true', true], ['--link=TRUE', true], ['--link=1', true], ['', false], ['--link --chmod=755', false], ['--chown=1 --link', true]])(
    'with %p is linked: %p', (flags, isLinked) => {
      expect(flagsOf(`COPY ${flags} a /b`).isLinked).toBe(isLinked);
    });

  test('has a mode where it is written as a number', () => {
    const modes = ['--chmod=755', '--chmod=0644', '--chmod=4755', '--chmod=0', '--chmod=+x', '--chmod=07777', '--chmod=', ''];
    expect(modes.map((flag) => modeOf(parse('FROM a', `COPY ${flag} a /b`).stage()!.instructions[0]))).toEqual([0o755, 0o644, 0o4755, 0, undefined, undefined, undefined, undefined]);
  });

  test('has the WORKDIRs behind it, and the one in force', () => {
    const { copies } = trailingCopies(parse('FROM a', 'WORKDIR /before', 'COPY a .', 'WORKDIR /one', 'WORKDIR /two', 'COPY b .', 'COPY c .', 'WORKDIR /three/', 'CMD x'));
    expect(copies.map(({ workdir, workdirsBehind }) => [workdir, workdirsBehind.map(({ line }) => line)])).toEqual([[undefined, [4, 5]], ['/two', []], ['/two', [8]]]);
  });
});

test('the directory of a WORKDIR is known where it is plain', () => {
  const directories = ['/x', '/x/', '/x//y/../z', '/', ' /x ', '/x\\\n/y', 'x', '"/x"', '["/x"]', '/x$Y', '/x y', '/ü', '/a:b'];
  expect(directories.map((directory) => workdirOf(parse('FROM a', `WORKDIR ${directory}`).stage()!.instructions[0])))
    .toEqual(['/x', '/x', '/x/z', '/', '/x', '/x/y', ...Array(7).fill(undefined) as undefined[]]);
});

test('all copies behind the last RUN are those after it, whether they can be linked or not', () => {
  const after = (...lines: string[]) => copiesAfterLastRun(parse(...lines)).map(({ instruction }) => instruction.line);
  expect(after('FROM a', 'COPY a .', 'RUN x', 'COPY --link=false b .', 'WORKDIR sub', 'ADD https://x .', 'COPY c .')).toEqual([4, 6, 7]);
  expect(after('FROM a', 'COPY a .')).toEqual([2]);
  expect(after('FROM a', 'COPY a .', 'RUN x')).toEqual([]);
  expect(after('FROM a')).toEqual([]);
  expect(copiesAfterLastRun(parse('FROM a AS one', 'COPY a .', 'FROM b'), 'one')).toHaveLength(1);
  expect(copiesAfterLastRun(parse('FROM a'), 'none')).toEqual([]);
});

test('5,000 copies are found at once', () => {
  const dockerfile = parse('FROM a', ...Array.from({ length: 5000 }, (_, index) => `COPY ${index} /${index}`));
  const started = Date.now();
  expect(trailingCopies(dockerfile).copies).toHaveLength(5000);
  expect(Date.now() - started).toBeLessThan(1000);
});

test('a stage that only sets the configuration has the copies of the one that it starts from', () => {
  const dockerfile = ['FROM a AS b', 'RUN x', 'COPY c .', 'FROM b AS d', 'ENV E=f', 'FROM d', 'CMD g'];
  expect(found(dockerfile)).toEqual({ lines: [3], obstacle: undefined });
  expect(found(dockerfile, 'b')).toEqual({ lines: [3], obstacle: undefined });
  expect(copiesAfterLastRun(parse(...dockerfile))).toHaveLength(1);
  expect(found([...dockerfile, 'COPY h .'])).toEqual({ lines: [8], obstacle: undefined });
});
