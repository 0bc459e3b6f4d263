import { spawn } from 'child_process';
import { once } from 'events';

/**
 * Does something while no other process that asks for the same file does it.
 *
 * The system holds the lock for a program that ends with its input, so a process that is killed leaves no lock behind, and it holds between
 * worlds that cannot see each other's processes.
 */
export async function withLock<T>(file: string, what: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  const first = await Promise.race([once(holder.stdout, 'data'), ended.then(() => undefined)]);
  if (!first) throw new Error(`${file} could not be locked`);
  try {
    return await what();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
