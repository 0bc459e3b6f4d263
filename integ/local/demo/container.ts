import { spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { parts } from '../parts/parts';
import { stillGoing } from '../parts/still-going';
import { execute } from '../world/execute';

const name = 'cdk-cached-docker-build-demo'; // of the image, and of the volume with its parts
const repository = path.resolve(__dirname, '../../..');
const inside = '/repository';

/**
 * Plays the demo in a container of the machine's Docker engine, which needs nothing else of the machine.
 *
 * @returns the exit code of the demo, or undefined when the engine cannot do it; why is said then
 */
export async function playInContainer(say: (line: string) => void): Promise<number | undefined> {
  const reason = await unavailable();
  if (reason) {
    say(`no Docker engine with buildx: ${reason}`);
    return undefined;
  }
  say('playing in a container of the Docker engine');
  try {
    fs.mkdirSync(parts.root, { recursive: true }); // mounted over, and better made by its owner than by the engine
    await build(say);
  } catch (error) {
    say(`the image of the container cannot be built, so it is done without: ${lastLine(error)}`);
    return undefined;
  }
  // shows whether the engine can do it, before it is relied on
  const prepared = await run('prepare');
  if (prepared.interrupted) return 130;
  if (prepared.code !== 0) {
    say('the Docker engine cannot play the demo (the reason is above), so it is done without');
    return undefined;
  }
  const played = await run();
  return played.interrupted ? 130 : played.code;
}

async function unavailable(): Promise<string | undefined> {
  try {
    const os = await answer('version', '--format', '{{.Server.Os}}');
    if (os !== 'linux') return `it runs containers of ${os}`;
    await answer('buildx', 'version');
    return undefined;
  } catch (error) {
    return lastLine(error);
  }
}

/** What the client says; an engine far away may never answer. */
async function answer(...args: string[]): Promise<string> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => timer = setTimeout(() => reject(new Error('it does not answer')), 15_000));
  return Promise.race([execute('docker', args), late]).then(said => said.trim()).finally(() => clearTimeout(timer));
}

async function build(say: (line: string) => void) {
  // both arguments come from the environment, and where they are not set from the Dockerfile
  const args = ['--build-arg', 'GO_IMAGE', '--build-arg', 'NODE_IMAGE', '--load', '--progress', 'plain', '--tag', name, '--file', path.join(__dirname, 'Dockerfile'), path.join(__dirname, '../parts')];
  await stillGoing('building the image of the container', say, () => execute('docker', ['buildx', 'build', ...args], {
    onLine: line => {
      if (/^#\d+ (\[(?!internal)|CACHED|ERROR)/.test(line)) say(`  ${line}`);
    },
  }));
}

/** One container: privileged, because the play makes namespaces and mounts; it can read the repository and write its parts. */
async function run(...args: string[]): Promise<{ code: number; interrupted: boolean }> {
  const child = spawn('docker', [
    'run', '--rm', '--privileged', '--workdir', inside,
    '--mount', `type=bind,source=${repository},target=${inside},readonly`,
    // parts of Linux, which are never mixed with those of the machine and are still there next time
    '--mount', `type=volume,source=${name},target=${inside}/.parts`,
    // the play mounts overlays in there, which needs a real file system; it goes with the container
    '--mount', `type=volume,target=${inside}/.parts/worlds`,
    name,
    'node', 'node_modules/ts-node/dist/bin.js', '--transpile-only', '--project', 'integ/tsconfig.json', 'integ/local/demo/demo.ts', 'inside', ...args,
  ], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  // The container does not end with this process by itself. The client passes one signal on, and gives up at the third:
  // so it is kept from the terminal's (`detached`) and from those that npm adds to them.
  let interrupted = false;
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const end = () => {
    if (!interrupted) child.kill('SIGTERM');
    interrupted = true;
  };
  signals.forEach(signal => process.on(signal, end));
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', exit => resolve(exit ?? 1));
    });
    return { code, interrupted };
  } finally {
    signals.forEach(signal => process.removeListener(signal, end));
  }
}

function lastLine(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return lines[lines.length - 1].trim();
}
