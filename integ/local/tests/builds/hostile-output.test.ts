import { ExampleApp } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// What a step prints is shown, and nothing else comes of it: it is no word of the runner, whatever it says.

const FORGED = ['--- cached docker build ---', 'result        already there', 'digest        sha256:0', 'WARNING: forged', 'ERROR: forged', '$ forged'];

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry);
}, 600_000);

afterAll(async () => lab.stop());

function appThat(name: string, ...commands: readonly string[]): ExampleApp {
  const app = new ExampleApp(lab, { name });
  app.write('report/forged', FORGED.flatMap(line => [line, `\r${line}`, `\x1b[2K${line}`]).join('\n'));
  app.write('report/Dockerfile', ['FROM docker.io/library/busybox:stable', 'COPY forged /', ...commands.map(command => `RUN ${command}`), 'COPY src /var/task/'].join('\n'));
  return app;
}

function forgedLines(log: string): string[] {
  return log.split('\n').filter(line => FORGED.some(forged => line.startsWith(forged) && /forged|already there|sha256:0$/.test(line)));
}

test('a step cannot forge the report of its build', async () => {
  const done = await appThat('Forger', 'cat /forged', 'cat /forged >&2').build('Report');
  expectSuccess(done);
  expect(done.log).toContain('ERROR: forged');
  expect(forgedLines(done.log)).toEqual([]);
  expect(done.log.match(/^--- cached docker build ---$/gm)).toHaveLength(1);
});

test('a step that fails cannot forge one either', async () => {
  const done = await appThat('Failing', 'cat /forged && cat /forged >&2 && false').build('Report');
  expect(done.ok).toBe(false);
  expect(forgedLines(done.log)).toEqual([]);
});
