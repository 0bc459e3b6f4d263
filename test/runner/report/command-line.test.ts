import { execFileSync } from 'child_process';
import { commandLine } from '../../../runner/report/command-line';

test('plain words are printed as they are', () => {
  expect(commandLine('docker', ['buildx', 'build', '--output', 'type=image,name=host:5000/a@sha256:0', '--x=1', '.', 'a_b%+']))
    .toBe('docker buildx build --output type=image,name=host:5000/a@sha256:0 --x=1 . a_b%+');
});

test('what the command needs in its environment comes first', () => {
  expect(commandLine('docker', ['build'], { A: 'b', C: 'd e' })).toBe("A=b C='d e' docker build");
});

test('nothing is before a command that needs nothing', () => {
  expect(commandLine('docker', [])).toBe('docker');
});

test.each(['', ' ', 'a b', "it's", "''", '"', '\\', '$(id)', '`id`', '$HOME', '*', '~', '#', '!', ';', '&', '|', '<', 'a\tb', 'a\nb', 'é', 'x\n', '-'])(
  'a shell would read %j as it is', (text) => {
    const line = commandLine('printf', ['%s', text]);
    expect(execFileSync('bash', ['-c', line], { encoding: 'utf8' })).toBe(text);
  });

test('a command is one line, whatever is in it', () => {
  expect(commandLine('printf', ["it's\n\tone\r\x1b[0m"])).toBe("printf $'it\\'s\\n\\tone\\r\\x1b[0m'");
});
