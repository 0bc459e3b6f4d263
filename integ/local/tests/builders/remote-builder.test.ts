import * as fs from 'fs';
import * as path from 'path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { DockerBuilder, ImageTag, LayerCache, RegistryMirror, RemoteBuilderOptions } from '../../../../lib';
import { ExampleApp, ExampleBuild, ExampleImage } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { RemoteBuildKit } from '../../engines/remote-build-kit';
import { baseImages, publishBaseImages } from '../../images/base-images';
import { KeyPair, TlsAuthority } from '../../registry/tls-authority';
import { worldDirectory } from '../../world/directories';
import { execute } from '../../world/execute';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const elsewhere = new Stack(new App(), 'Elsewhere', { env: home });
const MB = 1_000_000;

let lab: Lab;
let authority: TlsAuthority;
let other: TlsAuthority;
let client: KeyPair;
let daemons: RemoteBuildKit[];
let secrets = 0;
let apps = 0;

beforeAll(async () => {
  lab = await Lab.start({ open: ['public.ecr.aws', 'docker.io', 'registry-1.docker.io', 'mirror.example.test'] });
  await publishBaseImages(lab.registry, { dependencies: 4 });
  [authority, other] = [await TlsAuthority.create(), await TlsAuthority.create()];
  client = await authority.sign('client', 'builds');
  daemons = [];
  for (const host of ['buildkit-0.internal', 'buildkit-1.internal']) {
    daemons.push(await RemoteBuildKit.start(host, authority, await authority.sign('server', host)));
  }
}, 600_000);

afterAll(async () => {
  await Promise.all(daemons.map(daemon => daemon.wipe()));
  await lab.stop();
});

const endpoints = () => daemons.map(({ endpoint }) => endpoint);

async function builder(options: Partial<RemoteBuilderOptions> = {}, secret = authority.secret(client)): Promise<DockerBuilder> {
  const name = `certificates-${secrets++}`;
  await lab.aws.client(home.region, 'secretsmanager', 'create-secret', '--name', name, '--secret-string', JSON.stringify(secret));
  return DockerBuilder.remote({ endpoints: endpoints(), certificates: secretsmanager.Secret.fromSecretNameV2(elsewhere, name, name), ...options });
}

async function example(options?: Partial<RemoteBuilderOptions>, cache: LayerCache = LayerCache.none()): Promise<ExampleApp> {
  return new ExampleApp(lab, { name: `Remote${apps++}`, builder: await builder(options), cache: () => cache });
}

/** There is neither a BuildKit nor a Docker engine where the build runs. */
async function build(app: ExampleApp, image: ExampleImage): Promise<ExampleBuild> {
  expect(fs.existsSync('/var/run/docker.sock')).toBe(false);
  const done = await app.build(image, { buildKit: null });
  if (process.env.PLAY_FIGURES) process.stderr.write(`${done.report.builder} | ${done.report.time} | ${done.traffic.blobs.down} down | ${done.traffic.blobs.up} up\n`);
  return done;
}

const daemonOf = ({ report }: ExampleBuild) => /^the remote BuildKit (\S+), v0\.\d+\.\d+$/.exec(report.builder)?.[1] ?? report.builder;

describe('daemons that are there', () => {
  let app: ExampleApp;
  let used: { [image: string]: string };

  beforeAll(async () => {
    app = new ExampleApp(lab, { name: 'Remote', builder: await builder(), cache: () => LayerCache.none() });
    used = {};
  });

  test.each<ExampleImage>(['Api', 'Report'])('%s is built by one of them, which keeps its layers', async (image) => {
    app.changeSource(image, 'first');
    const first = await build(app, image);
    await expectImage(lab, first, 'first');
    expect(first.report).toMatchObject({ result: 'built', cacheRead: 'what the remote BuildKit has', cacheWritten: 'in the remote BuildKit' });
    expect(first.report.steps).toMatch(/^0 cached/);
    expect(first.log).not.toContain('cannot be used');
    used[image] = daemonOf(first);
    expect(endpoints()).toContain(used[image]);
  });

  test('these two images have daemons of their own', () => expect(used.Api).not.toBe(used.Report));

  test.each<[ExampleImage, string]>([['Api', '3 cached, 1 run'], ['Report', '5 cached, 1 run']])('a source change of %s on a new machine moves the source only', async (image, steps) => {
    app.changeSource(image, 'second');
    const second = await build(app, image);
    await expectImage(lab, second, 'second');
    expect(second.report.steps).toBe(steps);
    expect(daemonOf(second)).toBe(used[image]);
    expect(second.traffic.blobs.down).toBeLessThan(0.1 * MB);
    expect(second.traffic.blobs.up).toBeLessThan(0.1 * MB);
  });

  test('the private key is in no log, in no blob and on no daemon', async () => {
    const key = fs.readFileSync(client.key, 'utf8').split('\n')[1];
    app.changeSource('Api', 'third');
    const { log, sourceDirectory } = await build(app, 'Api');
    expect(log).not.toContain(key);
    const [registry, ...none] = fs.readdirSync(worldDirectory('fresh')).filter(name => name.startsWith('registry-'));
    expect(none).toEqual([]);
    // the daemons have the files of each layer, the registry may have layers besides
    const layers = 'find "$1" -type f -path "*/blobs/*" -exec sh -c \'for f; do zcat -f "$f"; done\' sh {} + | grep -acF -e "$2" || true';
    expect(await execute('bash', ['-c', layers, 'bash', worldDirectory('fresh', registry, 'data'), key])).toBe('0\n');
    const find = async (...folders: string[]) => execute('bash', ['-c', 'grep -rlF -e "$@" || true', 'bash', key, ...folders]);
    expect(await find(...daemons.map(({ directory }) => path.join(directory, 'state')), sourceDirectory)).toBe('');
    expect(await find(client.key)).toBe(`${client.key}\n`); // what is there is found
  });
});

test('while a daemon is dead the next one takes over with the layers in the registry, and gives back', async () => {
  const app = await example({}, LayerCache.registry());
  makeReportLight(app);
  app.changeSource('Report', 'first');
  const first = await build(app, 'Report');
  await expectImage(lab, first, 'first');
  const chosen = daemons.find(({ endpoint }) => endpoint === daemonOf(first))!;
  const next = endpoints().find(endpoint => endpoint !== chosen.endpoint)!;

  await chosen.stop();
  try {
    app.changeSource('Report', 'second');
    const second = await build(app, 'Report');
    await expectImage(lab, second, 'second');
    expect(daemonOf(second)).toBe(next);
    expect(second.report).toMatchObject({ steps: '5 cached, 1 run', cacheRead: 'yes' });
    expect(second.log).toContain(`WARNING: the remote BuildKit ${chosen.endpoint} cannot be used: it cannot be reached (connect ECONNREFUSED `);
  } finally {
    await chosen.start();
  }

  app.changeSource('Report', 'third');
  const third = await build(app, 'Report');
  expect(daemonOf(third)).toBe(chosen.endpoint);
  expect(third.report.steps).toBe('5 cached, 1 run');
});

describe('one daemon that cannot be used', () => {
  async function expectFailure(options: Partial<RemoteBuilderOptions>, secret: { [field: string]: string } | undefined, message: string) {
    const app = new ExampleApp(lab, { name: `Remote${apps++}`, builder: await builder({ endpoints: endpoints().slice(0, 1), ...options }, secret), cache: () => LayerCache.none() });
    const { ok, log, phases, traffic } = await build(app, 'Report');
    if (process.env.PLAY_FIGURES) process.stderr.write(`${phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)}`).join(', ')} ${log.split('\n').filter(line => /^(ERROR|WARNING|- )/.test(line)).join('\n')}\n`);
    expect(ok).toBe(false);
    expect(log.replace(/\n/g, ' ')).toContain(message);
    expect(traffic.uploaded).toEqual([]);
  }
  const unusable = (host: string, reason: string) => `ERROR: no BuildKit of DockerBuilder.remote() can be used. - the remote BuildKit tcp://${host} cannot be used: ${reason}`;
  const first = 'buildkit-0.internal:1234';

  test('its certificate is of another authority', async () => expectFailure({}, authority.secret(client, other),
    unusable(first, 'its certificate is not one to trust (')));
  test('its certificate has another name', async () => expectFailure({ serverName: 'buildkit.example' }, undefined,
    unusable(first, 'its certificate is not one to trust (Hostname/IP does not match certificate\'s altnames: Host: buildkit.example. is not in the cert\'s altnames: DNS:')));
  test('the client certificate is of an authority that it does not know', async () => expectFailure({}, other.secret(await other.sign('client', 'builds'), authority),
    unusable(first, 'it does not trust the authority of the client certificate (')));
  test('the client certificate is one for servers', async () => expectFailure({}, authority.secret(await authority.sign('server', 'builds')),
    unusable(first, 'it does not take the client certificate (')));
  test('the client certificate has expired', async () => expectFailure({}, authority.secret(await authority.sign('client', 'builds', -1)),
    'ERROR: the client certificate of DockerBuilder.remote() has expired, on '));
  test('the key is not that of the client certificate', async () => expectFailure({}, authority.secret({ ...client, key: (await authority.sign('client', 'builds')).key }),
    unusable(first, 'the client certificate cannot be used with its key (')));
  test('the key is missing', async () => expectFailure({}, { ...authority.secret(client), key: '' },
    'ERROR: the secret of DockerBuilder.remote() has no private key in its field for it (keyField): '));
  test('nothing listens', async () => expectFailure({ endpoints: ['tcp://buildkit-0.internal:1235'] }, undefined,
    unusable('buildkit-0.internal:1235', 'it cannot be reached (connect ECONNREFUSED ')));
  test('no way leads there', async () => expectFailure({ endpoints: ['tcp://10.98.0.1:1234'] }, undefined,
    unusable('10.98.0.1:1234', 'it cannot be reached (')));
  test('nobody knows its name', async () => expectFailure({ endpoints: ['tcp://nowhere.invalid:1234'] }, undefined,
    unusable('nowhere.invalid:1234', 'its name is not known where the build runs (getaddrinfo ')));
});

test('a certificate with one name serves daemons of many addresses, and a secret that was typed into a form is read', async () => {
  const shared = await RemoteBuildKit.start('buildkit-2.internal', authority, await authority.sign('server', 'buildkit.example'));
  try {
    const typed = Object.fromEntries(Object.entries(authority.secret(client)).map(([field, text]) => [field, text.trim().replace(/\n/g, field === 'key' ? '\\n' : ' ')]));
    const app = new ExampleApp(lab, {
      name: 'RemoteNamed',
      builder: await builder({ endpoints: [shared.endpoint], serverName: 'buildkit.example' }, typed),
      cache: () => LayerCache.inline(),
      tag: ImageTag.contentHash({ refreshEvery: Duration.days(7) }),
    });
    makeReportLight(app);
    const done = await build(app, 'Report');
    await expectImage(lab, done, 'report');
    expect(daemonOf(done)).toBe(shared.endpoint);
  } finally {
    await shared.wipe();
  }
});

test('base images come through a mirror', async () => {
  const app = await example({ mirrors: [RegistryMirror.of({ upstream: 'docker.io', endpoint: 'mirror.example.test' })], fallbackToUpstream: false });
  await (await baseImages.busybox()).publish(lab.registry, 'mirror.example.test/library/busybox:stable');
  makeReportLight(app);
  const done = await build(app, 'Report');
  await expectImage(lab, done, 'report');
  const hosts = done.traffic.requestsMade.map(({ host }) => host);
  expect(hosts).toContain('mirror.example.test');
  expect(hosts.filter(host => /docker\.io/.test(host))).toEqual([]);
});
