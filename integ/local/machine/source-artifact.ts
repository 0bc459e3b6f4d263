import * as fs from 'fs';
import * as path from 'path';
import { freshDirectory } from '../world/directories';
import { execute } from '../world/execute';

/**
 * How an artifact comes out of CodePipeline; what it keeps is documented nowhere, so builds should bear both.
 *
 * `lossy` drops executable bits and empty directories, and turns symbolic links into copies.
 */
export type ArtifactFidelity = 'faithful' | 'lossy';

/** Zips a directory and unzips it elsewhere: the way of an input artifact into a build. */
export async function passArtifact(from: string, to: string, fidelity: ArtifactFidelity): Promise<void> {
  const directory = freshDirectory('artifact');
  const zip = path.join(directory, 'artifact.zip');
  const flags = fidelity === 'faithful' ? ['--symlinks'] : ['--no-dir-entries'];
  fs.mkdirSync(to, { recursive: true });
  if (fs.readdirSync(from).length > 0) {
    await execute('zip', ['--quiet', '--recurse-paths', '-1', ...flags, zip, '.'], { cwd: from });
    await execute('unzip', ['-q', '-^', '-V', zip, '-d', to]); // names as they are
    if (fidelity === 'lossy') await execute('find', [to, '-type', 'f', '-exec', 'chmod', '644', '{}', '+']);
  }
  fs.rmSync(directory, { recursive: true });
}
