import { LoopbackGuard } from '../../../../runner/builder/buildkit/loopback-guard';
import { BuildMachine } from '../../testhelpers/build-machine';
import { BuildSetup } from '../../testhelpers/build-setup';
import { EnginePort } from '../../testhelpers/engine-port';

const RULE = ['OUTPUT', '-o', 'lo', '-p', 'tcp', '--dport', '2375', '-j', 'REJECT'];
const COULD = 'a RUN with the network of the build machine could use the Docker engine at its port 2375, ';

let machine: BuildMachine;
let port: EnginePort;

beforeEach(() => {
  machine = new BuildMachine('iptables');
  machine.tell('iptables', { '*': {} });
  port = new EnginePort();
});

const guard = () => new LoopbackGuard(new BuildSetup(machine).context);

/** Lets the firewall take effect with the rule. */
function closesWithRule(): void {
  const timer = setInterval(() => { if (machine.argumentsOf('iptables').length > 0) port.close(); }, 1);
  afterThis.push(() => clearInterval(timer));
}

const afterThis: (() => void)[] = [];
afterEach(() => afterThis.splice(0).forEach((run) => run()));

test('where nobody listens, nothing needs protection', async () => {
  const loopback = guard();
  expect(await loopback.protect()).toBe(true);
  await loopback.remove();
  expect(machine.argumentsOf('iptables')).toEqual([]);
});

test('where an engine listens, a rule of the firewall closes the port until the build has ended', async () => {
  await port.open();
  closesWithRule();
  const loopback = guard();
  expect(await loopback.protect()).toBe(true);
  expect(machine.argumentsOf('iptables')).toEqual([['--wait', '10', '--insert', ...RULE]]);
  await loopback.remove();
  await loopback.remove();
  expect(machine.argumentsOf('iptables').slice(1)).toEqual([['--wait', '10', '--delete', ...RULE]]);
});

test('the rule goes with a build that is ended', async () => {
  await port.open();
  closesWithRule();
  const before = process.listeners('exit');
  const loopback = guard();
  await loopback.protect();
  const [atExit] = process.listeners('exit').filter((listener) => !before.includes(listener));
  atExit(1);
  expect(machine.argumentsOf('iptables').slice(1)).toEqual([['--wait', '10', '--delete', ...RULE]]);
  await loopback.remove();
  expect(process.listeners('exit')).toEqual(before);
});

test('a second question sets no second rule', async () => {
  await port.open();
  closesWithRule();
  const loopback = guard();
  await loopback.protect();
  expect(await loopback.protect()).toBe(true);
  expect(machine.argumentsOf('iptables')).toHaveLength(1);
});

test('a firewall that takes no rule is no protection, and its reason is said', async () => {
  machine.tell('iptables', { '*': { stderr: 'iptables: Permission denied (you must be root)\n', code: 4 } });
  await port.open();
  const loopback = guard();
  expect(await loopback.protect()).toBe(false);
  expect(loopback.reason).toBe(`${COULD}since no firewall rule can be set (iptables: Permission denied (you must be root))`);
  await loopback.remove();
  expect(machine.argumentsOf('iptables')).toHaveLength(1);
});

test('without iptables there is no protection', async () => {
  machine.remove('iptables');
  await port.open();
  const loopback = guard();
  expect(await loopback.protect()).toBe(false);
  expect(loopback.reason).toContain('since no firewall rule can be set (it could not be started: ');
});

test('a port that stays open in spite of a rule is found out, and the rule removed in the end', async () => {
  await port.open();
  const loopback = guard();
  expect(await loopback.protect()).toBe(false);
  expect(port.connections).toBe(2);
  expect(loopback.reason).toBe(`${COULD}which is open in spite of a firewall rule`);
  await loopback.remove();
  expect(machine.argumentsOf('iptables').map(([, , command]) => command)).toEqual(['--insert', '--delete']);
});

test('a build that uses the port itself is not cut from its engine', async () => {
  machine.env.DOCKER_HOST = 'tcp://127.0.0.1:2375';
  await port.open();
  const loopback = guard();
  expect(await loopback.protect()).toBe(false);
  expect(loopback.reason).toBe(`${COULD}which the build uses itself`);
  expect(machine.argumentsOf('iptables')).toEqual([]);
});
