import * as fs from 'fs';
import { BuildMachine } from './build-machine';

const RULE = ['OUTPUT', '-o', 'lo', '-p', 'tcp', '--dport', '2375', '-j', 'REJECT'];
const CHECK = ['--wait', '--check', ...RULE];
const INSERT = ['--wait', '--insert', ...RULE];

/** The engine at the port answers until a rule is there. */
const CONNECTION = 'if [[ -e "$TMPDIR/rule" ]]; then echo "bash: connect: Connection refused" >&2; exit 1; fi';
const FIREWALL = 'case "$2" in --check) [[ -e "$TMPDIR/rule" ]] ;; --insert) touch "$TMPDIR/rule" ;; esac';

const DOCKER = `
case "$*" in
  'info --format {{.DockerRootDir}}') echo "$TMPDIR" ;;
  'info '*) if [[ "\${DOCKER_HOST:-}" == unix:* ]]; then echo io.containerd.snapshotter.v1; else echo 'extfs true'; fi ;;
  version*) if [[ "\${DOCKER_HOST:-}" == unix:* && ! -e "\${DOCKER_HOST#unix://}" ]]; then exit 1; fi; echo 28.5.2 ;;
esac
`;
const DOCKERD = 'touch "$(jq -r \'.hosts[0] | ltrimstr("unix://")\' "$2")"; sleep 10';

const S3 = { CACHE_LOCATION: 'type=s3,region=a,bucket=b,name=' }; // what no engine can write

let machine: BuildMachine;

beforeEach(() => {
  machine = new BuildMachine({ BUILDKIT_IMAGE: 'moby/buildkit:v1' });
  machine.stub('docker', DOCKER);
  machine.stub('dockerd', DOCKERD);
  machine.stub('timeout', CONNECTION);
  machine.stub('iptables', FIREWALL);
});

/** Which networks the containers of BuildKit were started with. */
const networks = () => machine.argumentsOf('docker').filter(([, verb]) => verb === 'create').map((args) => (args.includes('network=host') ? 'host' : 'own'));
const engines = () => machine.argumentsOf('dockerd').length;

test.each([['a second engine', {}, [1, []]], ['a container', S3, [0, ['host']]]])('the port of the engine is closed before %s is started', async (_, environment, started) => {
  const { code, stderr } = await machine.run('builder.sh', environment);
  expect([code, stderr]).toEqual([0, '']);
  expect(machine.argumentsOf('iptables')).toEqual([CHECK, INSERT]);
  expect([engines(), networks()]).toEqual(started);
  const calls = machine.calls().map(({ args }) => args[0] + (args.includes('create') ? ' create' : ''));
  expect(calls.lastIndexOf('timeout')).toBeLessThan(calls.findIndex((call) => call === 'dockerd' || call === 'docker create'));
});

test('a rule that is there already is not set again', async () => {
  machine.stub('iptables', 'touch "$TMPDIR/rule"');
  expect(await machine.run('builder.sh')).toMatchObject({ code: 0, stderr: '' });
  expect(machine.argumentsOf('iptables')).toEqual([CHECK]);
  expect(engines()).toBe(1);
});

test('no rule is set where no engine listens', async () => {
  fs.writeFileSync(machine.path('rule'), '');
  expect(await machine.run('builder.sh')).toMatchObject({ code: 0, stderr: '' });
  expect(machine.argumentsOf('iptables')).toEqual([]);
  expect(engines()).toBe(1);
});

test('no rule is set for a builder without the network of the machine', async () => {
  machine.stub('docker', "case \"$*\" in 'info '*) echo io.containerd.snapshotter.v1 ;; version*) echo 28.5.2 ;; esac");
  expect(await machine.run('builder.sh')).toMatchObject({ code: 0, stderr: '' });
  expect([machine.argumentsOf('iptables'), machine.argumentsOf('timeout')]).toEqual([[], []]);
});

describe('no builder has the network of the machine', () => {
  test.each([
    ['no rule can be set', FIREWALL.replace('touch "$TMPDIR/rule"', 'echo "Permission denied (you must be root)" >&2; exit 4'), CONNECTION, {},
      'since no firewall rule can be set (Permission denied (you must be root))'],
    ['a rule does not help', FIREWALL, ':', {}, 'which is open in spite of a firewall rule'],
    ['nobody can tell', FIREWALL, 'sleep 0.1; exit 124', {}, 'which is open in spite of a firewall rule'],
    ['the build itself uses the port', FIREWALL, CONNECTION, { DOCKER_HOST: 'tcp://127.0.0.1:2375' }, 'which the build uses itself'],
  ])('where %s', async (_, firewall, connection, environment, reason) => {
    machine.stub('iptables', firewall);
    machine.stub('timeout', connection);
    const { code, stderr } = await machine.run('builder.sh', environment);
    expect(code).toBe(0);
    expect(stderr).toBe(`WARNING: a RUN with the network of the build machine could use the Docker engine at its port 2375, ${reason}: no engine is started beside it, and a container of BuildKit gets a network of its own\n`);
    expect([engines(), networks()]).toEqual([0, ['own']]);
    expect(machine.recall('docker.host')).toBeUndefined();
  });
});
