import * as fs from 'fs';
import * as path from 'path';
import { RemoteSettings } from '../../../../lib/plan/step-settings';
import { remote } from '../../../../runner/builder/remote/remote';
import { BuildMachine, leavesDigest } from '../../testhelpers/build-machine';
import { BuildSetup, SetupOptions } from '../../testhelpers/build-setup';
import { Identity, TestAuthority } from '../../testhelpers/test-authority';
import { tlsDaemon } from '../../testhelpers/tls-daemon';

const INSPECTED = { 'buildx inspect *': { stdout: 'Name:   cached-docker-build\nNodes:\nBuildKit version: v0.32.2\n' } };
const NOBODY = ['tcp://127.0.0.1:1', 'tcp://127.0.0.1:2', 'tcp://127.0.0.1:3'];

let authority: TestAuthority;
let server: Identity;
let client: Identity;
let machine: BuildMachine;

beforeAll(() => {
  authority = new TestAuthority();
  server = authority.issue();
  client = authority.issue();
});

afterAll(() => authority.remove());

beforeEach(() => {
  machine = new BuildMachine('docker');
  machine.tell('docker', { 'buildx rm *': { code: 1 }, 'buildx create *': {}, ...INSPECTED });
});

interface Options extends SetupOptions {
  readonly identity?: Identity;
  readonly names?: readonly string[];
}

function setUp(endpoints: readonly string[], settings: Partial<RemoteSettings> = {}, { identity = client, names = ['App'], ...options }: Options = {}) {
  const ownEnv = { BUILDKIT_CA: authority.cert, BUILDKIT_CERT: identity.cert, BUILDKIT_KEY: identity.key };
  const setup = new BuildSetup(machine, { ...options, ownEnv, mirrors: settings });
  const jobs = names.map((name) => setup.job({ name }));
  return { setup, jobs, start: async () => remote({ kind: 'remote', endpoints, ...settings }, setup.context).start(jobs) };
}

/** The order in which images have daemons, none of which answers. */
async function order(endpoints: readonly string[], ...names: string[]): Promise<string[]> {
  const failure = await setUp(endpoints, {}, { names }).start().catch((error: Error) => error.message);
  return [...String(failure).matchAll(/^- the remote BuildKit (\S+) cannot be used: it cannot be reached \(connect ECONNREFUSED \S+\)$/gm)].map(([, endpoint]) => endpoint);
}

const daemon = async () => `tcp://127.0.0.1:${await tlsDaemon(server, authority)}`;
const created = () => machine.argumentsOf('docker').filter(([, command]) => command === 'create');

test('a daemon that answers is used, through an instance of buildx', async () => {
  const endpoint = await daemon();
  const { setup, jobs, start } = setUp([endpoint]);
  const running = await start();
  expect(setup.lines.at(-1)).toBe(`builder: the remote BuildKit ${endpoint}, v0.32.2`);
  expect([running.description, running.keeper]).toEqual([`the remote BuildKit ${endpoint}, v0.32.2`, 'the remote BuildKit']);
  const file = (name: string) => setup.work.path('certificates', name);
  expect(machine.argumentsOf('docker')).toEqual([
    ['buildx', 'rm', '--force', 'cached-docker-build'],
    ['buildx', 'create', '--name', 'cached-docker-build', '--driver', 'remote',
      '--driver-opt', `cacert=${file('ca.pem')}`, '--driver-opt', `cert=${file('cert.pem')}`, '--driver-opt', `key=${file('key.pem')}`, endpoint],
    ['buildx', 'inspect', '--bootstrap', 'cached-docker-build'],
  ]);
  machine.tell('docker', { 'buildx build *': { run: leavesDigest(`sha256:${'1'.repeat(64)}`) }, 'buildx rm *': {} });
  expect((await running.build(jobs[0])).pushed).toBe(`sha256:${'1'.repeat(64)}`);
  expect(machine.argumentsOf('docker').at(-1)!.slice(0, 4)).toEqual(['buildx', 'build', '--builder', 'cached-docker-build']);
  await running.stop();
  expect(machine.argumentsOf('docker').at(-1)).toEqual(['buildx', 'rm', '--force', 'cached-docker-build']);
});

test('the files of the certificates are for nobody else, hold no more than the secret, and what is in them is said nowhere', async () => {
  const { setup, start } = setUp([await daemon()]);
  await start();
  const files = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => path.join(setup.work.root, 'certificates', name));
  expect(files.map((file) => fs.readFileSync(file, 'utf8'))).toEqual([authority.cert, client.cert, client.key]);
  expect(files.map((file) => fs.statSync(file).mode % 0o1000)).toEqual([0o600, 0o600, 0o600]);
  const said = [...setup.lines, ...machine.calls('docker').flatMap(({ args, environment }) => [...args, ...Object.values(environment)])].join('\n');
  expect(said).not.toContain(client.key.split('\n')[1]);
});

test('a daemon of another name is asked for that name, by buildx too', async () => {
  const named = authority.issue({ names: ['buildkit.example'] });
  const { start } = setUp([`tcp://127.0.0.1:${await tlsDaemon(named, authority)}`], { serverName: 'buildkit.example' });
  await start();
  expect(created()[0]).toContain('servername=buildkit.example');
});

test('says why a daemon cannot be used, and uses the next one', async () => {
  const works = await daemon();
  const warnings = new Set<string>();
  for (let index = 0; index < 20; index++) { // some of these images have the other one first
    const { setup, start } = setUp([works, NOBODY[0]], {}, { names: [`App${index}`] });
    await start();
    warnings.add(setup.warnings.join('\n'));
  }
  expect(new Set(created().map((args) => args.at(-1)))).toEqual(new Set([works]));
  expect([...warnings].sort()).toEqual(['',
    `the remote BuildKit ${NOBODY[0]} cannot be used: it cannot be reached (connect ECONNREFUSED 127.0.0.1:1). Another one is used, which may have less of the layers`]);
});

test('uses the next one when a daemon does not answer buildx', async () => {
  const endpoints = [await daemon(), await daemon()];
  machine.tell('docker', {
    'buildx rm *': {},
    'buildx create *': {},
    'buildx inspect *': { run: 'if [ ! -e "$fakes/asked" ]; then touch "$fakes/asked"; echo "ERROR: context deadline exceeded" >&2; exit 1; fi', ...INSPECTED['buildx inspect *'] },
  });
  const { setup, start } = setUp(endpoints);
  await start();
  const [first, second] = created().map((args) => args.at(-1)!);
  expect([first, second].sort()).toEqual([...endpoints].sort());
  expect(setup.lines.at(-1)).toBe(`builder: the remote BuildKit ${second}, v0.32.2`);
  expect(setup.warnings).toEqual([`the remote BuildKit ${first} cannot be used: buildx cannot use it (ERROR: context deadline exceeded). Another one is used, which may have less of the layers`]);
});

test('fails when no daemon is left, and says of each one why', async () => {
  machine.tell('docker', { 'buildx rm *': {}, 'buildx create *': { stderr: 'ERROR: existing instance\n', code: 1 } });
  const works = await daemon();
  await expect(setUp([works, NOBODY[0]]).start()).rejects.toThrow(/^no BuildKit of DockerBuilder\.remote\(\) can be used\.(\n- the remote BuildKit \S+ cannot be used: .+){2}$/);
  await expect(setUp([works]).start()).rejects.toThrow(`no BuildKit of DockerBuilder.remote() can be used.\n- the remote BuildKit ${works} cannot be used: buildx cannot use it (ERROR: existing instance)`);
});

test('says nothing of a daemon whose version buildx does not know', async () => {
  machine.tell('docker', { 'buildx rm *': {}, 'buildx create *': {}, 'buildx inspect *': {} });
  expect((await setUp([await daemon()]).start()).description).toMatch(/, of a version that it does not say$/);
});

test('a certificate that soon expires is warned of', async () => {
  const { setup, start } = setUp([await daemon()], {}, { identity: authority.issue({ days: 13 }) });
  await start();
  expect(setup.warnings).toEqual([expect.stringMatching(/^the client certificate of DockerBuilder\.remote\(\) expires on /)]);
});

test('a certificate that has expired fails the build before anybody is asked', async () => {
  await expect(setUp(NOBODY, {}, { identity: authority.issue({ days: -1 }) }).start()).rejects.toThrow('the client certificate of DockerBuilder.remote() has expired');
  expect(machine.calls('docker')).toEqual([]);
});

test('mirrors that a daemon is too old for are given up', async () => {
  machine.tell('docker', { 'buildx rm *': {}, 'buildx create *': {}, 'buildx inspect *': { stdout: 'Buildkit: v0.11.6\n' } });
  const { setup, start } = setUp([await daemon()], { mirrors: [{ upstream: 'docker.io', endpoint: 'mirror.example.com/hub' }] });
  await start();
  expect(setup.warnings).toEqual([expect.stringContaining('mirrors need BuildKit 0.12, which Docker 25.0 has, and the builder has BuildKit 0.11.6')]);
});

describe('daemons share the images', () => {
  test('whatever the order in which daemons and images are named', async () => {
    expect(await order([...NOBODY].reverse(), 'A', 'B')).toEqual(await order(NOBODY, 'B', 'A'));
  });

  test('about equally, and images whose daemon is gone are the only ones to move', async () => {
    const left = NOBODY.slice(0, 2);
    const names = [...Array(30).keys()].map((index) => `App${index}`);
    const orders = await Promise.all(names.map(async (name) => [await order(NOBODY, name), await order(left, name)]));
    for (const endpoint of NOBODY) expect(orders.filter(([[first]]) => first === endpoint).length).toBeGreaterThan(4);
    for (const [before, after] of orders) expect(after).toEqual(before.filter((endpoint) => left.includes(endpoint)));
  });
});
