import { Log } from '../../../runner/report/log';
import { collectedLog } from '../testhelpers/collected-log';

/** What is shown of a line. */
function shown(text: string): string {
  const { log, lines } = collectedLog();
  log.line(text);
  expect(lines).toHaveLength(1);
  return lines[0];
}

test('what looks like a command or a format is shown as it is', () => {
  const text = '$(touch x) `touch x` %s \\n \\(1) "quoted" \tafter a tab é日😀';
  expect(shown(text)).toBe(text);
});

describe('hostile output', () => {
  test.each([
    ['a line that ends itself', 'a\nERROR: forged', 'a ERROR: forged'],
    ['a return to the start of the line', 'a\rERROR: forged', 'a ERROR: forged'],
    ['a return at its end', 'a\r\r', 'a'],
    ['a backspace', 'ab\b\bERROR', 'ab  ERROR'],
    ['a line of its own in Unicode', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['a bell, a form feed and zeros', 'a\x07b\fc\0d\x7f', 'a b c d '],
    ['a cursor that moves', '\x1b[2Aa\x1b[1;1Hb\x1b[Kc', '[2Aa[1;1Hb[Kc'],
    ['a title of the window', '\x1b]0;title\x07a', ']0;title a'],
    ['an escape at the end', 'a\x1b', 'a'],
    ['an escape of eight bits', '\x9b2Aa', ' 2Aa'],
  ])('cannot change what is around it: %s', (_, text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  test('may be colored, and its color ends with it', () => {
    expect(shown('\x1b[31mred\x1b[0m')).toBe('\x1b[31mred\x1b[0m');
    expect(shown('\x1b[31mred')).toBe('\x1b[31mred\x1b[0m');
    expect(shown('\x1b[8mhidden')).toBe('\x1b[8mhidden\x1b[0m');
  });

  test.each([
    ['blanks', `${' '.repeat(44_000)}x`],
    ['returns', `${'\r'.repeat(200_000)}x`],
    ['escapes', `${'\x1b['.repeat(100_000)}x`],
    ['half colors', `${'\x1b[0;0'.repeat(50_000)}x`],
  ])('of many kilobytes takes no time: %s', (_, text) => {
    const start = Date.now();
    expect(shown(text)).toMatch(/x$/);
    expect(Date.now() - start).toBeLessThan(1000);
  });
});

test('warnings and commands can be told from other lines', () => {
  const { log, lines } = collectedLog();
  log.warn('no such thing');
  log.command('docker', ['build', 'a b'], { A: 'b' });
  expect(lines).toEqual(['WARNING: no such thing', "$ A=b docker build 'a b'"]);
});

test('a command is shown without the values of some flags, where it is told so', () => {
  const lines: string[] = [];
  const log = new Log((line) => lines.push(line), '', ['--build-arg', '--secret']);
  log.command('docker', ['build', '--build-arg', 'TOKEN=a=b\nc', '--secret', 'id=x,src=y', '--build-arg', 'EMPTY', '--target', 'a=b']);
  expect(lines).toEqual(["$ docker build --build-arg 'TOKEN=***' --secret 'id=***' --build-arg EMPTY --target a=b"]);
});

describe('the log of one image of several', () => {
  test('has its name before each line', () => {
    const { log, lines } = collectedLog();
    const image = log.for('App');
    image.line('one');
    image.warn('two');
    log.line('three');
    expect(lines).toEqual(['App | one', 'App | WARNING: two', 'three']);
  });

  test('knows its last lines, without the name, and none of the others', () => {
    const { log } = collectedLog();
    const [one, other] = [log.for('One'), log.for('Other')];
    one.line('a');
    other.line('b\n');
    one.line('c');
    expect(one.lastLines(5)).toEqual(['a', 'c']);
    expect(one.lastLines(1)).toEqual(['c']);
    expect(other.lastLines(5)).toEqual(['b ']);
  });
});

test('the name of an image is on its line, whatever it is', () => {
  const lines: string[] = [];
  new Log((text) => lines.push(text)).for('a\n--- cached docker build ---\x1b[2K').line('text');
  expect(lines).toEqual(['a --- cached docker build ---[2K | text']);
});

test('of a long log only the end is kept', () => {
  const log = new Log(() => undefined);
  for (let line = 0; line < 1000; line++) log.line(`${line}`);
  expect(log.lastLines(1000).length).toBeLessThan(100);
  expect(log.lastLines(2)).toEqual(['998', '999']);
});

describe('a line of another program', () => {
  const outputOf = (line: string) => {
    const lines: string[] = [];
    new Log((text) => lines.push(text)).output(line);
    return lines;
  };

  test.each(['--- cached docker build ---', 'ERROR: all is lost', 'WARNING: none', '$ rm -rf /', ' # none', '', '\x1b[31mERROR: red'])('begins with a #, whatever it says: %j', (line) => {
    expect(outputOf(line)).toEqual([expect.stringMatching(/^# /)]);
  });

  test('that begins with one stays as it is', () => {
    expect(outputOf('#12 CACHED')).toEqual(['#12 CACHED']);
  });

  test('cannot turn the direction of what is read', () => {
    expect(outputOf('\u202e\u2066ereht si ti\u2069')).toEqual(['#   ereht si ti ']);
  });

  test('cannot end itself', () => {
    expect(outputOf('#1 a\n--- cached docker build ---\r\nb')).toEqual([expect.stringMatching(/^#1 a --- cached docker build ---\s+b$/)]);
  });
});
