import * as fs from 'fs';
import * as path from 'path';
import { RunnerApp, runnerApps } from '../testhelpers/runner-app';

const apps = runnerApps();
let app: RunnerApp;

beforeEach(() => {
  app = apps();
  app.settings({ layerCache: { kind: 'registry', mode: 'max', compression: 'zstd' } });
  delete app.env.BUILDX_BUILDER;
  app.machine.tell('docker', {
    '--version': { stdout: 'Docker version 28.5.2, build x\n' },
    'buildx version': { stdout: 'github.com/docker/buildx v0.29.1 x\n' },
    'info *': { stdout: JSON.stringify({ ServerVersion: '28.5.2', DriverStatus: [] }) },
  });
  app.machine.tell('aws', { 'sts *': { stdout: 'arn:aws:iam::123456789012:user/dev\n' } });
});

/** The lines without what depends on this machine. */
async function said(...args: string[]): Promise<{ readonly code: number | null; readonly lines: string[] }> {
  const { code, lines } = await app.run('doctor', ...args);
  return { code, lines: lines.filter((line) => !/^\w+ +(disk|node) /.test(line)) };
}

test('a machine and repositories that are as they should be are fine, line by line', async () => {
  app.image('Api');
  app.image('Report', { repository: `${app.registry.host}/team/api` });
  app.has('Api');
  app.hasCache('Api', '2026-11-20T10:12:13.000Z');
  const { code, lines } = await said();
  expect([code, lines]).toEqual([0, [
    'ok       docker       Docker version 28.5.2, build x',
    'ok       buildx       0.29.1',
    'ok       engine       28.5.2, with the classic image store',
    expect.stringMatching(/^ok {7}builder /),
    'ok       credentials  arn:aws:iam::123456789012:user/dev',
    `ok       app          ${app.assembly} has 2 images`,
    `ok       repository   ${app.registry.host}/team/api is there, with 2 of 2 images of the app`,
    expect.stringMatching(/^warning {2}cache tags {3}nobody can say .* it is no repository of Amazon ECR; /), // which this one is not
    'ok       layer cache  cache-a: 2.0 MB, written 2026-11-20 10:12 UTC', // of both
    '', '0 problems, 1 warning',
  ]]);
});

test('programs get the same as JSON', async () => {
  app.image('Api');
  app.machine.remove('docker');
  const { code, lines } = await app.run('doctor', '--json');
  const { version, problems, warnings, findings } = JSON.parse(lines.join('\n'));
  expect([code, version, problems, warnings]).toEqual([1, 1, 1, 1]);
  expect(findings[1]).toEqual({ result: 'problem', check: 'docker', text: 'there is no program `docker` on the PATH', todo: 'install Docker, with buildx' });
});

test('it changes nothing, and needs no temporary file', async () => {
  app.image('Api');
  app.env.TMPDIR = '/no/such/folder';
  const before = fs.readdirSync(app.machine.directory);
  const { code, lines } = await app.run('doctor');
  expect(lines).toContainEqual(expect.stringMatching(/^problem {2}disk {9}there is no place for temporary files: ENOENT.*; free some, or set TMPDIR/));
  expect([code, fs.readdirSync(app.machine.directory)]).toEqual([1, before]);
  expect(app.registry.requests.every((request) => request.startsWith('GET '))).toBe(true);
});

test('a machine without anything is looked at to the end', async () => {
  app.image('Api');
  for (const program of ['docker', 'aws', 'docker-credential-ecr-login']) app.machine.remove(program);
  const { code, lines } = await said();
  expect([code, lines]).toEqual([1, [
    'problem  docker       there is no program `docker` on the PATH; install Docker, with buildx',
    expect.stringMatching(/^warning {2}credentials {2}there is no AWS CLI on the PATH/),
    `ok       app          ${app.assembly} has 1 image`,
    expect.stringMatching(/^problem {2}repository {3}there is no password for \S+: neither the ECR credential helper .* nor the AWS CLI answered; /),
    '', '2 problems, 1 warning',
  ]]);
});

test('without an app, the machine is looked at all the same', async () => {
  fs.rmSync(path.join(app.assembly, 'manifest.json'));
  const { code, lines } = await said();
  expect([code, lines.at(-3)]).toEqual([1, expect.stringMatching(/^problem {2}app {10}there is no cloud assembly where this program is .*; the repositories were not looked at$/)]);
  expect(lines[0]).toMatch(/^ok {7}docker/);
});

test('an app without images is a warning', async () => {
  expect((await said()).lines.at(-3)).toMatch(/^warning {2}app {10}\S+ has no images; /);
});

test('images that cannot be built here, or not be asked for, are named', async () => {
  app.image('Source', { tag: undefined });
  app.image('Api', { repository: '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/api' });
  const { code, lines } = await said();
  expect(code).toBe(1);
  expect(lines.slice(-4, -2)).toEqual([
    "problem  image        Api: the region is not known: set AWS_REGION to the region of the image's repository; its repository was not looked at",
    expect.stringMatching(/^warning {2}image {8}Source cannot be built here: the cloud assembly does not say which commit .*; nothing, if its pipeline builds it$/),
  ]);
});

test('whatever programs print reaches no terminal as it is', async () => {
  app.machine.tell('docker', { '--version': { stdout: 'Docker\x1b]0;title\x07\x9b2J\nERROR: x\n' } });
  app.machine.tell('aws', { 'sts *': { stdout: 'arn:\x1b[2Jx\n' } });
  for (const args of [[], ['--json']]) {
    // eslint-disable-next-line no-control-regex
    expect((await app.run('doctor', ...args)).lines.join('\n')).not.toMatch(/[\0-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[[\d;]*m)|^ERROR/m);
  }
});
