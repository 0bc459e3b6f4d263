import * as fs from 'fs';
import { execute } from '../world/execute';

/** Ends every process whose environment holds `NAME=value`: a build machine vanishes with its build, and all it started. */
export async function endProcesses(marker: string): Promise<number> {
  const ended = new Set<number>();
  for (let quiet = false; !quiet; ) {
    const alive = processesWith(marker);
    alive.forEach(pid => {
      ended.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch { /* it went by itself */ }
    });
    quiet = alive.length === 0;
    if (!quiet) await new Promise(resolve => setTimeout(resolve, 20));
  }
  return ended.size;
}

/** The processes whose environment holds `NAME=value`. */
export function processesWith(marker: string): number[] {
  return fs.readdirSync('/proc').map(Number).filter(pid => {
    try {
      return pid > 1 && pid !== process.pid && fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(marker);
    } catch {
      return false; // gone meanwhile
    }
  });
}

/** Removes a directory in which something may still be mounted. */
export async function removeTree(directory: string): Promise<void> {
  const mounted = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n')
    .map(line => (line.split(' ')[1] ?? '').replace(/\\040/g, ' '))
    .filter(target => target.startsWith(`${directory}/`))
    .reverse();
  for (const target of mounted) await execute('umount', ['--lazy', target]);
  fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
