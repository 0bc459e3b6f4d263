import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import { tail } from '../world/tail';

export interface DaemonOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Where its output goes. */
  readonly log: string;
  /** Asked again and again until it no longer throws. */
  readonly ready: () => Promise<unknown>;
}

/** How many milliseconds one may take to become ready, on a machine that is busy with other things. */
const PATIENCE = 120_000;

/** A server that runs beside the tests, known to answer once it is started. */
export class Daemon {
  public static async start(options: DaemonOptions): Promise<Daemon> {
    const daemon = new Daemon(options);
    try {
      await daemon.untilReady();
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return daemon;
  }

  private readonly child: ChildProcess;
  private ended?: string;

  private constructor(private readonly options: DaemonOptions) {
    const log = fs.openSync(options.log, 'a');
    this.child = spawn(options.command, options.args, {
      cwd: options.cwd, env: options.env ?? process.env, stdio: ['ignore', log, log],
    });
    fs.closeSync(log);
    this.child.on('error', error => this.ended = error.message);
    this.child.on('exit', (code, signal) => this.ended = `ended with ${signal ?? code}`);
  }

  /** Ends it, with force when it does not want to. */
  public async stop(): Promise<void> {
    if (this.ended) return;
    const gone = new Promise<void>(resolve => this.child.once('exit', () => resolve()));
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), 60_000);
    await gone;
    clearTimeout(force);
  }

  /** Ends it as the system does when memory runs out. */
  public kill(): void {
    this.child.kill('SIGKILL');
  }

  private async untilReady(): Promise<void> {
    for (const start = Date.now(); ; ) {
      try {
        await this.options.ready();
        return;
      } catch (error) {
        const reason = this.ended ?? (Date.now() - start > PATIENCE ? `not ready after ${PATIENCE} ms: ${error}` : undefined);
        if (reason) {
          throw new Error(`${this.options.command}: ${reason}\n${tail(fs.readFileSync(this.options.log, 'utf8'))}`);
        }
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}
