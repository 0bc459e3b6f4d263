import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

/**
 * Makes the program that `CDK_DOCKER` names: one file that can be executed, which an artifact could not keep. Gives its path.
 *
 * @param program what `docker` is here
 */
export function prepareAssetDocker(runner: string, program: string): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'cached-docker-assets-'));
  const file = path.join(directory, 'docker');
  const args = ['docker', directory, program].map((argument) => JSON.stringify(argument));
  const content = ['#!/usr/bin/env node', `process.argv.splice(2, 0, ${args.join(', ')});`, `require(${JSON.stringify(runner)});`, ''];
  fs.writeFileSync(file, content.join('\n'), { mode: 0o700 });
  return file;
}
