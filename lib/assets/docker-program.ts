import * as fs from 'fs';
import * as path from 'path';
import { RUNNER_FILE } from '../image/copy-runner';

/** The `docker` of laptops as a file of the cloud assembly. Its extension says what it is, also below a package.json of another kind of module. */
const DOCKER_FILE = 'cached-docker.cjs';

const CONTENT = `#!/usr/bin/env node
process.argv.splice(2, 0, 'docker-with-cache');
require('./${RUNNER_FILE}');
`;

/** Puts it into a cloud assembly: one file that can be executed, as `CDK_DOCKER` has to name. */
export function writeDockerProgram(assembly: string): void {
  const file = path.join(assembly, DOCKER_FILE);
  fs.writeFileSync(file, CONTENT);
  fs.chmodSync(file, 0o755); // the mode of a file that was there already stays otherwise
}
