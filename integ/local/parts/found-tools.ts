import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { makeOnce } from './make-once';
import { parts } from './parts';
import { findProgram } from './system-programs';
import { execute } from '../world/execute';

const plugins = [
  path.join(os.homedir(), '.docker/cli-plugins'),
  ...['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map(directory => path.join(directory, 'docker/cli-plugins')),
];

/** What a play needs: under which names it may be found, where besides the PATH, and what shows that it is the right program. */
const tools = [
  { tool: 'buildkitd', names: ['buildkitd'], ask: '--version', answer: /buildkit/ },
  { tool: 'buildx', names: ['buildx', 'docker-buildx'], elsewhere: plugins, ask: 'version', answer: /buildx/ },
  { tool: 'docker', names: ['docker'], ask: '--version', answer: /Docker/ },
  { tool: 'registry', names: ['registry', 'docker-registry'], ask: '--version', answer: /distribution/ },
];

/**
 * Links the programs of the PATH into the parts, in a directory of their own: the pinned ones stay as they are.
 *
 * @returns the directory, or the names of the programs that are not there
 */
export async function linkFoundTools(say: (line: string) => void): Promise<{ directory?: string; missing: string[] }> {
  const found: string[][] = [];
  const missing: string[] = [];
  for (const { tool, names, elsewhere, ask, answer } of tools) {
    const program = names.map(name => findProgram(name, elsewhere)).find(Boolean);
    if (program && await answers(program, ask, answer)) found.push([tool, program]);
    else missing.push(tool);
  }
  if (missing.length > 0) return { missing };

  say(`using ${found.map(([, program]) => program).join(', ')}`);
  const directory = parts.directory('found');
  await makeOnce(directory, found.flat(), async () => {
    for (const [tool, program] of found) fs.symlinkSync(program, path.join(directory, tool));
  });
  return { directory, missing };
}

/** A program may bear the name and be something else. */
async function answers(program: string, ask: string, answer: RegExp): Promise<boolean> {
  try {
    return answer.test(await execute(program, [ask]));
  } catch {
    return false;
  }
}
