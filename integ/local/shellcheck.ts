import { execFileSync, spawnSync } from 'child_process';
import * as path from 'path';
import { parts, preparePython } from './parts/parts';

/** Lints all shell of the repository: `npm run shellcheck`. Takes the shellcheck of the PATH, else installs one beside the other parts. */
async function main(): Promise<number> {
  const root = path.resolve(__dirname, '../..');
  const found = spawnSync('shellcheck', ['--version']).status === 0;
  if (!found) await preparePython();
  const tracked = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard', '*.sh', '.ci/run'], { cwd: root, encoding: 'utf8' });
  const program = found ? 'shellcheck' : path.join(parts.python, 'shellcheck');
  return spawnSync(program, ['--external-sources', ...tracked.trim().split('\n')], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

void main().then((code) => process.exit(code), (error) => {
  console.error(error);
  process.exit(1);
});
