import { spawn } from 'child_process';
import { processesWith } from '../machine/leftovers';

/** A program that somebody has started in a terminal, and works beside. */
export class Terminal {
  private static count = 0;

  private log = '';
  private read = 0;
  private readonly marker = `PLAY_TERMINAL=${Terminal.count++}`;
  private readonly pid: number;
  private readonly ended: Promise<void>;

  public constructor(command: string, args: readonly string[], cwd: string, env: { [name: string]: string }) {
    const child = spawn(command, args, { cwd, env: { ...env, PLAY_TERMINAL: this.marker.split('=')[1] }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.pid = child.pid!;
    for (const output of [child.stdout, child.stderr]) {
      output.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
        if (process.env.PLAY_VERBOSE) process.stderr.write(chunk);
      });
    }
    this.ended = new Promise(resolve => child.on('exit', () => resolve()));
  }

  /** The processes of the program, and of all that it has started. */
  public get processes(): number[] {
    return processesWith(this.marker);
  }

  /** Waits until the program has printed something that nobody has waited for yet. Gives what it printed until then. */
  public async until(pattern: RegExp, seconds = 120): Promise<string> {
    for (const start = Date.now(); Date.now() - start < seconds * 1000; await new Promise(resolve => setTimeout(resolve, 50))) {
      const unread = this.log.slice(this.read);
      const match = pattern.exec(unread);
      if (!match) continue;
      const end = match.index + match[0].length;
      this.read += end;
      return unread.slice(0, end);
    }
    throw new Error(`${pattern} was not printed within ${seconds} seconds:\n${this.log.slice(this.read)}`);
  }

  /** Presses Ctrl+C, which reaches everything in the terminal. */
  public async interrupt(): Promise<void> {
    process.kill(-this.pid, 'SIGINT');
    await this.ended;
  }
}
