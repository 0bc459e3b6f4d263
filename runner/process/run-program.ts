import { ChildProcess, spawn } from 'child_process';
import { Readable } from 'stream';
import { LineSplitter } from './line-splitter';

/** How a program is run. */
export interface RunOptions {
  /** @default that of this process, see `programEnvironment` */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** After how many milliseconds it is ended. */
  readonly timeout: number;
  /** Takes each line of both outputs as it comes. Without it, they are collected. */
  readonly onLine?: (line: string) => void;
  /** Takes the standard output as it is, instead of its lines. */
  readonly onOutput?: (output: Readable) => void;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
}

/** How a program ended. */
export interface Outcome {
  /** Whether it ran and ended with 0. */
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not end well, for the middle of a sentence. Empty if it did. */
  readonly reason: string;
  /** Whether there is no such program. */
  readonly isMissing: boolean;
  /** Whether it was ended from outside: after its time, or by the signal. */
  readonly wasEnded: boolean;
}

/** What a program prints beyond this many bytes is dropped where its output is collected. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/** How long a program that is told to end may take for it, in milliseconds. */
const PATIENCE = 10_000;

const running = new Set<ChildProcess>();

/** Runs a program with a list of arguments, never through a shell. It is in a process group of its own and ended with all that it has started. */
export async function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 };
    let ending = '';
    let error: NodeJS.ErrnoException | undefined;
    let killTimer: NodeJS.Timeout | undefined;
    let child: ChildProcess;
    try {
      child = spawn(program, args, { env: options.env, stdio: ['pipe', 'pipe', 'pipe'], detached: true, shell: false });
    } catch (thrown) {
      resolve(notStarted(thrown as NodeJS.ErrnoException));
      return;
    }
    running.add(child);
    const end = (why: string) => {
      ending ||= why;
      endGroup(child, 'SIGTERM');
      killTimer ??= setTimeout(() => endGroup(child, 'SIGKILL'), PATIENCE);
    };
    const timer = setTimeout(() => end(`it did not end within ${Math.round(options.timeout / 1000)} seconds`), options.timeout);
    const abort = () => end(String(options.signal?.reason ?? 'it was ended'));
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();

    const isTaken = options.onOutput !== undefined && child.stdout !== null;
    if (isTaken) options.onOutput!(child.stdout!);
    const splitters = (['stdout', 'stderr'] as const).filter((name) => name === 'stderr' || !isTaken).map((name) => {
      const splitter = options.onLine && new LineSplitter(options.onLine);
      child[name]?.on('data', (chunk: Buffer) => {
        splitter?.push(chunk);
        collected.bytes += splitter ? 0 : chunk.length;
        if (!splitter && collected.bytes <= MAX_OUTPUT) collected[name].push(chunk);
      });
      return splitter;
    });
    child.stdin?.on('error', () => undefined); // it may not read its input
    child.stdin?.end(options.input ?? '');
    child.on('error', (reason) => { error = reason; });

    const finish = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      clearTimeout(killTimer);
      clearTimeout(drainTimer);
      options.signal?.removeEventListener('abort', abort);
      running.delete(child);
      if (ending) endGroup(child, 'SIGKILL'); // what it has started may not have listened
      splitters.forEach((splitter) => splitter?.end());
      const stderr = Buffer.concat(collected.stderr).toString();
      resolve({
        ok: !error && !ending && code === 0,
        stdout: Buffer.concat(collected.stdout).toString(),
        stderr,
        reason: ending || (error ? `it could not be started: ${error.message}` : code === 0 ? '' : lastLine(stderr) || `it ended with ${signal ?? code}`),
        isMissing: error?.code === 'ENOENT',
        wasEnded: ending !== '',
      });
    };
    let drainTimer: NodeJS.Timeout | undefined;
    let ended: [number | null, NodeJS.Signals | null] | undefined;
    // What it left behind may hold the outputs open, and is not waited for.
    child.on('exit', (code, signal) => {
      ended = [code, signal];
      drainTimer = setTimeout(() => {
        if (!isTaken) child.stdout?.destroy(); // its reader may be slow
        child.stderr?.destroy();
      }, 2000);
    });
    child.on('close', (code, signal) => finish(...ended ?? [code, signal]));
  });
}

/** Ends whatever still runs, for the end of this process. */
export function endAllPrograms(signal: NodeJS.Signals = 'SIGTERM'): void {
  running.forEach((child) => endGroup(child, signal));
}

/** What Node.js refuses at once, such as an argument that is longer than the system takes. */
function notStarted({ code, message }: NodeJS.ErrnoException): Outcome {
  const why = code === 'E2BIG' ? 'an argument or the environment is longer than this machine allows, which is 128 kB for one of them' : message;
  return { ok: false, stdout: '', stderr: '', reason: `it could not be started: ${why}`, isMissing: false, wasEnded: false };
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it has ended
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
