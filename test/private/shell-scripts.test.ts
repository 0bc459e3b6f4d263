import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { runScript, unpackScripts } from '../../lib/private/shell-scripts';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

const DIRECTORY = path.join(__dirname, '..', '..', 'buildspec');
const SCRIPTS = fs.readdirSync(DIRECTORY);
const SHARED = ['build-arguments.sh', 'progress.jq', 'registry.sh', 'state.sh', 'summary.jq'];

/** The folder that the commands unpack the scripts into. */
function unpack(scripts: string[]): string {
  const directory = temporaryDirectory();
  return execFileSync('bash', ['--norc', '-c', [...unpackScripts(scripts), 'printf %s "$CACHED_BUILD_DIR"'].join('\n')], {
    encoding: 'utf-8',
    env: { ...process.env, TMPDIR: directory },
  });
}

test('bash unpacks each script into a folder of the build, with those that all of them read', () => {
  const folder = unpack(['login.sh', 'lookup.sh']);
  expect(fs.readdirSync(folder).sort()).toEqual([...SHARED, 'login.sh', 'lookup.sh'].sort());
});

test.each(SCRIPTS)('%s arrives as it is, without comments and empty lines', (name) => {
  const folder = unpack(SHARED.includes(name) ? [] : [name]);
  const written = fs.readFileSync(path.join(DIRECTORY, name), 'utf-8').replace(/^\s*(#.*)?\n/gm, '');
  expect(fs.readFileSync(path.join(folder, name), 'utf-8')).toEqual(written);
});

test.each(SCRIPTS.filter((name) => name.endsWith('.sh')))('%s is still a script without its comments', (name) => {
  const folder = unpack(SHARED.includes(name) ? [] : [name]);
  expect(execFileSync('bash', ['-n', path.join(folder, name)], { encoding: 'utf-8' })).toBe('');
});

test.each(SCRIPTS.filter((name) => name.endsWith('.sh') && !SHARED.includes(name)))('%s stops at the first error', (name) => {
  expect(fs.readFileSync(path.join(DIRECTORY, name), 'utf-8')).toContain('\nset -euo pipefail\n');
});

test.each(SCRIPTS)('%s does not hold the line that ends it', (name) => {
  expect(fs.readFileSync(path.join(DIRECTORY, name), 'utf-8').split('\n')).not.toContain('END_OF_SCRIPT');
});

test('each command is plain text without values', () => {
  for (const command of unpackScripts(['login.sh'])) {
    expect(command).not.toContain('${Token[');
  }
});

test('a script runs in a shell of its own', () => {
  expect(runScript('login.sh')).toBe('bash "$CACHED_BUILD_DIR/login.sh"');
});

test('fails for a script that is not there', () => {
  expect(() => unpackScripts(['missing.sh'])).toThrow('missing.sh');
});
