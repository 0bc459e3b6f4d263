import * as fs from 'fs';
import * as path from 'path';

const DIRECTORY = path.join(__dirname, '..', '..', 'buildspec');

/** Files that other scripts read. */
const SHARED = ['build-arguments.sh', 'progress.jq', 'registry.sh', 'state.sh', 'summary.jq'];

/**
 * The commands that lay the scripts of a build into a folder of the build's own, each as it is in `buildspec/` but without comments.
 * Values reach them through the environment and the build plan only, so no value of a user can become code.
 */
export function unpackScripts(scripts: string[]): string[] {
  return [
    'export CACHED_BUILD_DIR="$(mktemp -d)"',
    ...[...SHARED, ...scripts].sort().map((name) => `cat > "$CACHED_BUILD_DIR/${name}" <<'END_OF_SCRIPT'\n${read(name)}\nEND_OF_SCRIPT`),
  ];
}

/** The command that runs a script in a shell of its own, so that it changes nothing for the commands after it. */
export function runScript(name: string): string {
  return `bash "$CACHED_BUILD_DIR/${name}"`;
}

function read(name: string): string {
  return fs.readFileSync(path.join(DIRECTORY, name), 'utf-8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
    .join('\n');
}
