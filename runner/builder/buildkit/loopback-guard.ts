import { spawnSync } from 'child_process';
import * as net from 'net';
import { runProgram } from '../../process/run-program';
import { BuilderContext } from '../builder';

/** Where CodeBuild's engine listens besides its socket, without a password. Whoever reaches it has the role of the build. */
const ENGINE_PORT = 2375;

const RULE = ['OUTPUT', '-o', 'lo', '-p', 'tcp', '--dport', String(ENGINE_PORT), '-j', 'REJECT'];

/**
 * Keeps steps that have the network of the build machine away from its engine, by a rule of the firewall. This program and `docker` talk to the engine
 * through its socket.
 */
export class LoopbackGuard {
  /** Why steps could reach the engine, when they could. */
  public reason = '';
  private isSet = false;

  constructor(private readonly context: BuilderContext) {}

  /** Whether nothing can be reached there from now on. */
  public async protect(): Promise<boolean> {
    if (await isClosed()) return true;
    this.reason = `a RUN with the network of the build machine could use the Docker engine at its port ${ENGINE_PORT}, ${await this.close()}`;
    return this.isSet && await isClosed();
  }

  public async remove(): Promise<void> {
    if (!this.isSet) return;
    this.isSet = false;
    process.removeListener('exit', this.removeAtOnce);
    await this.iptables('--delete');
  }

  /** When the build is ended, nobody waits for a program any more. */
  private readonly removeAtOnce = () => { spawnSync('iptables', ['--wait', '10', '--delete', ...RULE], { env: this.context.env, timeout: 15_000 }); };

  /** Gives the reason for which the port may stay open. */
  private async close(): Promise<string> {
    // A rule would cut the build itself from its engine.
    if (new RegExp(`^tcp://.*:${ENGINE_PORT}\\b`).test(this.context.env.DOCKER_HOST ?? '')) return 'which the build uses itself';
    const { ok, reason } = await this.iptables('--insert');
    this.isSet = ok;
    if (ok) process.once('exit', this.removeAtOnce);
    return ok ? 'which is open in spite of a firewall rule' : `since no firewall rule can be set (${reason})`;
  }

  private async iptables(command: string) {
    const args = ['--wait', '10', command, ...RULE];
    this.context.log.command('iptables', args);
    return runProgram('iptables', args, { env: this.context.env, timeout: 30_000 });
  }
}

/** Only a refused connection shows that nothing listens. */
async function isClosed(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port: ENGINE_PORT, timeout: 5000 });
    const answer = (closed: boolean) => {
      socket.destroy();
      resolve(closed);
    };
    socket.on('connect', () => answer(false));
    socket.on('timeout', () => answer(false));
    socket.on('error', (error: NodeJS.ErrnoException) => answer(error.code === 'ECONNREFUSED'));
  });
}
