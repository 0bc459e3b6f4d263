import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { Answer, BuildMachine, BUILDSPEC, plan } from './build-machine';
import { temporaryDirectory } from '../testhelpers/temporary-directory';

const DAEMONS = ['tcp://a.internal:1234', 'tcp://b.internal:1234', 'tcp://c.internal:1234'];
const INSPECTED = 'Name:   cached-docker-build\nNodes:\nBuildKit version: v0.32.2\n';

/** A certificate that is its own authority, and its key. */
function certificate(days: number): { cert: string; key: string } {
  const directory = temporaryDirectory();
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(directory, name));
  const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', `${days}`,
    '-subj', '/CN=builds', '-keyout', key, '-out', cert], { encoding: 'utf-8' });
  expect(made.stderr + made.status).toMatch(/0$/);
  return { cert: fs.readFileSync(cert, 'utf-8'), key: fs.readFileSync(key, 'utf-8') };
}

let valid: { cert: string; key: string };
let machine: BuildMachine;

beforeAll(() => {
  valid = certificate(30);
});

beforeEach(() => {
  machine = new BuildMachine({
    BUILDKIT_ENDPOINTS: DAEMONS.join(' '), IMAGE_PLAN_FILE: 'image-App.json', BUILDKIT_CA: valid.cert, BUILDKIT_CERT: valid.cert, BUILDKIT_KEY: valid.key,
  });
  machine.remember({ 'plan.json': plan(), 'tag': 'v1' });
  machine.tell('curl', { '*': {} });
  machine.tell('docker', { 'buildx rm *': { code: 1 }, 'buildx create *': {}, 'buildx inspect *': { stdout: INSPECTED } });
});

const run = async (environment?: { [name: string]: string }) => machine.run('remote-builder.sh', environment);
const asked = () => machine.argumentsOf('curl').map((args) => args[args.length - 1].replace('https', 'tcp'));
const created = () => machine.argumentsOf('docker').filter((args) => args[1] === 'create');
const written = (name: string) => fs.readFileSync(path.join(machine.buildDirectory, 'certificates', name), 'utf-8');

/** The order in which an image has the daemons. */
async function ranked(image: string, endpoints: string[] = DAEMONS): Promise<string[]> {
  const ranking = /^ranked\(\) \{\n[^]*?\n\}/m.exec(fs.readFileSync(path.join(BUILDSPEC, 'remote-builder.sh'), 'utf-8'))![0];
  return (await machine.bash(`${ranking}; ranked`, { BUILDKIT_ENDPOINTS: endpoints.join(' '), IMAGE_PLAN_FILE: image })).stdout.trim().split('\n');
}

/** Lets the first daemons of the image fail. */
async function fails(...answers: Answer[]): Promise<string[]> {
  const order = await ranked('image-App.json');
  machine.tell('curl', { ...Object.fromEntries(answers.map((answer, index) => [`*${order[index].replace('tcp', 'https')}`, answer])), '*': {} });
  return order;
}

test('uses the first daemon of the image that works', async () => {
  const [first] = await ranked('image-App.json');
  expect(await run()).toEqual({ code: 0, stdout: `builder: the remote BuildKit ${first}, v0.32.2\n`, stderr: '' });
  expect(machine.recall('builder')).toBe('cached-docker-build');
  expect(machine.recall('builder.description')).toBe(`the remote BuildKit ${first}, v0.32.2`);
  expect(machine.recall('phases')).toMatch(/^builder \d+\n$/);
  const files = path.join(machine.buildDirectory, 'certificates');
  expect(created()).toEqual([['buildx', 'create', '--name', 'cached-docker-build', '--driver', 'remote',
    '--driver-opt', `cacert=${files}/ca.pem`, '--driver-opt', `cert=${files}/cert.pem`, '--driver-opt', `key=${files}/key.pem`, first]]);
  expect(asked()).toEqual([first]);
  const [args] = machine.argumentsOf('curl');
  expect(args[args.indexOf('--tls-max') + 1]).toBe('1.2'); // with 1.3, a refusal of the client certificate is told or lost by chance
});

test('does nothing for an image that is there already', async () => {
  machine.remember({ result: 'already there' });
  expect(await run()).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(machine.calls()).toEqual([]);
});

test('the files of the certificates are for nobody else, and hold no more than the secret', async () => {
  await run();
  expect([written('ca.pem'), written('cert.pem'), written('key.pem')]).toEqual([valid.cert, valid.cert, valid.key]);
  expect(fs.statSync(path.join(machine.buildDirectory, 'certificates', 'key.pem')).mode % 0o1000).toBe(0o600);
  const said = machine.calls().flatMap(({ args }) => args).join(' ');
  expect(said).not.toContain(valid.key.split('\n')[1]);
});

test.each([
  ['spaces', ' '], ['a backslash and an n', '\\n'], ['those of Windows', '\r\n'],
])('reads certificates whose line ends have become %s', async (_, end) => {
  const typed = (text: string) => text.trim().replace(/\n/g, end);
  expect((await run({ BUILDKIT_CA: typed(valid.cert + valid.cert), BUILDKIT_CERT: typed(valid.cert), BUILDKIT_KEY: typed(valid.key) })).code).toBe(0);
  expect([written('ca.pem'), written('cert.pem'), written('key.pem')]).toEqual([valid.cert + valid.cert, valid.cert, valid.key]);
});

test.each(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY'])('takes a key that is called %s', async (kind) => {
  expect((await run({ BUILDKIT_KEY: `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n` })).code).toBe(0);
});

test.each([
  ['BUILDKIT_CA', '', 'no authority in its field for it (caField): put the certificate of the authority there, in PEM format'],
  ['BUILDKIT_CA', '{"ca":"x"}', 'no authority in its field for it (caField)'],
  ['BUILDKIT_CERT', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', 'no client certificate in its field for it (certField): put one there, in PEM format'],
  ['BUILDKIT_KEY', '', 'no private key in its field for it (keyField): put one without a password there, in PEM format'],
  ['BUILDKIT_KEY', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----', 'no private key in its field for it (keyField)'],
])('fails when %s is %j', async (name, value, message) => {
  const { code, stderr } = await run({ [name]: value });
  expect(code).toBe(1);
  expect(stderr).toContain(`\nERROR: the secret of DockerBuilder.remote() has ${message}`);
  expect(machine.calls()).toEqual([]);
});

test('fails for a client certificate that cannot be read', async () => {
  const { code, stderr } = await run({ BUILDKIT_CERT: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' });
  expect(code).toBe(1);
  expect(stderr).toContain('\nERROR: the client certificate of DockerBuilder.remote() cannot be read: ');
});

test('warns two weeks before the client certificate expires', async () => {
  const soon = certificate(13);
  const { code, stderr } = await run({ BUILDKIT_CERT: soon.cert, BUILDKIT_KEY: soon.key });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^WARNING: the client certificate of DockerBuilder\.remote\(\) expires on \w+ +\d+ [\d:]+ \d+ GMT, and builds fail from then on: put a new one and its key into the secret\n$/);
});

test('a daemon of another name is asked by its address for that name', async () => {
  const [first] = await ranked('image-App.json');
  expect((await run({ BUILDKIT_SERVER_NAME: 'buildkit.example' })).code).toBe(0);
  const [args] = machine.argumentsOf('curl');
  expect(args[args.indexOf('--connect-to') + 1]).toBe(`buildkit.example:1234:${first.replace('tcp://', '')}`);
  expect(args[args.length - 1]).toBe('https://buildkit.example:1234');
  expect(created()[0]).toContain('servername=buildkit.example');
});

/** What curl says of daemons that were tried; and the beginning of what becomes of it. */
const REASONS: [number, string, string][] = [
  [6, 'Could not resolve host: a.internal', 'its name is not known where the build runs'],
  [7, 'Failed to connect to a.internal port 1234 after 1 ms: Couldn\'t connect to server', 'it cannot be reached'],
  [28, 'SSL connection timeout', 'it cannot be reached'],
  [35, 'OpenSSL/3.0.19: error:0A000418:SSL routines::tlsv1 alert unknown ca', 'it does not trust the authority of the client certificate'],
  [35, 'TLS connect error: error:0A000418:SSL routines::tlsv1 alert unknown ca', 'it does not trust the authority of the client certificate'],
  [35, 'OpenSSL/3.0.19: error:0A000412:SSL routines::sslv3 alert bad certificate', 'it does not take the client certificate'],
  [35, 'OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number', 'it does not speak TLS'],
  [58, 'unable to set private key file: \'key.pem\' type PEM', 'the client certificate cannot be used with its key'],
  [60, 'SSL certificate verification failed', 'it takes the client certificate for expired'],
  [60, 'SSL certificate problem: unable to get local issuer certificate', 'its certificate is not one to trust'],
  [60, 'SSL certificate problem: certificate has expired', 'its certificate is not one to trust'],
  [60, 'SSL: no alternative certificate subject name matches target host name \'a.internal\'', 'its certificate is not one to trust'],
];

test.each(REASONS)('says why a daemon cannot be used, and uses the next one: %i, %s', async (code, said, reason) => {
  const order = await fails({ code, stderr: `curl: (${code}) ${said}\nMore details here: https://curl.se/docs/sslcerts.html\n` });
  const { stderr, ...outcome } = await run();
  expect(outcome).toEqual({ code: 0, stdout: `builder: the remote BuildKit ${order[1]}, v0.32.2\n` });
  expect(stderr).toBe(`WARNING: the remote BuildKit ${order[0]} cannot be used: ${reason} (${said}). Another one is used, which may have less of the layers\n`);
  expect(created().map((args) => args[args.length - 1])).toEqual([order[1]]);
});

test('leaves it to buildx where curl makes nothing of a daemon', async () => {
  const order = await fails({ code: 35, stderr: 'curl: (35) OpenSSL/3.0.19: error:0A00042E:SSL routines::tlsv1 alert protocol version\n' });
  expect(await run()).toEqual({ code: 0, stdout: `builder: the remote BuildKit ${order[0]}, v0.32.2\n`, stderr: '' });
});

test('uses the next one when a daemon does not answer buildx', async () => {
  const order = await ranked('image-App.json');
  machine.tell('docker', {
    'buildx rm *': {},
    'buildx create *': { run: 'printf \'%s\' "${!#}" >"$TMPDIR/created"' },
    'buildx inspect *': { run: `if [[ "$(cat "$TMPDIR/created")" == ${order[0]} ]]; then echo 'ERROR: context deadline exceeded' >&2; exit 1; fi`, stdout: INSPECTED },
  });
  expect(await run()).toEqual({
    code: 0,
    stdout: `builder: the remote BuildKit ${order[1]}, v0.32.2\n`,
    stderr: `WARNING: the remote BuildKit ${order[0]} cannot be used: buildx cannot use it (ERROR: context deadline exceeded). Another one is used, which may have less of the layers\n`,
  });
});

test('fails when no daemon is left, and says of each one why', async () => {
  const refusal = { code: 7, stderr: 'curl: (7) Failed to connect\n' };
  const order = await fails(refusal, { code: 6, stderr: 'curl: (6) Could not resolve host\n' }, refusal);
  expect(await run()).toEqual({
    code: 1,
    stdout: '',
    stderr: `\nERROR: no BuildKit of DockerBuilder.remote() can be used.
- the remote BuildKit ${order[0]} cannot be used: it cannot be reached (Failed to connect)
- the remote BuildKit ${order[1]} cannot be used: its name is not known where the build runs (Could not resolve host)
- the remote BuildKit ${order[2]} cannot be used: it cannot be reached (Failed to connect)\n\n`,
  });
});

describe('daemons share the images', () => {
  const images = [...Array(30).keys()].map((index) => `image-App${index}.json`);

  test('whatever the order in which they are named', async () => {
    expect(await ranked('image-App.json', [...DAEMONS].reverse())).toEqual(await ranked('image-App.json'));
  });

  test('about equally, and an image whose daemon is gone is the only one to move', async () => {
    const left = DAEMONS.slice(0, 2);
    const orders = await Promise.all(images.map(async (image) => [await ranked(image), await ranked(image, left)]));
    for (const daemon of DAEMONS) expect(orders.filter(([[first]]) => first === daemon).length).toBeGreaterThan(4);
    for (const [before, after] of orders) expect(after).toEqual(before.filter((endpoint) => left.includes(endpoint)));
  });
});
