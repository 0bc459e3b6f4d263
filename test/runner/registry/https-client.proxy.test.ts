import * as http from 'http';
import * as net from 'net';
import { request } from '../../../runner/registry/https-client';
import { LocalRegistry } from '../testhelpers/local-registry';

let registry: LocalRegistry;
const before = { ...process.env };

beforeAll(async () => {
  registry = await LocalRegistry.start();
  process.env.SSL_CERT_FILE = registry.certificate;
});

beforeEach(() => {
  registry.reset();
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy', 'NO_PROXY', 'no_proxy', 'npm_config_proxy', 'npm_config_https_proxy', 'npm_config_no_proxy']) {
    delete process.env[name];
  }
});

afterAll(async () => {
  process.env = before;
  await registry.stop();
});

async function get(options: Partial<Parameters<typeof request>[0]> = {}) {
  return request({ method: 'GET', url: `https://${registry.host}/v2/`, ...options });
}

/** A proxy that notes what it was asked for. */
class Proxy {
  public static async start(answer = 'HTTP/1.1 200 OK'): Promise<Proxy> {
    const proxy = new Proxy(http.createServer(), answer);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  public readonly asked: string[] = [];
  public readonly authorizations: (string | undefined)[] = [];
  private readonly sockets = new Set<net.Socket>();

  private constructor(private readonly server: http.Server, answer: string) {
    server.on('connect', (incoming: http.IncomingMessage, socket: net.Socket) => {
      this.asked.push(incoming.url!);
      this.authorizations.push(incoming.headers['proxy-authorization']);
      this.sockets.add(socket);
      if (answer === '') return;
      if (!answer.includes(' 200 ')) return void socket.end(`${answer}\r\ncontent-length: 6\r\n\r\nno way`);
      // Whatever name was asked for is the registry.
      const upstream = net.connect(registry.port, '127.0.0.1', () => {
        socket.write(`${answer}\r\n\r\n`);
        upstream.pipe(socket).pipe(upstream);
      });
      this.sockets.add(upstream);
      [upstream, socket].forEach((end) => end.on('error', () => undefined));
    });
  }

  public get address(): string {
    return `127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('a proxy', () => {
  let proxy: Proxy;

  const start = async (answer?: string) => { proxy = await Proxy.start(answer); };

  afterEach(async () => proxy.stop());

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('is asked for the way when %s names it, and the other side is still the one that is trusted', async (name) => {
    await start();
    process.env[name] = `http://${proxy.address}`;
    registry.answers = [{ status: 200, body: 'ok' }];
    expect((await get({ url: `https://localhost:${registry.port}/` })).body.toString()).toBe('ok');
    expect(proxy.asked).toEqual([`localhost:${registry.port}`]);
  });

  test('that leads somewhere else is found out', async () => {
    await start();
    process.env.HTTPS_PROXY = `http://${proxy.address}`;
    await expect(get({ url: 'https://registry.example.com/', attempts: 1 })).rejects.toThrow(/registry\.example\.com\. is not in the cert's altnames/);
    expect(registry.requests).toHaveLength(0);
  });

  test('gets the user and password that are in its address', async () => {
    await start();
    process.env.HTTPS_PROXY = `http://me:secret@${proxy.address}`;
    registry.answers = [{ status: 200 }];
    await get();
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:secret').toString('base64')}`]);
  });

  test('may be named without a scheme, as for Docker and curl', async () => {
    await start();
    process.env.HTTPS_PROXY = proxy.address;
    registry.answers = [{ status: 200 }];
    expect((await get()).status).toBe(200);
    expect(proxy.asked).toHaveLength(1);
  });

  test.each(['127.0.0.1', '*', 'other.example.com, 127.0.0.1'])('is passed by for NO_PROXY=%s', async (names) => {
    await start();
    process.env.HTTPS_PROXY = `http://${proxy.address}`;
    process.env.NO_PROXY = names;
    registry.answers = [{ status: 200 }];
    expect((await get()).status).toBe(200);
    expect(proxy.asked).toEqual([]);
  });

  test('that refuses is heard', async () => {
    await start('HTTP/1.1 407 Proxy Authentication Required');
    process.env.HTTPS_PROXY = `http://${proxy.address}`;
    expect(await get({ attempts: 1 })).toMatchObject({ status: 407, body: Buffer.from('no way') });
    expect(registry.requests).toHaveLength(0);
  });

  test('that never answers is given up', async () => {
    await start('');
    process.env.HTTPS_PROXY = `http://${proxy.address}`;
    await expect(get({ attempts: 1, silence: 1000 })).rejects.toThrow(/^it did not answer for 1 seconds$/);
  });

  test('nobody is asked for by default', async () => {
    await start();
    registry.answers = [{ status: 200 }];
    await get();
    expect(proxy.asked).toEqual([]);
  });
});
