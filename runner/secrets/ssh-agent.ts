import * as fs from 'fs';
import { runProgram } from '../process/run-program';
import { Failure } from '../report/failure';
import { LONGEST_BUILD } from '../solve/solve';

/** How long the programs of OpenSSH may take, in milliseconds. */
const PATIENCE = 10_000;

/** An SSH agent with one key, which lies on no disk. Whoever reaches its socket can log in with the key, and not read it. */
export class SshAgent {
  private readonly end = new AbortController();
  private running?: Promise<string>;

  /** @param env for programs */
  constructor(public readonly socket: string, private readonly env: NodeJS.ProcessEnv) {}

  /** Fails when there is no agent on this machine, or it does not take the key. */
  public async start(key: string): Promise<void> {
    let ended: string | undefined;
    this.running = runProgram('ssh-agent', ['-D', '-a', this.socket], { env: this.env, timeout: LONGEST_BUILD, signal: this.end.signal })
      .then(({ reason, isMissing }) => ended = isMissing ? 'the build image has no ssh-agent; give the step a buildImage with OpenSSH, as CodeBuild\'s own have it' : reason);
    for (const deadline = Date.now() + PATIENCE; !fs.existsSync(this.socket); await new Promise((resolve) => setTimeout(resolve, 10))) {
      if (ended !== undefined || Date.now() > deadline) throw new Failure(`there is no SSH agent: ${ended ?? 'it does not answer'}`);
    }
    // A key needs a line break at its end, which forms for secrets like to drop.
    const input = `${key.replace(/\r/g, '').trimEnd()}\n`;
    const added = await runProgram('ssh-add', ['-q', '-'], { env: { ...this.env, SSH_AUTH_SOCK: this.socket, SSH_ASKPASS_REQUIRE: 'never' }, input, timeout: PATIENCE });
    if (!added.ok) throw new Failure(`the SSH agent does not take the key: ${added.reason}; it has to be a private key as ssh-keygen writes it, without a passphrase`);
  }

  public async stop(): Promise<void> {
    this.end.abort('the build is over');
    await this.running;
  }
}
