import { spawn } from 'child_process';

export interface DockerInput {
  readonly input?: Buffer;
  /** That of this process unless it is given. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs `docker` itself with the outputs of this process, and gives its exit code. */
export async function realDocker(program: string, args: readonly string[], { input, env }: DockerInput = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: [input ? 'pipe' : 'inherit', 'inherit', 'inherit'], shell: false, env });
    child.on('error', ({ message }) => {
      process.stderr.write(`${program} could not be started: ${message}\n`);
      resolve(127);
    });
    child.stdin?.on('error', () => undefined); // it may not read its input
    child.stdin?.end(input);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
