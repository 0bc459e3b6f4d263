import { spawn } from 'child_process';
import { tail } from './tail';

export interface ExecuteOptions {
  readonly cwd?: string;
  /** The whole environment of the program; the caller's own when left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** After that, it is ended and has failed. */
  readonly timeoutSeconds?: number;
  /** Called with every line as it comes, so that long work shows progress. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end and gives what it printed; throws with the end of its output when it fails.
 *
 * Never use the synchronous forms of `child_process` in here: the registry lives in this very process.
 */
export async function execute(command: string, args: readonly string[], options: ExecuteOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const timeout = options.timeoutSeconds && options.timeoutSeconds * 1000;
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: 'pipe', timeout });
    const stdout: Buffer[] = [];
    const everything: Buffer[] = [];
    let partial = '';
    const take = (chunk: Buffer) => {
      everything.push(chunk);
      if (!options.onLine) return;
      const lines = (partial + chunk.toString()).split('\n');
      partial = lines.pop()!;
      lines.forEach(options.onLine);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      take(chunk);
    });
    child.stderr.on('data', take);
    child.on('error', error => reject(new Error(`cannot run ${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (partial && options.onLine) options.onLine(partial);
      if (code === 0) return resolve(Buffer.concat(stdout).toString());
      const end = tail(Buffer.concat(everything).toString());
      reject(new Error(`${[command, ...args].join(' ')} ended with ${signal ?? code}\n${end}`));
    });
    child.stdin.on('error', () => { /* the program did not want its input; its exit code tells */ });
    child.stdin.end(options.input ?? '');
  });
}
