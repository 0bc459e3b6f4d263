import * as fs from 'fs';
import * as path from 'path';
import { buildkit } from '../../../../runner/builder/buildkit/buildkit';
import { keptStore } from '../../../../runner/builder/buildkit/engine-beside';
import { temporaryDirectory } from '../../../testhelpers/temporary-directory';
import { BuildMachine } from '../../testhelpers/build-machine';
import { BuildSetup, CACHE_REPOSITORY, SetupOptions } from '../../testhelpers/build-setup';
import { EnginePort } from '../../testhelpers/engine-port';
import { digestOf, dir, layerOf } from '../../testhelpers/layers';

/** Answers at its socket at once, as an engine does, until it is ended. */
const DOCKERD = `
const fs = require('fs');
const config = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));
fs.writeFileSync(process.env.FAKES + '/daemon.json', JSON.stringify({ ...config, file: process.argv[3], process: process.pid }));
require('http').createServer((request, response) => {
  response.statusCode = request.url === '/info' ? 200 : 404;
  response.end(fs.readFileSync(process.env.FAKES + '/info.json'));
}).listen(config.hosts[0].replace('unix://', ''));
setTimeout(() => process.exit(3), 20000);
`;

let machine: BuildMachine;
let port: EnginePort;

beforeEach(() => {
  machine = new BuildMachine('docker', 'dockerd', 'iptables');
  fs.mkdirSync(machine.path('docker-data'));
  port = new EnginePort();
  stores('io.containerd.snapshotter.v1');
  machine.javascript('dockerd', DOCKERD);
});

/** The engine that runs has the classic store; the one beside it, another one. */
function stores(beside: string): void {
  const info = (store: string) => JSON.stringify({ ServerVersion: '28.5.2', DockerRootDir: machine.path('docker-data'), DriverStatus: [['driver-type', store]] });
  fs.writeFileSync(machine.path('info.json'), info(beside));
  machine.script('docker', `case "$*" in
    info*) echo '${info('extfs')}' ;;
    'buildx rm '* | 'rm '*) exit 1 ;;
    'buildx create '*) ;;
    'buildx build '*) ;;
    version*) echo 24.0.7 ;;
    *) echo "not told what to answer to: $*" >&2; exit 97 ;;
  esac`);
}

async function start(options?: SetupOptions) {
  const setup = new BuildSetup(machine, options);
  const starting = buildkit({ kind: 'buildkit', buildkitImage: 'moby/buildkit:v1' }, setup.context).start([]);
  const running = await starting.finally(() => folders.push(daemon().file));
  stops.push(async () => running.stop());
  return { setup, running };
}

const stops: (() => Promise<void>)[] = [];
/** A file in each folder of an engine, which is not in that of the test. */
const folders: (string | undefined)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map(async (stop) => stop()));
  folders.splice(0).forEach((file) => file && fs.rmSync(path.dirname(file), { recursive: true, force: true }));
});

function daemon(): { [name: string]: any } {
  return fs.existsSync(machine.path('daemon.json')) ? JSON.parse(fs.readFileSync(machine.path('daemon.json'), 'utf8')) : {};
}

const createdContainers = () => machine.argumentsOf('docker').filter(([, verb]) => verb === 'create').length;

test('an engine with the containerd store is started beside one without, and no container', async () => {
  const { setup, running } = await start();
  expect(running.description).toBe('a Docker engine beside the running one, 28.5.2');
  expect(setup.lines).toEqual([expect.stringMatching(/^\$ dockerd --config-file \/tmp\/docker\.\w+\/daemon\.json --containerd-namespace /), 'builder: a Docker engine beside the running one, 28.5.2']);
  expect(createdContainers()).toBe(0);
});

test('it leaves the running one as it is: data, network and containers', async () => {
  await start();
  const config = daemon();
  expect(config).toMatchObject({ 'features': { 'containerd-snapshotter': true }, 'storage-driver': 'overlayfs', 'iptables': false, 'ip6tables': false, 'ip-forward': false });
  expect(config).not.toHaveProperty('bridge'); // 'none' removes the bridge of the machine, and so that of the running engine
  expect(config['data-root']).toMatch(new RegExp(`^${machine.path('docker-data')}/cached-docker-build\\.\\w+$`));
  expect(config.hosts).toEqual([`unix://${path.dirname(config.file)}/docker.sock`]);
  expect(machine.argumentsOf('dockerd')[0].slice(2)).toEqual(['--containerd-namespace', 'cached-docker-build', '--containerd-plugins-namespace', 'cached-docker-build-plugins']);
});

test('its builds use it, with the network of the machine, and push under the tag that moves', async () => {
  const { setup, running } = await start();
  await running.build(setup.job());
  const { args, environment } = machine.calls('docker').at(-1)!;
  expect(args.join(' ')).toMatch(/--builder default .*name=\S+:cache-staging,.* --network host /);
  expect(environment.DOCKER_HOST).toBe(daemon().hosts[0]);
});

test('its layers are read from the files of its containerd', async () => {
  const { running } = await start();
  const layer = await layerOf({ name: 'app/' });
  const manifest = JSON.stringify({ layers: [{ digest: layer.digest }] });
  const directory = path.join(daemon()['data-root'], 'containerd/daemon/io.containerd.content.v1.content/blobs/sha256');
  fs.mkdirSync(directory, { recursive: true });
  for (const content of [manifest, layer.content]) fs.writeFileSync(path.join(directory, digestOf(content).replace('sha256:', '')), content);
  expect(await running.archives!.store!.image(digestOf(manifest), new Set())).toEqual(new Map([[layer.digest, [dir('/app')]]]));
});

test('it ends with the build', async () => {
  const { running } = await start();
  const engine = daemon().process;
  expect(isAlive(engine)).toBe(true);
  await running.stop();
  await until(() => !isAlive(engine));
});

test('where it is worth keeping, the next process on the machine finds it, and another one where it is gone', async () => {
  const keep = temporaryDirectory();
  expect(keptStore(keep)).toBeUndefined();
  const first = await start({ keep });
  const engine = daemon().process;
  await first.running.stop();
  expect(isAlive(engine)).toBe(true);
  expect(keptStore(keep)).toEqual(first.running.archives!.store);
  const second = await start({ keep });
  expect(second.running.description).toBe(first.running.description);
  await second.running.build(second.setup.job());
  expect(machine.calls('docker').at(-1)!.environment.DOCKER_HOST).toBe(daemon().hosts[0]);
  await second.running.stop();
  expect(machine.argumentsOf('dockerd')).toHaveLength(1);

  process.kill(engine);
  await until(() => !isAlive(engine));
  await (await start({ keep })).running.stop();
  expect(machine.argumentsOf('dockerd')).toHaveLength(2);
  process.kill(daemon().process);
  stops.splice(0); // all of them have been stopped
});

test('it ends with a build that is ended, too', async () => {
  const before = process.listeners('exit');
  const { running } = await start();
  const engine = daemon().process;
  const added = process.listeners('exit').filter((listener) => !before.includes(listener));
  expect(added).toHaveLength(1);
  added[0](1);
  await until(() => !isAlive(engine));
  await running.stop();
  expect(process.listeners('exit')).toEqual(before);
});

test('what an earlier one has left is removed', async () => {
  fs.mkdirSync(machine.path('docker-data', 'cached-docker-build.old', 'overlay'), { recursive: true });
  fs.mkdirSync(machine.path('docker-data', 'overlay2'));
  await start();
  await until(() => !fs.existsSync(machine.path('docker-data', 'cached-docker-build.old')));
  expect(fs.readdirSync(machine.path('docker-data')).sort()).toEqual([path.basename(daemon()['data-root']), 'overlay2']);
});

test('one is started for a cache in a registry', async () => {
  const { running } = await start({ cache: { kind: 'registry', repository: CACHE_REPOSITORY, mode: 'max', compression: 'zstd' } });
  expect(running.description).toBe('a Docker engine beside the running one, 28.5.2');
});

test('none is started for a cache that no engine can write', async () => {
  const { setup, running } = await start({ cache: { kind: 's3', region: 'eu-west-1', bucket: 'layers', prefix: '', mode: 'max' } });
  expect(machine.argumentsOf('dockerd')).toEqual([]);
  expect(running.description).toBe('a container of moby/buildkit:v1');
  expect(setup.warnings).toEqual([]);
});

test('none is started where the data of the running engine is on another machine', async () => {
  fs.rmdirSync(machine.path('docker-data'));
  const { setup, running } = await start();
  expect(machine.argumentsOf('dockerd')).toEqual([]);
  expect(running.description).toBe('a container of moby/buildkit:v1');
  expect(setup.warnings).toEqual([]);
});

test('none is started where there is only a client of Docker', async () => {
  machine.remove('dockerd');
  const { setup, running } = await start();
  expect(running.description).toBe('a container of moby/buildkit:v1');
  expect(setup.warnings).toEqual([]);
});

test('one that ends at once is said with its last words, and a container started', async () => {
  machine.script('dockerd', 'echo starting; echo "failed to start daemon: no overlay" >&2; exit 1');
  const { setup, running } = await start();
  expect(setup.warnings).toEqual(['no engine could be started beside the running one: failed to start daemon: no overlay']);
  expect(running.description).toBe('a container of moby/buildkit:v1');
  expect(createdContainers()).toBe(1);
});

test('one that ends without a word is said with its exit code', async () => {
  machine.script('dockerd', 'exit 7');
  expect((await start()).setup.warnings).toEqual(['no engine could be started beside the running one: it ended with 7']);
});

test('one that cannot be executed is said', async () => {
  fs.chmodSync(path.join(machine.bin, 'dockerd'), 0o644);
  expect((await start()).setup.warnings).toEqual([expect.stringMatching(/^no engine could be started beside the running one: .*EACCES/)]);
});

test('one that never answers is ended, said, and a container started', async () => {
  machine.script('dockerd', 'echo $$ >"$fakes/dockerd.pid"; exec sleep 60');
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now += 100);
  const { setup, running } = await start();
  expect(setup.warnings).toEqual(['no engine could be started beside the running one: it did not answer within 15 seconds']);
  expect(running.description).toBe('a container of moby/buildkit:v1');
  await until(() => !isAlive(Number(fs.readFileSync(machine.path('dockerd.pid'), 'utf8'))));
});

test('one that starts with the classic store after all is not used', async () => {
  stores('extfs');
  const { setup, running } = await start();
  expect(setup.warnings).toEqual(['no engine could be started beside the running one: it does not have the store of containerd']);
  expect(running.description).toBe('a container of moby/buildkit:v1');
});

test('none is started where a step could reach the running one', async () => {
  machine.tell('iptables', { '*': { stderr: 'Permission denied\n', code: 4 } });
  await port.open();
  const { setup } = await start();
  expect(machine.argumentsOf('dockerd')).toEqual([]);
  expect(setup.warnings[0]).toBe('a RUN with the network of the build machine could use the Docker engine at its port 2375,'
    + ' since no firewall rule can be set (Permission denied): no engine is started beside it');
});

test('the firewall is as it was when the build has ended', async () => {
  machine.tell('iptables', { '* --insert *': {}, '* --delete *': {} });
  await port.open();
  const timer = setInterval(() => { if (machine.argumentsOf('iptables').length > 0) port.close(); }, 1);
  const { running } = await start();
  clearInterval(timer);
  expect(running.description).toContain('a Docker engine beside the running one');
  expect(machine.argumentsOf('iptables')).toHaveLength(1);
  await running.stop();
  expect(machine.argumentsOf('iptables').map(([, , command]) => command)).toEqual(['--insert', '--delete']);
});

test('it is ended when a mirror that has to be there is none for it', async () => {
  const mirrors = { mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }], mirrorsRequired: true };
  await expect(start({ mirrors })).rejects.toThrow('mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has Docker 24.0.7');
  await until(() => !isAlive(daemon().process));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 10_000) throw new Error('it did not come');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
