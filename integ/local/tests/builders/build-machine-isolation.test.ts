import * as fs from 'fs';
import { createServer, Server } from 'http';
import { AddressInfo } from 'net';
import * as path from 'path';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { freshDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

let lab: Lab;
let machine: Engine;
let other: Server;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start();
  await (await baseImages.pythonSlim()).publish(lab.registry, 'docker.io/library/python:3.11-slim');
  await (await baseImages.buildKit()).publish(lab.registry, 'docker.io/moby/buildkit:v0.32.2');
  other = createServer((_, response) => response.end('hello'));
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
}, 600_000);

afterAll(async () => {
  other.close();
  await lab.stop();
});

beforeEach(async () => {
  await execute('iptables', ['--wait', '--flush', 'OUTPUT']); // a new machine has no rules yet
  machine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
});

afterEach(async () => machine.wipe());

/** The ways to the port of the engine that the loopback of a machine has. */
const ways = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]'].map(host => `http://${host}:2375/version`);

/** What somebody on the machine hears from the engine, who is no RUN of a build. */
async function heardOutside(): Promise<string> {
  const response = await fetch(ways[0], { signal: AbortSignal.timeout(10_000) });
  return response.text();
}

const ask = `import sys, urllib.request
for address in sys.argv[1:]:
    try:
        print(urllib.request.urlopen(address, timeout=5).read().decode().strip())
    except OSError as error:
        print('no answer:', error)
`;

/** Builds an image in which a RUN writes down what it hears from another server of the machine, and from the engine. */
async function build(pathInFront = '', timeoutSeconds?: number): Promise<ExampleBuild> {
  const app = new ExampleApp(lab, { name: `Isolation${apps++}` });
  app.write('report/src/ask.py', ask);
  app.write('report/Dockerfile', [
    'FROM docker.io/library/python:3.11-slim',
    'COPY src/ask.py /',
    `RUN python3 /ask.py http://127.0.0.1:${(other.address() as AddressInfo).port} ${ways.join(' ')} >/heard`,
  ].join('\n'));
  return app.build('Report', { buildKit: null, environment: { PATH: pathInFront + machine.environment.PATH }, timeoutSeconds });
}

/** The front of a PATH on which a program only says that it does not work. */
function broken(program: string): string {
  const directory = freshDirectory('bin');
  fs.writeFileSync(path.join(directory, program), `#!/bin/sh\necho ${program} does not work here >&2\nexit 1\n`, { mode: 0o755 });
  return `${directory}:`;
}

describe('a RUN gets no answer from the engine of the build machine, which answers everybody else there', () => {
  test.each([
    ['in a second engine', () => '', 'a Docker engine beside the running one, 28.5'],
    ['in a container of BuildKit', () => broken('dockerd'), 'a container of moby/buildkit:v0.32.2'],
  ])('%s', async (_, pathInFront, builder) => {
    expect(await heardOutside()).toContain('"ApiVersion"');
    const done = expectSuccess(await build(pathInFront())) as ExampleBuild;
    expect(done.report.builder).toContain(builder);
    const { manifest } = await lab.registry.manifest(done.image);
    const [fromOther, ...fromEngine] = (await imageFile(lab.registry, done.image, manifest, 'heard')).toString().trim().split('\n');
    expect(fromOther).toBe('hello'); // whoever hears nothing from the engine is not deaf
    expect(fromEngine).toEqual(ways.map(() => expect.stringMatching(/^no answer: <urlopen error /)));
  });
});

test('where the port of the engine cannot be closed, no builder has the network of the machine', async () => {
  // The registries of the play listen on the loopback of the machine, where such a builder finds none: this one cannot build, and is not waited for.
  const done = await build(broken('iptables'), 30);
  expect(done.log).toMatch(/WARNING: a RUN with the network of the build machine could use the Docker engine .*\(iptables does not work here\): no engine is started/);
  expect(done.log).toContain('builder: a container of moby/buildkit:v0.32.2');
  const mode = await machine.docker('inspect', '--format', '{{.HostConfig.NetworkMode}}', 'buildx_buildkit_cached-docker-build0');
  expect(mode.trim()).not.toBe('host');
  expect(done.ok).toBe(false);
  expect(await heardOutside()).toContain('"ApiVersion"');
});
