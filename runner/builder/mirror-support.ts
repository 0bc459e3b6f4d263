import { BuilderContext } from './builder';
import { BuildxInstance, ENGINE } from './buildx-solver';
import { runProgram } from '../process/run-program';

/** The first versions that take a source policy: older ones look images up in their own registry first, or know nothing of a policy at all. */
const NEEDED = 'mirrors need BuildKit 0.12, which Docker 25.0 has';

/** Gives mirrors up that this builder would pass by. */
export async function keepMirrorsItKnows({ name, environment }: BuildxInstance, { mirrors, env }: BuilderContext): Promise<void> {
  if (mirrors.inUse.length === 0) return;
  const all = { ...env, ...environment };
  if (name === ENGINE) {
    // What an engine says of the BuildKit inside depends on who has made it.
    const server = await version(all, ['version', '--format', '{{.Server.Version}}']);
    if (!isAtLeast(server, 25, 0)) mirrors.giveUp(`${NEEDED}, and the builder has Docker ${server ?? 'of a version that it does not say'}`);
    return;
  }
  const { stdout } = await runProgram('docker', ['buildx', 'inspect', name], { env: all, timeout: 60_000 });
  const found = /^BuildKit(?: version)?:\s*v?(\S+)/im.exec(stdout)?.[1];
  if (!isAtLeast(found, 0, 12)) mirrors.giveUp(`${NEEDED}, and the builder has BuildKit ${found ?? 'of a version that it does not say'}`);
}

/** Gives mirrors up that this client of Docker does not hand over, not even to a newer engine. */
export async function keepMirrorsOfClient({ mirrors, env }: BuilderContext): Promise<void> {
  if (mirrors.inUse.length === 0) return;
  const client = await version(env, ['version', '--format', '{{.Client.Version}}']);
  if (!isAtLeast(client, 25, 0)) mirrors.giveUp(`mirrors need the client of Docker 25.0, and the build image has ${client ?? 'one that does not say its version'}`);
}

async function version(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<string | undefined> {
  const { stdout } = await runProgram('docker', args, { env, timeout: 30_000 });
  return /^\d+\.\d+\S*/.exec(stdout.trim())?.[0];
}

function isAtLeast(found: string | undefined, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(found ?? '') ?? [];
  return first !== undefined && (Number(first) > major || (Number(first) === major && Number(second) >= minor));
}
