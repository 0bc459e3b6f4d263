import { spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { parts } from '../parts/parts';
import { Certificates } from '../registry/certificates';

/**
 * Runs a command in a world of its own: own network (loopback only, so port 443 is free and nothing gets out), own
 * mounts (host names, trusted certificates, /run) and own processes, which all end with the command.
 *
 * @returns the command's exit code
 */
export async function isolate(command: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new Error('The isolation needs namespaces and mounts: run this as root.');
  const worlds = parts.directory('worlds');
  fs.mkdirSync(worlds, { recursive: true });
  removeAbandoned(worlds);
  const directory = fs.mkdtempSync(path.join(worlds, `world-${process.pid}-`));
  try {
    await prepare(directory);
    return await run(directory, command);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** A process that was killed could not remove its world. */
function removeAbandoned(worlds: string) {
  for (const name of fs.readdirSync(worlds)) {
    const [, owner] = /^world-(\d+)-/.exec(name) ?? [];
    if (owner && !fs.existsSync(`/proc/${owner}`)) fs.rmSync(path.join(worlds, name), { recursive: true, force: true });
  }
}

async function prepare(directory: string) {
  const certificates = await Certificates.create(directory);
  const system = '/etc/ssl/certs/ca-certificates.crt';
  const trusted = fs.existsSync(system) ? fs.readFileSync(system, 'utf8') : '';
  fs.writeFileSync(path.join(directory, 'trust.pem'), trusted + fs.readFileSync(certificates.authority, 'utf8'));
  fs.writeFileSync(path.join(directory, 'hosts'), '127.0.0.1 localhost\n');
  const plugins = path.join(directory, 'local-lib', 'docker', 'cli-plugins');
  fs.mkdirSync(plugins, { recursive: true });
  fs.symlinkSync(path.join(parts.bin, 'buildx'), path.join(plugins, 'docker-buildx'));
}

async function run(directory: string, command: readonly string[]): Promise<number> {
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
  // the outermost program dies with this process, even when this one is killed, and the world with it
  const outermost = ['--pdeathsig', 'KILL', 'unshare', ...namespaces];
  const child = spawn('setpriv', [...outermost, path.join(__dirname, 'isolate.sh'), directory, ...command], {
    stdio: 'inherit',
    env: { ...process.env, PLAY_WORLD: '/run/world', NODE_EXTRA_CA_CERTS: '/run/world/trust.pem' },
  });
  // ending this process must end the world; its directory is removed by the caller then
  const end = () => child.kill('SIGKILL');
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  signals.forEach(signal => process.on(signal, end));
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(signal ? 1 : code ?? 1));
    });
  } finally {
    signals.forEach(signal => process.removeListener(signal, end));
  }
}
