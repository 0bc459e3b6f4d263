import { askDaemon } from '../../../../runner/builder/remote/ask-daemon';
import { shorten } from '../../testhelpers/build-setup';
import { Identity, TestAuthority } from '../../testhelpers/test-authority';
import { plainDaemon, tlsDaemon } from '../../testhelpers/tls-daemon';

let authority: TestAuthority;
let other: TestAuthority;
let server: Identity;
let client: Identity;

beforeAll(() => {
  authority = new TestAuthority();
  other = new TestAuthority('another authority');
  server = authority.issue({ usage: 'serverAuth' });
  client = authority.issue({ usage: 'clientAuth' });
});

afterAll(() => {
  authority.remove();
  other.remove();
});

const certificates = (identity = client, { cert: ca } = authority) => ({ ca, ...identity });
const ask = async (port: number, identity?: Identity, name?: string) => askDaemon(`tcp://127.0.0.1:${port}`, certificates(identity), name);

test.each(['127.0.0.1', 'localhost'])('nothing is wrong with a daemon of the same authority at %s', async (host) => {
  expect(await askDaemon(`tcp://${host}:${await tlsDaemon(server, authority)}`, certificates())).toBeUndefined();
});

describe('the certificate of a daemon', () => {
  const untrusted = (text: string) => expect.stringMatching(new RegExp(`^its certificate is not one to trust \\(${text}.*\\)$`));

  test('of another authority is not trusted', async () => {
    expect(await ask(await tlsDaemon(other.issue(), authority))).toEqual(untrusted('unable to '));
  });

  test('for another name is not trusted', async () => {
    expect(await ask(await tlsDaemon(authority.issue({ names: ['buildkit.example'] }), authority))).toEqual(untrusted('Hostname/IP does not match'));
  });

  test('for the name that it is to be asked by is trusted', async () => {
    const port = await tlsDaemon(authority.issue({ names: ['buildkit.example'] }), authority);
    expect(await ask(port, client, 'buildkit.example')).toBeUndefined();
    expect(await ask(port, client, 'other.example')).toEqual(untrusted('Hostname/IP does not match'));
  });

  test('that has expired is not trusted', async () => {
    expect(await ask(await tlsDaemon(authority.issue({ days: -1 }), authority))).toEqual(untrusted('certificate has expired'));
  });

  test('that is one for clients is not trusted', async () => {
    expect(await ask(await tlsDaemon(authority.issue({ usage: 'clientAuth' }), authority))).toEqual(untrusted('unsupported certificate purpose|unsuitable'));
  });
});

describe('a daemon that refuses the client certificate', () => {
  test('since it is of another authority says so', async () => {
    expect(await ask(await tlsDaemon(server, authority), other.issue())).toMatch(/^it does not trust the authority of the client certificate \(.*alert unknown ca.*\)$/);
  });

  test('since it has expired says so', async () => {
    expect(await ask(await tlsDaemon(server, authority), authority.issue({ days: -1 }))).toMatch(/^it takes the client certificate for expired \(.*alert certificate expired.*\)$/);
  });

  test('since it is one for servers says so', async () => {
    expect(await ask(await tlsDaemon(server, authority), authority.issue({ usage: 'serverAuth' }))).toMatch(/^it does not take the client certificate \(.*alert unsupported certificate.*\)$/);
  });
});

test('a key that belongs to another certificate is told without asking anybody', async () => {
  let asked = 0;
  const port = await plainDaemon(() => asked++);
  expect(await ask(port, { cert: client.cert, key: server.key })).toBe('the client certificate cannot be used with its key (key values mismatch)');
  expect(asked).toBe(0);
});

test('a key that cannot be read is told, too', async () => {
  expect(await ask(1, { cert: client.cert, key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' })).toMatch(/^the client certificate cannot be used with its key \(.+\)$/);
});

test.each<[string, string | Buffer]>([
  ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['a gRPC server', Buffer.from('00001204000000000000030000006400040010000000060001000000', 'hex')],
])('%s does not speak TLS', async (_, greeting) => {
  const port = await plainDaemon((socket) => socket.write(greeting));
  expect(await ask(port)).toMatch(/^it does not speak TLS \(.+\)$/);
});

test('a port where nobody listens cannot be reached', async () => {
  expect(await ask(1)).toBe('it cannot be reached (connect ECONNREFUSED 127.0.0.1:1)');
});

test('a name that nobody knows is told', async () => {
  expect(await askDaemon('tcp://buildkit.invalid:1234', certificates())).toMatch(/^its name is not known where the build runs \(getaddrinfo E\w+ buildkit\.invalid\)$/);
});

test('one that says nothing cannot be reached', async () => {
  shorten({ 10_000: 100 });
  const port = await plainDaemon(() => undefined);
  expect(await ask(port)).toBe(`it cannot be reached (no answer from 127.0.0.1 port ${port} within 10 seconds)`);
});

test.each<[string, () => Promise<number>]>([
  ['ends the connection at once', async () => plainDaemon((socket) => socket.destroy())],
  ['speaks the newest TLS only', async () => tlsDaemon(server, authority, '-tls1_3')],
])('what to make of one that %s is left to buildx', async (_, daemon) => {
  expect(await ask(await daemon())).toBeUndefined();
});
