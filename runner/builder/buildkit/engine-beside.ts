import { spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { BuildkitWay, engineWillDo, StartedBuildkit } from './buildkit';
import { LayerStore } from '../../layers/layer-store';
import { GROUP, PASSWD } from '../../layers/user-names';
import { reasonOf } from '../../report/failure';
import { BuilderContext } from '../builder';
import { ENGINE } from '../buildx-solver';
import { EngineInfo, engineInfoAt } from '../engine-info';

/** What its data is kept in, below that of the running engine. */
const PREFIX = 'cached-docker-build.';

/** Where its containerd keeps content, below its data. */
const CONTENT = 'containerd/daemon/io.containerd.content.v1.content/blobs/sha256';

/** The file that says where an engine is that is kept. */
const KEPT = 'engine.json';

/** How long the engine may take to answer, in milliseconds. */
const PATIENCE = 15_000;

/**
 * A second engine beside the running one, with the store of containerd: CodeBuild starts its own with the classic one. It is there in less than a second;
 * a container of BuildKit would have to be pulled first.
 */
export const engineBeside: BuildkitWay = async (request) => {
  const { context, guard } = request;
  if (!engineWillDo(request)) return undefined;
  const running = await request.runningEngine();
  // Not where the engine is on another machine, or is all that this one has of Docker.
  if (!running?.root || !fs.existsSync(running.root) || !hasProgram('dockerd', context.env)) return undefined;
  // A step has the network of the build machine, where the running engine may listen.
  if (!await guard.protect()) {
    context.log.warn(`${guard.reason}: no engine is started beside it`);
    return undefined;
  }
  try {
    return await start(running.root, context);
  } catch (error) {
    context.log.warn(`no engine could be started beside the running one: ${reasonOf(error)}`);
    return undefined;
  }
};

async function start(root: string, context: BuilderContext): Promise<StartedBuildkit> {
  const kept = context.keep && await keptEngine(context.keep);
  if (kept) return kept;
  // Below the data of the running engine, since that is no overlay, on which another overlay could not stand.
  removeAbandoned(root);
  const data = fs.mkdtempSync(path.join(root, PREFIX));
  const run = fs.mkdtempSync(path.join('/tmp', 'docker.')); // short, as the path of a socket has to be
  const socket = path.join(run, 'docker.sock');
  // No network of its own: builds use that of the machine. Its bridge is that of the running engine, which it leaves as it is: told to have none, it removes it.
  const config = {
    'features': { 'containerd-snapshotter': true },
    'storage-driver': 'overlayfs',
    'data-root': data,
    'exec-root': path.join(run, 'exec'),
    'pidfile': path.join(run, 'pid'),
    'hosts': [`unix://${socket}`],
    'iptables': false,
    'ip6tables': false,
    'ip-forward': false,
  };
  fs.writeFileSync(path.join(run, 'daemon.json'), JSON.stringify(config));
  const logFile = path.join(run, 'log');
  const log = fs.openSync(logFile, 'w');
  const args = ['--config-file', path.join(run, 'daemon.json'), '--containerd-namespace', 'cached-docker-build', '--containerd-plugins-namespace', 'cached-docker-build-plugins'];
  context.log.command('dockerd', args);
  const engine = spawn('dockerd', args, { env: context.env, stdio: ['ignore', log, log], detached: true });
  fs.closeSync(log);
  let ended = '';
  engine.on('error', (error) => { ended = error.message; });
  engine.on('exit', (code, signal) => { ended ||= `it ended with ${signal ?? code}`; });
  // Nobody waits for its end; what it leaves is removed by the next build on a machine that is kept.
  const end = () => { engine.kill('SIGTERM'); };
  process.once('exit', end); // also when the build is ended
  const stop = async () => {
    process.removeListener('exit', end);
    if (context.keep) fs.writeFileSync(path.join(context.keep, KEPT), JSON.stringify({ socket, data }));
    else end();
  };

  const deadline = Date.now() + PATIENCE;
  while (ended === '' && Date.now() < deadline) {
    const info = await engineInfoAt(socket);
    if (info?.hasContainerdStore) {
      engine.unref();
      return startedAt({ socket, data }, info, stop);
    }
    if (info) ended = 'it does not have the store of containerd';
    await pause(20);
  }
  const lastWords = engine.exitCode === null && engine.signalCode === null ? '' : lastLine(logFile);
  const reason = lastWords || ended || `it did not answer within ${PATIENCE / 1000} seconds`;
  engine.kill('SIGKILL');
  fs.rmSync(run, { recursive: true, force: true });
  throw new Error(reason);
}

/** An engine, by its socket and its data. */
interface EnginePlace {
  readonly socket: string;
  readonly data: string;
}

/** The engine that an earlier process has left, if it answers. */
async function keptEngine(keep: string): Promise<StartedBuildkit | undefined> {
  const place = keptPlace(keep);
  const info = place && await engineInfoAt(place.socket);
  return place && info ? startedAt(place, info) : undefined;
}

/** The layers of the engine that is kept; undefined without one. */
export function keptStore(keep: string): LayerStore | undefined {
  const place = keptPlace(keep);
  return place && storeOf(place);
}

function keptPlace(keep: string): EnginePlace | undefined {
  const note = path.join(keep, KEPT);
  return fs.existsSync(note) ? JSON.parse(fs.readFileSync(note, 'utf8')) as EnginePlace : undefined;
}

function storeOf({ data }: EnginePlace): LayerStore {
  return new LayerStore(path.join(data, CONTENT), [PASSWD, GROUP]);
}

function startedAt(place: EnginePlace, { version }: EngineInfo, stop?: () => Promise<void>): StartedBuildkit {
  const environment = { DOCKER_HOST: `unix://${place.socket}` };
  return { name: ENGINE, environment, hasHostNetwork: true, store: storeOf(place), description: `a Docker engine beside the running one, ${version}`, stop };
}

/** What engines of earlier builds have left on a machine that is kept. It takes a while to remove, and nobody has to wait for that. */
function removeAbandoned(root: string): void {
  const abandoned = fs.readdirSync(root).filter((name) => name.startsWith(PREFIX)).map((name) => path.join(root, name));
  if (abandoned.length > 0) spawn('rm', ['-rf', '--', ...abandoned], { stdio: 'ignore', detached: true }).on('error', () => undefined).unref();
}

function hasProgram(name: string, { PATH = '' }: NodeJS.ProcessEnv): boolean {
  return PATH.split(path.delimiter).some((directory) => fs.existsSync(path.join(directory, name)));
}

async function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function lastLine(file: string): string {
  return fs.readFileSync(file, 'utf8').trim().split(os.EOL).at(-1) ?? '';
}
