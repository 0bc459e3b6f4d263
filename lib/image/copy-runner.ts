import * as fs from 'fs';
import * as path from 'path';

/** The runner as a file of the cloud assembly. */
export const RUNNER_FILE = 'cached-docker-build.cjs';

const RUNNER = path.join(__dirname, '..', '..', 'bundle', RUNNER_FILE);

/** Puts the runner into a cloud assembly, once for all builds of it. */
export function copyRunner(assembly: string): void {
  fs.copyFileSync(RUNNER, path.join(assembly, RUNNER_FILE));
}
