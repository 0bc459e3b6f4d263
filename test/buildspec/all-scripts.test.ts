import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { BuildMachine, BUILDSPEC, digestOf, fixture, found, HOST, leavesDigest, manifest, NOT_FOUND, plan, REPOSITORY } from './build-machine';
import { copyScripts, runScript } from '../../lib/plan/shell-scripts';

const FILES = fs.readdirSync(BUILDSPEC).sort();
const SCRIPTS = FILES.filter((name) => name.endsWith('.sh'));
const READ_BY_OTHERS = ['build-arguments.sh', 'buildx.sh', 'cache.sh', 'kaniko-arguments.sh', 'mirrors.sh', 'passwords.sh', 'registry.sh', 'silent-mirrors.sh', 'state.sh'];
const RUN = SCRIPTS.filter((name) => !READ_BY_OTHERS.includes(name));

function text(name: string): string {
  return fs.readFileSync(path.join(BUILDSPEC, name), 'utf-8');
}

/** A machine whose input is a cloud assembly with the scripts. */
function machineWithScripts(): BuildMachine {
  const machine = new BuildMachine();
  copyScripts(machine.sourceDirectory);
  return machine;
}

test('every file is a script or a filter', () => {
  expect(FILES.filter((name) => !SCRIPTS.includes(name) && !/\.(awk|jq)$/.test(name))).toEqual([]);
  expect(RUN.length).toBeGreaterThan(7);
});

test('every script is clean under shellcheck', () => {
  const folders = [...process.env.PATH!.split(':'), path.join(BUILDSPEC, '..', '.parts', 'venv', 'bin')];
  const program = folders.map((folder) => path.join(folder, 'shellcheck')).find((file) => fs.existsSync(file));
  expect(program ?? 'no shellcheck on the PATH').toMatch(/\/shellcheck$/);
  const { status, stdout, stderr } = spawnSync(program!, ['-x', ...SCRIPTS], { cwd: BUILDSPEC, encoding: 'utf-8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
}, 30_000);

test('a script that silences shellcheck says why', () => {
  const silenced = SCRIPTS.flatMap((name) => text(name).match(/.*shellcheck disable.*/g) ?? []);
  expect(silenced.filter((line) => !/# shellcheck disable=SC\d+ # \w/.test(line))).toEqual([]);
});

test.each(RUN)('%s says what runs it and stops at the first error', (name) => {
  expect(text(name)).toMatch(/^#!\/usr\/bin\/env bash\n(#.*\n)+set -euo pipefail\n/);
});

test.each(READ_BY_OTHERS)('%s says that it is bash and does nothing when it is read', async (name) => {
  expect(text(name)).toMatch(/^# shellcheck shell=bash\n# /);
  const machine = new BuildMachine();
  expect(await machine.bash(`set -euo pipefail; source '${BUILDSPEC}/${name}'`)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
  expect(fs.readdirSync(machine.buildDirectory)).toEqual([]);
});

test.each(RUN)('%s does what it does in a phase of the build, with what it takes to run', (name) => {
  expect(text(name)).toContain('source "${0%/*}/state.sh"\n');
});

test.each(SCRIPTS)('%s is bash', (name) => {
  const { status, stderr } = spawnSync('bash', ['--norc', '--noprofile', '-n', path.join(BUILDSPEC, name)], { encoding: 'utf-8' });
  expect([status, stderr]).toEqual([0, '']);
});

test.each(FILES)('%s is read in the same way on each machine', (name) => {
  expect(text(name)).not.toMatch(/[^\x20-\x7e\n]/); // a tab, a carriage return, a character that a locale could change
  expect(text(name).endsWith('\n')).toBe(true);
});

/** Text that a script would run, split, expand or take for an option if it were careless. */
const NASTY = ' -x "a" \'b\' `touch ran` $(touch ran) ${IFS}; touch ran\n& | > ran * ';

test('a whole build runs from the cloud assembly, with values that only look like commands', async () => {
  const machine = machineWithScripts();
  const body = manifest();
  const digest = digestOf(body);
  Object.assign(machine.environment, {
    IMAGE_PLAN_FILE: 'image-App.json',
    IMAGE_EXTRA_TAGS: 'latest',
    IMAGE_RUNS_ON_LAMBDA: 'true',
    CACHE_LOCATION: `type=registry,ref=${HOST}/${NASTY}:`,
    CACHE_TAG: NASTY,
    CACHE_SCOPE: NASTY,
    CACHE_FALLBACK_SCOPES: NASTY,
    CACHE_EXPORT: `mode=max,${NASTY}`,
    CACHE_REQUIRED: NASTY,
    BUILDX_BUILDER: `given${NASTY}`,
    BUILDKIT_IMAGE: NASTY,
  });
  const name = NASTY.trim();
  machine.write(`asset${name}/${name}`, '');
  machine.write('image-App.json', plan({
    context: `asset${name}`,
    dockerfile: `docker/Dockerfile${name}`,
    dockerfileContent: `FROM scratch\n# ${NASTY}`,
    target: `target${name}`,
    buildArgs: { A: NASTY },
    refreshPeriod: 7,
    executables: [name],
    links: { [`link${name}`]: NASTY },
    emptyDirectories: [`empty${name}`],
  }));
  machine.tell('aws', { '*': { stdout: 'password\n' } });
  machine.tell('docker', {
    'buildx inspect *': {},
    'buildx build *': { stderr: fixture('source-change.rawjson'), run: leavesDigest(digest) },
  });
  machine.registry({ 'GET v1': NOT_FOUND, [`GET ${digest}`]: found(body), 'PUT v1': { status: 201 }, 'GET latest': NOT_FOUND, 'PUT latest': { status: 201 } });

  const order = ['login.sh', 'lookup.sh', 'login-base-images.sh', 'builder.sh', 'context.sh', 'build.sh', 'publish.sh', 'export-cache.sh', 'export-stages.sh', 'report.sh'];
  const { code, stdout, stderr } = await machine.bash(order.map(runScript).join(' && '));
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`image         ${REPOSITORY}:v1\ndigest        ${digest}\nresult        built\n`);
  expect(stdout).toContain('steps         5 cached, 1 run\ncache read    yes\ncache written yes\n');
  expect(stdout).toMatch(/^time {10}login .* s, lookup .* s, builder .* s, context .* s, build .* s, publish .* s, cache export .* s, total .* s$/m);

  expect(machine.requests).toEqual(['GET v1', `GET ${digest}`, 'PUT v1', 'GET latest', 'PUT latest']);
  const [inspect, build, cache] = machine.argumentsOf('docker');
  expect(inspect).toEqual(['buildx', 'inspect', '--bootstrap', `given${NASTY}`]);
  expect(build.slice(0, 15)).toEqual([
    'buildx', 'build', '--builder', `given${NASTY}`,
    '--platform', 'linux/amd64',
    '--file', path.join(machine.environment.CACHED_BUILD_DIR, 'dockerfile', path.posix.basename(`Dockerfile${name}`)),
    '--target', `target${name}`,
    '--build-arg', `A=${NASTY}`,
    '--pull', '--add-host', 'refresh-7.invalid:127.0.0.1',
  ]);
  const target = cache[cache.indexOf('--cache-to') + 1];
  expect(target.startsWith(`type=registry,ref=${HOST}/${NASTY}:${NASTY}_`)).toBe(true);
  expect(target.endsWith(`,mode=max,${NASTY}`)).toBe(true);
  expect(fs.readdirSync(machine.sourceDirectory).sort()).toEqual([`asset${name}`, 'cached-docker-build', 'image-App.json']);
  expect(fs.readdirSync(path.join(machine.sourceDirectory, `asset${name}`)).sort()).toEqual([name, `empty${name}`, `link${name}`].sort());
});

test('a build of an image that is there already asks the registry once, and starts nothing', async () => {
  const machine = machineWithScripts();
  const body = manifest();
  Object.assign(machine.environment, {
    IMAGE_PLAN_FILE: 'image-App.json', CACHE_FROM: 'x', CACHE_STAGES: 'x', CACHE_LOCATION: 'x', CACHE_TAG: 'x', CACHE_EXPORT: 'x', BUILDX_BUILDER: 'given', BUILDKIT_IMAGE: 'x',
  });
  machine.write('image-App.json', plan());
  machine.tell('aws', { '*': { stdout: 'password\n' } });
  machine.registry({ 'GET v1': found(body) });

  const order = ['login.sh', 'lookup.sh', 'builder.sh', 'context.sh', 'build.sh', 'build-with-engine.sh', 'publish.sh',
    'export-cache.sh', 'export-stages.sh', 'push-stages-with-engine.sh', 'report.sh'];
  const { code, stdout, stderr } = await machine.bash(order.map(runScript).join(' && '));
  expect([code, stderr]).toEqual([0, '']);
  expect(machine.requests).toEqual(['GET v1']);
  expect(machine.argumentsOf('docker')).toEqual([]);
  expect(stdout).toContain(`digest        ${digestOf(body)}\nresult        already there\nbuilder       none\nsteps         none\n`);
});
