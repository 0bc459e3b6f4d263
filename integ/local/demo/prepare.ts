import { prepareBaseImages } from '../images/base-images';
import { linkFoundTools } from '../parts/found-tools';
import { buildPinnedTools, prepareNode, preparePython } from '../parts/parts';
import { findProgram, systemPrograms } from '../parts/system-programs';
import { execute } from '../world/execute';

/**
 * Gets what the demo plays with on this machine: programs of the PATH, or else the pinned ones, built with Go.
 * Throws with what is missing.
 */
export async function prepareDemo(say: (line: string) => void): Promise<void> {
  await checkMachine();
  const found = await linkFoundTools(say);
  if (found.directory) {
    process.env.PLAY_TOOLS = found.directory; // see `parts.bin`; inherited by what runs in the isolation
  } else {
    say(`not on the PATH: ${found.missing.join(', ')}; so the pinned ones, built with Go`);
    await buildPinnedTools(say);
  }
  await systemPrograms.install(say);
  await prepareNode(say);
  await preparePython(say);
  await prepareBaseImages(say);
}

/** What can be known before anything is downloaded. */
async function checkMachine() {
  if (process.platform !== 'linux') throw new Error('without Docker, builds can be played on Linux only: start Docker');
  if (process.getuid?.() !== 0) throw new Error('namespaces and mounts need root: run this as root, or start Docker');
  if (!findProgram('apt-get')) systemPrograms.check();
  if (!findProgram('unshare')) return; // comes with the packages
  try {
    await execute('unshare', ['--net', '--mount', '--pid', '--fork', '--mount-proc', 'true']);
  } catch {
    throw new Error('this root may make no namespaces, as in a container without --privileged: run this on the machine itself, or start Docker');
  }
}
