import * as fs from 'fs';
import * as path from 'path';
import { makeOnce } from './make-once';
import { parts } from './parts';
import { findProgram } from './system-programs';
import { execute } from '../world/execute';

/** The image that `DockerBuilder.kaniko()` uses. */
const version = 'v1.28.3';
const image = `ghcr.io/osscontainertools/kaniko:${version}-alpine`;

/** Where an executor that was taken out of the image is kept. */
const kept = parts.directory(`kaniko-${version}`);

/**
 * Looks for an executor of kaniko, which comes in a container image only. Where there is none, its plays are skipped.
 * Found ones are in `parts.kaniko`, also for what runs in the isolation.
 */
export async function findKaniko(say: (line: string) => void): Promise<void> {
  const given = process.env.KANIKO_EXECUTOR;
  if (given) {
    if (!await use(path.resolve(given), say)) throw new Error(`KANIKO_EXECUTOR is ${given}, which is not an executor of kaniko`);
    return;
  }
  for (const program of [findProgram('executor'), '/kaniko/executor', path.join(kept, 'executor')]) {
    if (program && fs.existsSync(program) && await use(program, say)) return;
  }
  if (await pull(say) && await use(path.join(kept, 'executor'), say)) return;
  say('this machine has no executor of kaniko, so the tests with it are skipped; CONTRIBUTING.md says how to get one');
}

/** A program may have the name and be something else. */
async function use(program: string, say: (line: string) => void): Promise<boolean> {
  const said = await execute(program, ['version'], { timeoutSeconds: 15 }).catch(() => '');
  const [, found] = /kaniko version *: *(\S+)/i.exec(said) ?? [];
  if (!found) return false;
  say(`using ${program}, kaniko ${found}`);
  process.env.PLAY_KANIKO = program;
  return true;
}

/** Takes the executor out of its image, if there is a Docker engine that can pull it. */
async function pull(say: (line: string) => void): Promise<boolean> {
  const docker = async (seconds: number, ...args: string[]) => (await execute('docker', args, { timeoutSeconds: seconds })).trim();
  try {
    await docker(15, 'version');
  } catch {
    return false;
  }
  try {
    await makeOnce(kept, [image], async directory => {
      say(`getting the executor of kaniko out of ${image}`);
      await docker(180, 'pull', '--quiet', image);
      const container = await docker(15, 'create', image);
      try {
        await docker(60, 'cp', `${container}:/kaniko/executor`, path.join(directory, 'executor'));
      } finally {
        await docker(15, 'rm', container);
      }
    });
    return true;
  } catch (error) {
    say(`${image} cannot be pulled: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}
