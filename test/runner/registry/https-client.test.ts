import * as fs from 'fs';
import * as http from 'http';
import * as path from 'path';
import { open, OpenResponse, request } from '../../../runner/registry/https-client';
import { Failure, Unreachable } from '../../../runner/report/failure';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';
import { LocalRegistry } from '../testhelpers/local-registry';
import { quickPauses } from '../testhelpers/quick-pauses';

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

const PAUSES = [1000, 2000];

test('an answer comes with status, headers and its very bytes', async () => {
  const body = Buffer.from([0, 255, 10, 13, 10]);
  registry.answers = [{ status: 201, headers: { 'x-a': 'b' }, body }];
  const response = await get();
  expect(response).toMatchObject({ status: 201, headers: { 'x-a': 'b' } });
  expect(response.body.equals(body)).toBe(true);
});

test('a request has the headers and the body that it is given, and no other', async () => {
  registry.answers = [{ status: 201 }, { status: 200 }];
  await request({ method: 'PUT', url: `https://${registry.host}/a?b=c`, headers: { 'authorization': 'Basic x', 'content-type': 'text/x' }, body: Buffer.from('é') });
  await get();
  expect(registry.requests[0]).toMatchObject({ method: 'PUT', url: '/a?b=c', body: 'é', headers: { 'authorization': 'Basic x', 'content-type': 'text/x', 'content-length': '2' } });
  expect(Object.keys(registry.requests[1].headers).sort()).toEqual(['connection', 'host']);
});

test('a large body arrives whole', async () => {
  registry.answers = [{ status: 201 }];
  const body = 'x'.repeat(4_000_000);
  await request({ method: 'PUT', url: `https://${registry.host}/`, body: Buffer.from(body) });
  expect(registry.requests[0].body === body).toBe(true);
});

describe('trying again', () => {
  test.each([500, 503, 599, 429, 408])('helps when the first answer is HTTP %d, and only the last one counts', async (status) => {
    const pauses = quickPauses(...PAUSES);
    registry.answers = [{ status, body: 'x'.repeat(10_000) }, { status: 200, body: 'ok' }];
    const { status: last, body } = await get();
    expect([last, body.toString()]).toEqual([200, 'ok']);
    expect(registry.requests).toHaveLength(2);
    expect(pauses).toEqual([1000]);
  });

  test.each([200, 307, 400, 401, 403, 404])('is not done after HTTP %d', async (status) => {
    registry.answers = [{ status }];
    expect((await get()).status).toBe(status);
    expect(registry.requests).toHaveLength(1);
  });

  test('is done with the whole body', async () => {
    quickPauses(...PAUSES);
    registry.answers = [{ status: 500 }, { status: 201 }];
    await request({ method: 'PUT', url: `https://${registry.host}/`, body: Buffer.from('manifest') });
    expect(registry.requests.map(({ body }) => body)).toEqual(['manifest', 'manifest']);
  });

  test('is done twice, with a longer pause the second time, and then the last answer is the answer', async () => {
    const pauses = quickPauses(...PAUSES);
    registry.answers = [{ status: 500 }, { status: 502 }, { status: 503 }];
    expect((await get()).status).toBe(503);
    expect(registry.requests).toHaveLength(3);
    expect(pauses).toEqual(PAUSES);
  });

  test('is done as often as the caller says', async () => {
    registry.answers = [{ status: 500 }];
    expect((await get({ attempts: 1 })).status).toBe(500);
    expect(registry.requests).toHaveLength(1);
  });

  test('helps when a connection breaks, before or within the answer', async () => {
    quickPauses(...PAUSES);
    registry.answers = [
      (incoming) => incoming.socket.destroy(),
      (_, outgoing) => outgoing.writeHead(200, { 'content-length': 10 }).write('half', () => outgoing.destroy()),
      { status: 200, body: 'whole' },
    ];
    expect((await get()).body.toString()).toBe('whole');
    expect(registry.requests).toHaveLength(3);
  });
});

describe('a request fails', () => {
  test('when its connection breaks each time', async () => {
    quickPauses(...PAUSES);
    registry.answers = Array.from({ length: 3 }, () => (incoming: http.IncomingMessage) => { incoming.socket.destroy(); });
    await expect(get()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(registry.requests).toHaveLength(3);
  });

  test('when its answer is cut off', async () => {
    registry.answers = [(_, outgoing) => outgoing.writeHead(200, { 'content-length': 10 }).write('half', () => outgoing.destroy())];
    await expect(get({ attempts: 1 })).rejects.toThrow(/in the middle of the answer|aborted|ECONNRESET/);
  });

  test('with a sentence for the log', async () => {
    await expect(get({ url: 'https://127.0.0.1:1/', attempts: 1 })).rejects.toBeInstanceOf(Failure);
    await expect(get({ url: 'https://127.0.0.1:1/', attempts: 1 })).rejects.toThrow(/^connect ECONNREFUSED 127\.0\.0\.1:1$/);
    await expect(get({ url: 'https://no-such-host.invalid/', attempts: 1 })).rejects.toThrow(/no-such-host\.invalid/);
  });

  test('when nothing answers for too long', async () => {
    registry.answers = [() => undefined];
    const start = Date.now();
    await expect(get({ attempts: 1, silence: 1000 })).rejects.toThrow(/^it did not answer for 1 seconds$/);
    expect(Date.now() - start).toBeLessThan(5000);
  });

  test('in a way that tells silence from other failures', async () => {
    quickPauses(...PAUSES);
    registry.answers = [() => undefined, () => undefined];
    await expect(get({ attempts: 2, silence: 300 })).rejects.toBeInstanceOf(Unreachable);
    await expect(get({ url: 'https://no-such-host.invalid/', attempts: 1 })).rejects.not.toBeInstanceOf(Unreachable);
  });

  test('when the answer stops in its middle for too long', async () => {
    registry.answers = [(_, outgoing) => { outgoing.writeHead(200).write('half'); }];
    await expect(get({ attempts: 1, silence: 500 })).rejects.toThrow('it did not answer for');
  });

  test('when the answer has no end', async () => {
    registry.answers = [(_, outgoing) => {
      outgoing.writeHead(200);
      const chunk = Buffer.alloc(1024 * 1024);
      const more = () => { if (!outgoing.destroyed) outgoing.write(chunk, more); };
      more();
    }];
    await expect(get({ attempts: 1 })).rejects.toThrow(`it answers with more than ${4 * 1024 * 1024} bytes`);
  });

  test('when the answer comes drop by drop', async () => {
    registry.answers = [(_, outgoing) => {
      outgoing.writeHead(200);
      const timer = setInterval(() => outgoing.write('x'), 100);
      outgoing.on('close', () => clearInterval(timer));
    }];
    await expect(get({ attempts: 1, longest: 1000 })).rejects.toThrow(/^its answer did not end within 1 seconds$/);
  });

  test('when no address can be made of it', async () => {
    await expect(get({ url: 'https://a b/', attempts: 1 })).rejects.toThrow('Invalid URL');
  });
});

test('an answer that comes slowly is waited for as long as something comes', async () => {
  registry.answers = [(_, outgoing) => {
    outgoing.writeHead(200);
    let count = 0;
    const timer = setInterval(() => {
      outgoing.write('x');
      if (++count < 6) return;
      clearInterval(timer);
      outgoing.end();
    }, 250);
  }];
  expect((await get({ attempts: 1, silence: 1000 })).body.toString()).toBe('xxxxxx');
});

describe('an answer that is opened', () => {
  const openIt = async (options: Partial<Parameters<typeof request>[0]> = {}) => open({ method: 'GET', url: `https://${registry.host}/blob`, ...options });

  async function read({ body }: OpenResponse): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test('comes with its very bytes, however many they are', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024, 'some bytes');
    registry.answers = [{ status: 200, headers: { 'x-a': 'b' }, body: bytes }];
    const response = await openIt();
    expect(response).toMatchObject({ status: 200, headers: { 'x-a': 'b' } });
    expect((await read(response)).equals(bytes)).toBe(true);
  });

  test('is there before its body is', async () => {
    let end: (() => void) | undefined;
    registry.answers = [(_, outgoing) => {
      outgoing.writeHead(200).write('half');
      end = () => outgoing.end(', whole');
    }];
    const response = await openIt();
    end!();
    expect((await read(response)).toString()).toBe('half, whole');
  });

  test('is asked for again after an error, whose body is let go', async () => {
    quickPauses(...PAUSES);
    let isClosed = false;
    registry.answers = [
      (_, outgoing) => {
        outgoing.writeHead(503).write('an answer without an end');
        outgoing.on('close', () => { isClosed = true; });
      },
      { status: 200, body: 'ok' },
    ];
    expect((await read(await openIt())).toString()).toBe('ok');
    await new Promise((resolve) => { setTimeout(resolve, 50); });
    expect(isClosed).toBe(true);
  });

  test('may be an error at last', async () => {
    quickPauses(...PAUSES);
    registry.answers = [{ status: 500 }, { status: 500 }, { status: 500, body: 'broken' }];
    const response = await openIt();
    expect([response.status, (await read(response)).toString()]).toEqual([500, 'broken']);
  });

  test('fails while it is read when it is cut off, or stops for too long', async () => {
    registry.answers = [
      (_, outgoing) => outgoing.writeHead(200, { 'content-length': 10 }).write('half', () => outgoing.destroy()),
      (_, outgoing) => { outgoing.writeHead(200).write('half'); },
    ];
    await expect(read(await openIt())).rejects.toThrow(/in the middle of the answer|aborted|ECONNRESET|Premature close/);
    await expect(read(await openIt({ silence: 300 }))).rejects.toThrow('it did not answer for');
  });

  test('and read by nobody, harms nobody', async () => {
    registry.answers = [(_, outgoing) => { outgoing.writeHead(200).write('half'); }, (_, outgoing) => { outgoing.writeHead(200).write('half'); }, { status: 200, body: 'ok' }];
    await openIt({ silence: 100 });
    (await openIt()).body.destroy();
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    expect((await get()).status).toBe(200);
  });
});

describe('a file as a body', () => {
  test('arrives whole, with its size, and again where that is needed', async () => {
    quickPauses(...PAUSES);
    const file = path.join(temporaryDirectory(), 'layer');
    fs.writeFileSync(file, 'x'.repeat(300_000));
    registry.answers = [{ status: 500 }, { status: 201 }];
    expect((await request({ method: 'PUT', url: `https://${registry.host}/`, body: { file } })).status).toBe(201);
    expect(registry.requests.map(({ body }) => body.length)).toEqual([300_000, 300_000]);
    expect(registry.requests[0].headers['content-length']).toBe('300000');
  });

  test('may be empty', async () => {
    const file = path.join(temporaryDirectory(), 'empty');
    fs.writeFileSync(file, '');
    registry.answers = [{ status: 201 }];
    await request({ method: 'PUT', url: `https://${registry.host}/`, body: { file } });
    expect(registry.requests[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } });
  });

  test('that is not there fails', async () => {
    await expect(request({ method: 'PUT', url: `https://${registry.host}/`, body: { file: '/not/there' }, attempts: 1 })).rejects.toThrow('ENOENT');
  });
});
