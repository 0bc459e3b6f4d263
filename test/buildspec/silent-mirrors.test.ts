import * as fs from 'fs';
import { BuildMachine, BUILDSPEC, Outcome } from './build-machine';

const MIRROR = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/docker-hub';
const HUB = `docker.io=${MIRROR}`;

let machine: BuildMachine;

beforeEach(() => { machine = new BuildMachine({ IMAGE_MIRRORS: `ghcr.io=mirror.example.com:5000 ${HUB}` }); });

/** What commands that use the mirrors print, with little patience. */
async function shell(commands: string): Promise<Outcome> {
  const scripts = ['state', 'mirrors', 'silent-mirrors'].map((name) => `source '${BUILDSPEC}/${name}.sh'`);
  return machine.bash(['set -euo pipefail', ...scripts, 'patience=1', commands].join('; '));
}

describe('a mirror that takes a request and never answers', () => {
  const asks = (name: string, ends = '') => `printf '%s\n' '#1 [internal] load .dockerignore' '#1 DONE 0.0s' '#2 ${name}' ${ends && `'${ends}'`}; `;
  /** What becomes of a command that waits for something after it has said this. */
  const watched = async (says: string, then: string) => shell(`
    waits() { ${says} ${then}; }; { watched waits || printf 'ended\n'; } | watch_mirrors`);

  test.each([
    '[internal] load metadata for docker.io/library/python:3.12',
    '[linux/arm64 internal] load metadata for docker.io/library/python:3.12',
    'resolve image config for docker-image://docker.io/docker/dockerfile:1',
    `resolve image config for docker-image://${MIRROR}/docker/dockerfile:1`,
  ])('does not hold the build: %s', async (name) => {
    const { stdout } = await watched(asks(name), 'sleep 600 | cat');
    expect(stdout).toBe(`#1 [internal] load .dockerignore\n#1 DONE 0.0s\n#2 ${name}\nended\n`);
    expect(machine.recall('mirrors.silent')).toBe(`${HUB} it did not answer for 1 seconds`);
  });

  test('does not hold the build, though the command does not end when it is told to', async () => {
    const { stdout } = await watched(asks('[internal] load metadata for docker.io/a/b:1'), "trap '' TERM; sleep 600");
    expect(stdout).toMatch(/ended\n$/);
  });

  test.each([
    ['another registry is asked', '[internal] load metadata for registry.example.com/a:1', ''],
    ['it has answered', '[internal] load metadata for docker.io/library/python:3.12', '#2 DONE 0.1s'],
    ['it has failed', '[internal] load metadata for docker.io/library/python:3.12', '#2 ERROR: x'],
    ['the steps have begun', '[internal] load metadata for docker.io/library/python:3.12', '#3 [1/2] FROM a'],
  ])('is not what a build waits for when %s', async (_, name, ends) => {
    const { stdout } = await watched(asks(name, ends), "sleep 2.5; printf 'built'");
    expect(stdout).toMatch(/built\n?$/);
    expect(machine.recall('mirrors.silent')).toBeUndefined();
  });

  test('is said, and the build goes on without it', async () => {
    machine.remember({ 'mirrors.silent': `${HUB} it did not answer for 60 seconds` });
    const { code, stderr } = await shell('tries=0; build() { ((++tries == 2)); }; with_mirrors build');
    expect(code).toBe(0);
    expect(stderr).toBe(`WARNING: the mirror ${MIRROR} of docker.io failed, base images come from docker.io itself: it did not answer for 60 seconds\n`);
  });
});

describe('a line is only text, whatever it looks like', () => {
  const commands = (file: string) => [`$(>${file})`, `\`>${file}\``, `[$(>${file})]`, `]$(>${file})`, `a[$(>${file})]`, `;>${file};`];
  const hostile = (file: string) => commands(file).flatMap((command) => [
    ...[`#1${command}`, `#1 ${command}`, `#${command}`, command].flatMap((start) => [
      ...['DONE 0.1s', 'CACHED', 'ERROR: x', 'CANCELED'].map((state) => `${start} ${state}`),
      `${start} [internal] load metadata for docker.io/a/b:1`,
      `${start} [internal] load metadata for docker.io/${command}`,
    ]),
    `#1 DONE ${command}`, `#1 ERROR: ${command}`, `#1 [internal] load metadata for ${command}`,
  ]);

  test('nothing in it is run', async () => {
    const file = machine.path('ran');
    const lines = hostile(file);
    machine.write('lines', lines.map((line) => `${line}\n`).join(''));
    const { code, stdout, stderr } = await shell('watch_mirrors <lines');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(lines.map((line) => `${line}\n`).join(''));
    expect(fs.existsSync(file)).toBe(false);
  });

  test('nor of one after which nothing comes', async () => {
    const file = machine.path('ran');
    await shell(`waits() { printf '%s\\n' '#1$(>${file}) [internal] load metadata for docker.io/a/b:1'; sleep 600; }; { watched waits || true; } | watch_mirrors`);
    expect(machine.recall('mirrors.silent')).toBe(`${HUB} it did not answer for 1 seconds`);
    expect(fs.existsSync(file)).toBe(false);
  });
});
