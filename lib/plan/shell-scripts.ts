import * as fs from 'fs';
import * as path from 'path';

const DIRECTORY = path.join(__dirname, '..', '..', 'buildspec');

/** The folder of the cloud assembly that holds the scripts. */
const FOLDER = 'cached-docker-build';

/**
 * Lays the scripts into a cloud assembly, once for all builds of it, since a template has no room for them.
 * Values reach them through the environment and the build plan only, so no value of a user can become code.
 */
export function copyScripts(assembly: string): void {
  const folder = path.join(assembly, FOLDER);
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(DIRECTORY)) {
    fs.copyFileSync(path.join(DIRECTORY, name), path.join(folder, name));
  }
}

/** The command that runs a script in a shell of its own, so that it changes nothing for the commands after it. */
export function runScript(name: string): string {
  return `bash "$CODEBUILD_SRC_DIR/${FOLDER}/${name}"`;
}
