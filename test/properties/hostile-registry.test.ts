import { gzipSync } from 'zlib';
import * as fc from 'fast-check';
import { cacheManifest } from '../../runner/cache/config/cache-manifest';
import { checkImage } from '../../runner/image/check-image';
import { PushedImage } from '../../runner/layers/pushed-image';
import { RecordStore } from '../../runner/record/record-store';
import { RegistryClient } from '../../runner/registry/registry-client';
import { Failure } from '../../runner/report/failure';
import { Log } from '../../runner/report/log';
import { digestOf } from '../runner/testhelpers/layers';
import { Answer, LocalRegistry, OCI_IMAGE } from '../runner/testhelpers/local-registry';
import { quickPauses } from '../runner/testhelpers/quick-pauses';

// What a registry answers is anything, and it leads to anywhere. It is an answer or a failure that says whose; the password goes to no other host.

const AUTHORIZATION = 'Basic QVdTOnNlY3JldA==';
const DIGEST = `sha256:${'a'.repeat(64)}`;

let registry: LocalRegistry;
let client: RegistryClient;
const before = { ...process.env };

beforeAll(async () => {
  registry = await LocalRegistry.start();
  process.env.SSL_CERT_FILE = registry.certificate;
  process.env.NO_PROXY = '*';
  client = new RegistryClient({ host: registry.host, path: 'team/app' }, AUTHORIZATION);
});

afterAll(async () => {
  process.env = before;
  await registry.stop();
});

const descriptor = fc.record({
  mediaType: fc.oneof(fc.constantFrom(OCI_IMAGE, 'application/vnd.cdk-cached-docker-build.record.v1+br', 'application/vnd.oci.image.layer.v1.tar+gzip'), fc.jsonValue()),
  digest: fc.oneof(fc.constantFrom(DIGEST, digestOf('x')), fc.jsonValue()),
  size: fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 60, 1e300), fc.jsonValue()),
}, { requiredKeys: [] });
const manifest = fc.record({
  schemaVersion: fc.oneof(fc.constant(2), fc.jsonValue()),
  mediaType: fc.oneof(fc.constant(OCI_IMAGE), fc.jsonValue()),
  config: fc.oneof(descriptor, fc.jsonValue()),
  layers: fc.oneof(fc.array(fc.oneof(descriptor, fc.jsonValue()), { maxLength: 3 }), fc.jsonValue()),
  annotations: fc.jsonValue(),
}, { requiredKeys: [] }).map((json) => JSON.stringify(json));
const body = fc.oneof(
  manifest, fc.json(), fc.string(), fc.constantFrom('', '<html>', '{"__proto__":{"layers":[]}}', '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', '{"errors":[null]}', '{"errors":{"0":5}}', '['.repeat(100_000)),
  fc.constantFrom(gzipSync(Buffer.alloc(1_000_000)), Buffer.from([0x1f, 0x8b, 0xff])),
);
const place = fc.oneof(
  fc.constantFrom('https://[', '', '//', '?', 'http://127.0.0.1/', 'ftp://x', 'https://no-such-host.invalid/', 'javascript:x', '/x', '../..', 'data:,x'),
  fc.constantFrom('/leak', '//LOCALHOST:PORT/leak', 'https://localhost:PORT/leak', 'https://user:pass@localhost:PORT/leak', 'https://127.0.0.1:PORT@localhost:PORT/leak', 'https://127.0.0.1:PORT/x'),
  fc.webPath(),
);
const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 202, 202, 204, 206, 301, 302, 307, 308, 400, 401, 403, 404, 404, 418),
  location: fc.option(place, { nil: undefined }),
  type: fc.option(fc.constantFrom(OCI_IMAGE, 'text/html', 'a/b;'.repeat(500), ''), { nil: undefined }),
  realm: fc.option(fc.constant('Bearer realm="https://localhost:PORT/token",service="ecr"'), { nil: undefined }),
  digest: fc.option(fc.constantFrom(DIGEST, 'sha256:0', 'x'), { nil: undefined }),
  body,
});

test('whatever a registry answers is an answer or a failure, and no other host gets the login', async () => {
  quickPauses(1000, 2000);
  const hosts = new Set<string>();
  const ports = (text: string) => text.replace(/PORT/g, `${registry.port}`);
  await fc.assert(fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 4 }), fc.nat(6), async (given, which) => {
    registry.reset();
    const answers = given.map(({ status, location, type, realm, digest, body: content }): Answer => ({
      status,
      headers: {
        ...location !== undefined && { location: ports(location) },
        ...type !== undefined && { 'content-type': type },
        ...realm !== undefined && { 'www-authenticate': ports(realm) },
        ...digest !== undefined && { 'docker-content-digest': digest },
      },
      body: [204].includes(status) ? undefined : content,
    }));
    // Again and again, however often it is asked.
    registry.answers = Array.from({ length: 40 }, (_, index) => answers[index % answers.length]);
    const outcome = await [
      async () => client.manifest('tag'),
      async () => client.manifest(DIGEST),
      async () => client.setTag('tag', { type: OCI_IMAGE, body: Buffer.from('{}'), digest: '' }),
      async () => { for await (const chunk of await client.blob(DIGEST) ?? []) void chunk; },
      async () => client.putBlob(DIGEST, Buffer.from('layer')),
      async () => {
        const found = await client.manifest('tag');
        if (found) checkImage({ runsOnLambda: true, tag: 'tag' } as Parameters<typeof checkImage>[0], 'repository', found);
        return found && await PushedImage.find(client, found.digest).catch((error: unknown) => expect(error).toBeInstanceOf(Failure));
      },
      async () => {
        const warnings: string[] = [];
        await new RecordStore([{ registry: client, tag: 'record' }], new Log((line) => warnings.push(line))).read();
        expect(warnings.every((line) => line.startsWith('WARNING: the record of the last build'))).toBe(true);
      },
    ][which]().catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(Failure);
      expect(outcome.message).toMatch(/./);
    }
    for (const { headers } of registry.requests) {
      hosts.add(headers.host!);
      if (headers.host !== registry.host) expect(headers.authorization).not.toBe(AUTHORIZATION);
    }
  }), { numRuns: 1500, seed: 11 });
  expect(hosts).toContain(`localhost:${registry.port}`); // it has led there
}, 240_000);

test('the manifest of a cache is one, or is refused', () => {
  fc.assert(fc.property(fc.oneof(manifest, fc.json()), (text) => {
    try {
      expect(cacheManifest({ type: OCI_IMAGE, body: Buffer.from(text), digest: '' }).config.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    } catch (error) {
      expect((error as Error).message).toMatch(/^its |JSON/);
    }
  }), { numRuns: 2000 });
});
