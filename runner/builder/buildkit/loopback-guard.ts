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
  /** Why there is no protection, when there is none. */
  public reason = '';
  private isSet = false;

  constructor(private readonly context: BuilderContext) {}

  /** Whether nothing can be reached there from now on. */
  public async protect(): Promise<boolean> {
    if (!await isOpen()) return true;
    const { ok, reason } = await this.iptables(['-I', ...RULE]);
    this.isSet = ok;
    if (!ok) this.reason = `steps would reach the engine of the build machine on port ${ENGINE_PORT}, and the firewall takes no rule against it: ${reason}`;
    else if (await isOpen()) this.reason = `steps would reach the engine of the build machine on port ${ENGINE_PORT}, in spite of the firewall`;
    return this.reason === '';
  }

  public async remove(): Promise<void> {
    if (!this.isSet) return;
    this.isSet = false;
    await this.iptables(['-D', ...RULE]);
  }

  private async iptables(args: readonly string[]) {
    const all = ['--wait', '10', ...args];
    this.context.log.command('iptables', all);
    return runProgram('iptables', all, { env: this.context.env, timeout: 30_000 });
  }
}

async function isOpen(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port: ENGINE_PORT, timeout: 2000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.on('connect', () => answer(true));
    socket.on('timeout', () => answer(true)); // not refused, so not known
    socket.on('error', () => answer(false));
  });
}
