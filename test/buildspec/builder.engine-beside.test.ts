import * as fs from 'fs';
import { BuildMachine } from './build-machine';

/** The engine that runs has the classic store; the one at DOCKER_HOST, if it was started, the other one. */
const DOCKER = `
case "$*" in
  'info --format {{.DockerRootDir}}') echo "$TMPDIR/docker-data" ;;
  'info '*) if [[ -n "\${DOCKER_HOST:-}" ]]; then echo "$STORE"; else echo 'extfs true'; fi ;;
  version*) if [[ -n "\${DOCKER_HOST:-}" && ! -S "\${DOCKER_HOST#unix://}" && ! -e "\${DOCKER_HOST#unix://}" ]]; then exit 1; fi; echo 28.5.2 ;;
  'buildx rm '* | 'rm '*) exit 1 ;;
  'buildx create '*) echo cached-docker-build ;;
  *) echo "not told what to answer to: $*" >&2; exit 97 ;;
esac
`;

/** Answers at once, as the file of its socket shows, and stays until the build ends. */
const DOCKERD = 'sleep 0.2; touch "$(jq -r \'.hosts[0] | ltrimstr("unix://")\' "$2")"; sleep 10';

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine({ BUILDKIT_IMAGE: 'moby/buildkit:v1', STORE: 'io.containerd.snapshotter.v1' });
  fs.mkdirSync(machine.path('docker-data'));
  machine.stub('docker', DOCKER);
});

const creates = () => machine.argumentsOf('docker').filter(([command, verb]) => command === 'buildx' && verb === 'create');

test('an engine with the containerd store is started beside one without, and no container', async () => {
  machine.stub('dockerd', DOCKERD);
  const { code, stdout, stderr } = await machine.run('builder.sh');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe('builder: a Docker engine beside the running one, 28.5.2\n');
  expect(machine.recall('builder')).toBe('default');
  expect(machine.recall('docker.host')).toMatch(/^unix:\/\/\/tmp\/docker\.\w+\/docker\.sock$/);
  expect(creates()).toEqual([]);
});

test('it leaves the running one as it is: data, network and containers', async () => {
  machine.stub('dockerd', `cp "$2" "$TMPDIR/daemon.json"; ${DOCKERD}`);
  await machine.run('builder.sh');
  const config = JSON.parse(fs.readFileSync(machine.path('daemon.json'), 'utf-8'));
  expect(config).toMatchObject({ 'features': { 'containerd-snapshotter': true }, 'iptables': false, 'ip6tables': false, 'ip-forward': false });
  expect(config).not.toHaveProperty('bridge'); // 'none' removes the bridge of the machine, and so that of the running engine
  expect(config['data-root']).toMatch(new RegExp(`^${machine.path('docker-data')}/cached-docker-build\\.\\w+$`));
  expect(machine.argumentsOf('dockerd')[0].slice(2)).toEqual([
    '--containerd-namespace', 'cached-docker-build', '--containerd-plugins-namespace', 'cached-docker-build-plugins',
  ]);
});

test('none is started for a cache that no engine can write', async () => {
  machine.stub('dockerd', DOCKERD);
  const { code, stderr } = await machine.run('builder.sh', { CACHE_LOCATION: 'type=s3,region=eu-west-1,bucket=layers,name=' });
  expect([code, stderr]).toEqual([0, '']);
  expect(machine.argumentsOf('dockerd')).toEqual([]);
  expect(machine.recall('docker.host')).toBeUndefined();
  expect(machine.recall('builder.description')).toBe('a container of moby/buildkit:v1');
  expect(creates()).toHaveLength(1);
});

test('one is started for a cache in a registry', async () => {
  machine.stub('dockerd', DOCKERD);
  await machine.run('builder.sh', { CACHE_LOCATION: 'type=registry,ref=host/app:' });
  expect(machine.recall('builder.description')).toBe('a Docker engine beside the running one, 28.5.2');
});

test('one that ends at once is said with its last words, and a container started', async () => {
  machine.stub('dockerd', 'echo "failed to start daemon: no overlay" >&2; exit 1');
  const { code, stderr } = await machine.run('builder.sh');
  expect(code).toBe(0);
  expect(stderr).toBe('WARNING: no engine could be started beside the running one: failed to start daemon: no overlay\n');
  expect(machine.recall('builder.description')).toBe('a container of moby/buildkit:v1');
  expect(machine.recall('docker.host')).toBeUndefined();
  expect(creates()).toHaveLength(1);
});

test('one that starts with the classic store after all is not used', async () => {
  machine.stub('dockerd', DOCKERD);
  const { code, stderr } = await machine.run('builder.sh', { STORE: 'extfs' });
  expect(code).toBe(0);
  expect(stderr).toContain('WARNING: no engine could be started beside the running one');
  expect(machine.recall('builder')).toBe('cached-docker-build');
});

test('none is started where the data of the running engine is on another machine', async () => {
  machine.stub('dockerd', 'exit 1');
  fs.rmdirSync(machine.path('docker-data'));
  expect((await machine.run('builder.sh')).code).toBe(0);
  expect(machine.argumentsOf('dockerd')).toEqual([]);
  expect(machine.recall('builder')).toBe('cached-docker-build');
});

test('its builds use it, with the network of the machine', async () => {
  machine.remember({ 'docker.host': 'unix:///tmp/docker.x/docker.sock', 'builder': 'default', 'tag': 'v1', 'plan.json': JSON.stringify({ context: 'a', dockerfile: 'Dockerfile', platform: 'linux/amd64', buildArgs: {} }) });
  machine.stub('docker', 'exit 1');
  await machine.run('export-cache.sh', { CACHE_LOCATION: 'type=registry,ref=host/app:', CACHE_TAG: 'a', CACHE_EXPORT: 'mode=max' });
  const [{ args, environment }] = machine.calls('docker');
  expect(args.join(' ')).toContain('--builder default --platform linux/amd64 --network host');
  expect(environment.DOCKER_HOST).toBe('unix:///tmp/docker.x/docker.sock');
});
