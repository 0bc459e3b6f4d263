import * as fs from 'fs';
import * as path from 'path';
import { copyScripts, runScript } from '../../lib/plan/shell-scripts';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

const DIRECTORY = path.join(__dirname, '..', '..', 'buildspec');

/** The files of a folder with their contents. */
function contents(folder: string): { [name: string]: string } {
  return Object.fromEntries(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf-8')]));
}

test('each script, and each file that they read, is copied as it is into a folder of its own', () => {
  const assembly = temporaryDirectory();
  copyScripts(assembly);
  expect(fs.readdirSync(assembly)).toEqual(['cached-docker-build']);
  expect(contents(path.join(assembly, 'cached-docker-build'))).toEqual(contents(DIRECTORY));
});

test('the scripts may be copied for each of several images, and take the place of those of an earlier synthesis', () => {
  const assembly = temporaryDirectory();
  copyScripts(assembly);
  fs.writeFileSync(path.join(assembly, 'cached-docker-build', 'state.sh'), 'of another version');
  copyScripts(assembly);
  expect(contents(path.join(assembly, 'cached-docker-build'))).toEqual(contents(DIRECTORY));
});

test('a script runs in a shell of its own, from where the input of the build is', () => {
  expect(runScript('login.sh')).toBe('bash "$CODEBUILD_SRC_DIR/cached-docker-build/login.sh"');
});
