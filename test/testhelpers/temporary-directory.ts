import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) {
    fs.rmSync(directory, { recursive: true, force: true });
  }
});

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cached-docker-build-')));
  directories.push(directory);
  return directory;
}
