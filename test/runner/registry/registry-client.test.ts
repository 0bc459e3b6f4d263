import { createHash } from 'crypto';
import { RegistryClient } from '../../../runner/registry/registry-client';
import { Failure } from '../../../runner/report/failure';
import { Answer, found, LocalRegistry, NOT_FOUND, OCI_IMAGE, refused } from '../testhelpers/local-registry';
import { quickPauses } from '../testhelpers/quick-pauses';

const AUTHORIZATION = `Basic ${Buffer.from(`AWS:${'eyJwYXlsb2FkIjoi+/=='.repeat(200)}`).toString('base64')}`; // as long as those of Amazon ECR
/** A manifest, with spaces and ends of lines that no program would put there again. */
const BODY = `{ "schemaVersion": 2,  "mediaType": "${OCI_IMAGE}" }\r\n\n`;
const DIGEST = digestOf(BODY);
const PAUSES = [1000, 2000];
const PUSH_PAUSES = [250, 500, 1000, 2000, 4000, 8000];

let registry: LocalRegistry;
let client: RegistryClient;
let name: string;

beforeAll(async () => {
  registry = await LocalRegistry.start();
  process.env.NODE_EXTRA_CA_CERTS = registry.certificate;
  process.env.no_proxy = '*';
  delete process.env.SSL_CERT_FILE;
  name = `${registry.host}/team/app`;
  client = new RegistryClient({ host: registry.host, path: 'team/app' }, AUTHORIZATION);
});

beforeEach(() => registry.reset());

afterAll(async () => registry.stop());

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(() => { throw new Error('it did not fail'); }, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(Failure);
  return (error as Error).message;
}

describe('a manifest', () => {
  test('is asked for with the login and all types that there are', async () => {
    registry.answers = [found(BODY)];
    await client.manifest('v1');
    expect(registry.requests).toMatchObject([{ method: 'GET', url: '/v2/team/app/manifests/v1', headers: { authorization: AUTHORIZATION } }]);
    expect(registry.requests[0].headers.accept!.split(/, */)).toEqual([
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
      'application/vnd.oci.image.index.v1+json',
      'application/vnd.docker.distribution.manifest.list.v2+json',
    ]);
  });

  test('comes with its very bytes, their digest and its type', async () => {
    registry.answers = [{ ...found(BODY), headers: { 'content-type': OCI_IMAGE, 'docker-content-digest': 'sha256:0' } }];
    expect(await client.manifest('v1')).toEqual({ digest: DIGEST, type: OCI_IMAGE, body: Buffer.from(BODY) });
  });

  test('without a type is understood', async () => {
    registry.answers = [{ status: 200, body: '{}' }];
    expect(await client.manifest('v1')).toMatchObject({ type: '' });
  });

  test('can be asked for by its digest, which is sent as every client sends it', async () => {
    registry.answers = [found(BODY)];
    expect((await client.manifest(DIGEST))!.digest).toBe(DIGEST);
    expect(registry.requests[0].url).toBe(`/v2/team/app/manifests/${DIGEST}`);
  });

  test('with other bytes than its digest says is none', async () => {
    registry.answers = [found(`${BODY} `)];
    expect(await failure(client.manifest(DIGEST))).toBe(`the registry answers with another image than ${DIGEST} for ${name}`);
  });

  test('that the registry does not have is undefined, and nobody asks twice', async () => {
    registry.answers = [NOT_FOUND];
    expect(await client.manifest('v1')).toBeUndefined();
    expect(registry.requests).toHaveLength(1);
  });

  test('of a registry that stumbles is there at last', async () => {
    quickPauses(...PAUSES);
    registry.answers = [{ status: 503, body: 'x' }, found(BODY)];
    expect((await client.manifest('v1'))!.digest).toBe(DIGEST);
  });

  test('no name leads out of the repository', async () => {
    registry.answers = [NOT_FOUND];
    await client.manifest('../../other/manifests/v1');
    expect(registry.requests[0].url).toBe('/v2/team/app/manifests/..%2F..%2Fother%2Fmanifests%2Fv1');
  });
});

test('a repository that does not exist is an error that names it', async () => {
  registry.answers = [refused(404, 'NAME_UNKNOWN', "The repository with name 'team/app' does not exist")];
  expect(await failure(client.manifest('v1'))).toBe(`the repository ${name} does not exist; it has to be deployed before its first image is built`);
});

test.each<[string, Answer, (repository: string) => string]>([
  ['without a valid login', refused(401, 'UNAUTHORIZED', 'Not Authorized'), (it) => `the registry denies access to ${it} (HTTP 401): {"errors":[{"code":"UNAUTHORIZED","message":"Not Authorized"}]}`],
  ['that denies', refused(403, 'DENIED', 'no policy'), (it) => `the registry denies access to ${it} (HTTP 403): {"errors":[{"code":"DENIED","message":"no policy"}]}`],
  ['that has an error', { status: 500, headers: { 'content-type': 'text/html' }, body: '<p>\n  oops' }, (it) => `the registry cannot say whether ${it} has 'v1' (HTTP 500): <p> oops`],
  ['that is overloaded', { status: 429 }, (it) => `the registry cannot say whether ${it} has 'v1' (HTTP 429): an empty answer`],
  ['that sends elsewhere', { status: 307 }, (it) => `the registry cannot say whether ${it} has 'v1' (HTTP 307): an empty answer`],
])('a registry %s is an error, and is no reason to build', async (_, answer, message) => {
  quickPauses(...PAUSES);
  registry.answers = [answer, answer, answer];
  expect(await failure(client.manifest('v1'))).toBe(message(name));
});

test.each<[string, Answer]>([
  ['a page of a proxy', { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>no such host</html>' }],
  ['nothing', { status: 404 }],
  ['JSON of something else', { status: 404, body: '{"message":"no route"}' }],
  ['JSON that is no object', { status: 404, body: 'null' }],
  ['errors that are none', { status: 404, body: '{"errors":"MANIFEST_UNKNOWN"}' }],
  ['a registry that does not take the name', refused(404, 'NAME_INVALID')],
])('%s is no reason to build, though it says 404', async (_, answer) => {
  registry.answers = [answer];
  expect(await failure(client.manifest('v1'))).toBe(`the answer for ${name} is not that of its registry (HTTP 404): ${(answer.body as string | undefined) ?? 'an empty answer'}`);
});

test('an answer without an end is cut for the log', async () => {
  registry.answers = [{ status: 400, body: 'x'.repeat(100_000) }];
  expect((await failure(client.manifest('v1'))).length).toBeLessThan(700);
});

test('a registry that nobody can reach is an error that names it', async () => {
  quickPauses(...PAUSES);
  const nobody = new RegistryClient({ host: '127.0.0.1:1', path: 'team/app' }, AUTHORIZATION);
  expect(await failure(nobody.manifest('v1'))).toBe('the registry 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1');
});

test('the login is in no message', async () => {
  registry.answers = [refused(403, 'DENIED')];
  expect(await failure(client.manifest('v1'))).not.toContain(AUTHORIZATION.slice(6, 40));
});

describe('what was just pushed', () => {
  test('is there at once, as a rule', async () => {
    const pauses = quickPauses(...PUSH_PAUSES);
    registry.answers = [found(BODY)];
    expect((await client.pushedManifest(DIGEST)).digest).toBe(DIGEST);
    expect(pauses).toEqual([]);
  });

  test('may show after a moment only', async () => {
    const pauses = quickPauses(...PUSH_PAUSES);
    registry.answers = [NOT_FOUND, NOT_FOUND, found(BODY)];
    expect((await client.pushedManifest(DIGEST)).digest).toBe(DIGEST);
    expect(pauses).toEqual([250, 500]);
  });

  test('and never shows is an error, after a last question', async () => {
    const pauses = quickPauses(...PUSH_PAUSES);
    registry.answers = Array.from({ length: 10 }, () => NOT_FOUND);
    expect(await failure(client.pushedManifest(DIGEST))).toBe(`the registry does not have ${DIGEST}, which was just pushed to ${name}`);
    expect(pauses).toEqual(PUSH_PAUSES);
    expect(registry.requests).toHaveLength(PUSH_PAUSES.length + 1);
  });

  test('is not waited for when the registry denies it', async () => {
    registry.answers = [refused(403, 'DENIED')];
    expect(await failure(client.pushedManifest(DIGEST))).toContain('the registry denies access');
    expect(registry.requests).toHaveLength(1);
  });
});

describe('a tag', () => {
  const MANIFEST = { digest: DIGEST, type: OCI_IMAGE, body: Buffer.from(BODY) };

  test('is set with the very bytes and the type of the image', async () => {
    registry.answers = [{ status: 201 }];
    expect(await client.setTag('v2', MANIFEST)).toBe(true);
    expect(registry.requests).toMatchObject([{ method: 'PUT', url: '/v2/team/app/manifests/v2', body: BODY, headers: { 'content-type': OCI_IMAGE, 'authorization': AUTHORIZATION } }]);
  });

  test('of a registry that stumbles is set at last', async () => {
    quickPauses(...PAUSES);
    registry.answers = [{ status: 500 }, { status: 201 }];
    expect(await client.setTag('v2', MANIFEST)).toBe(true);
    expect(registry.requests.map(({ body }) => body)).toEqual([BODY, BODY]);
  });

  test('that is immutable and taken is told from one that is refused', async () => {
    registry.answers = [refused(400, 'TAG_INVALID', "The image tag 'v1' already exists in the 'team/app' repository and cannot be overwritten because the tag is immutable.")];
    expect(await client.setTag('v1', MANIFEST)).toBe(false);
  });

  test.each<[string, Answer, string]>([
    ['denied', refused(403, 'DENIED', 'not authorized to perform: ecr:PutImage'), '(HTTP 403): {"errors":[{"code":"DENIED","message":"not authorized to perform: ecr:PutImage"}]}'],
    ['denied, whatever else is said', refused(403, 'DENIED', 'immutable'), '(HTTP 403): {"errors":[{"code":"DENIED","message":"immutable"}]}'],
    ['refused for its content', refused(400, 'MANIFEST_INVALID'), '(HTTP 400): {"errors":[{"code":"MANIFEST_INVALID","message":"the message of the registry"}]}'],
    ['in the way of too many others', { status: 429 }, '(HTTP 429): an empty answer'],
    ['sent elsewhere', { status: 307 }, '(HTTP 307): an empty answer'],
  ])('that is %s is an error', async (_, answer, message) => {
    quickPauses(...PAUSES);
    registry.answers = [answer, answer, answer];
    expect(await failure(client.setTag('v1', MANIFEST))).toBe(`the tag 'v1' cannot be set in ${name} ${message}`);
  });
});

const LAYER = digestOf('layer');

describe('a blob', () => {
  async function read(digest = LAYER): Promise<string | undefined> {
    const blob = await client.blob(digest);
    if (!blob) return undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of blob as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  test('comes as it is, with the login', async () => {
    registry.answers = [{ status: 200, body: 'layer' }];
    expect(await read()).toBe('layer');
    expect(registry.requests).toMatchObject([{ method: 'GET', url: `/v2/team/app/blobs/${LAYER}`, headers: { authorization: AUTHORIZATION } }]);
  });

  test('that is kept elsewhere is read there, without the login', async () => {
    registry.answers = [{ status: 307, headers: { location: `https://localhost:${registry.port}/bucket/layer?signature=a%2Bb` } }, { status: 200, body: 'layer' }];
    expect(await read()).toBe('layer');
    expect(registry.requests[1]).toMatchObject({ url: '/bucket/layer?signature=a%2Bb' });
    expect(registry.requests[1].headers).not.toHaveProperty('authorization');
  });

  test('that is kept at another place of the registry is read there, with the login', async () => {
    registry.answers = [{ status: 302, headers: { location: '/elsewhere' } }, { status: 200, body: 'layer' }];
    expect(await read()).toBe('layer');
    expect(registry.requests[1]).toMatchObject({ url: '/elsewhere', headers: { authorization: AUTHORIZATION } });
  });

  test('that is not there is nothing', async () => {
    registry.answers = [refused(404, 'BLOB_UNKNOWN')];
    expect(await read()).toBeUndefined();
  });

  test('of a registry that stumbles comes at last', async () => {
    quickPauses(...PAUSES);
    registry.answers = [{ status: 500 }, { status: 429 }, { status: 200, body: 'layer' }];
    expect(await read()).toBe('layer');
  });

  test.each<[string, Answer[], string]>([
    ['denied', [refused(403, 'DENIED')], '(HTTP 403)'],
    ['sent in a circle', Array.from({ length: 10 }, () => ({ status: 307, headers: { location: '/again' } })), '(HTTP 307)'],
    ['sent nowhere', Array.from({ length: 10 }, () => ({ status: 307 })), '(HTTP 307)'],
  ])('that is %s is an error', async (_, answers, message) => {
    registry.answers = answers;
    expect(await failure(read())).toBe(`the registry does not give the blob ${LAYER} of ${name} ${message}`);
    expect(registry.requests.length).toBeLessThanOrEqual(6);
  });

  test('that is sent to what is no place is an error', async () => {
    registry.answers = [{ status: 307, headers: { location: 'https://[' } }];
    expect(await failure(read())).toBe(`the registry ${registry.host} leads to a place that is none: https://[`);
  });

  test('that is sent to a place without encryption is an error', async () => {
    quickPauses(...PAUSES);
    registry.answers = [{ status: 307, headers: { location: 'http://localhost/x' } }];
    expect(await failure(read())).toContain('Protocol "http:" not supported');
  });
});

describe('whether a blob is there', () => {
  test.each<[string, Answer, boolean]>([
    ['is said', { status: 200 }, true], ['is said by the place that it is at', { status: 307, headers: { location: 'https://elsewhere.example.com/x' } }, true], ['not, either', { status: 404 }, false],
  ])('%s', async (_, answer, isThere) => {
    registry.answers = [answer];
    expect(await client.hasBlob(LAYER)).toBe(isThere);
    expect(registry.requests).toMatchObject([{ method: 'HEAD', url: `/v2/team/app/blobs/${LAYER}`, headers: { authorization: AUTHORIZATION } }]);
  });

  test('is not known where the registry denies it', async () => {
    registry.answers = [{ status: 403 }];
    expect(await failure(client.hasBlob(LAYER))).toContain('the registry denies access to');
  });
});

describe('a blob is put', () => {
  const start = (location?: string): Answer => ({ status: 202, ...location !== undefined && { headers: { location } } });

  test('where the registry says, with its digest and the login', async () => {
    registry.answers = [start('/v2/team/app/blobs/uploads/1?_state=a%2Bb%3D'), { status: 201 }];
    await client.putBlob(LAYER, Buffer.from('layer'));
    expect(registry.requests).toMatchObject([
      { method: 'POST', url: '/v2/team/app/blobs/uploads/', body: '', headers: { authorization: AUTHORIZATION } },
      { method: 'PUT', url: `/v2/team/app/blobs/uploads/1?_state=a%2Bb%3D&digest=${encodeURIComponent(LAYER)}`, body: 'layer', headers: { 'authorization': AUTHORIZATION, 'content-type': 'application/octet-stream' } },
    ]);
  });

  test('elsewhere without the login', async () => {
    registry.answers = [start(`https://localhost:${registry.port}/upload`), { status: 201 }];
    await client.putBlob(LAYER, Buffer.from('layer'));
    expect(registry.requests[1].headers).not.toHaveProperty('authorization');
  });

  test.each<[string, Answer[], string]>([
    ['it is denied', [refused(403, 'DENIED')], 'the registry denies access to'],
    ['there is no such repository', [refused(404, 'NAME_UNKNOWN')], 'the answer for'],
    ['the registry does not say where', [start()], 'the registry takes no blobs for'],
    ['the registry names no place', [start('https://[')], 'leads to a place that is none: https://['],
    ['the digest is another one', [start('/u'), refused(400, 'DIGEST_INVALID')], 'the registry does not take the blob'],
    ['it is only taken in parts', [start('/u'), { status: 202 }], 'the registry does not take the blob'],
  ])('or not, where %s', async (_, answers, message) => {
    registry.answers = answers;
    expect(await failure(client.putBlob(LAYER, Buffer.from('layer')))).toContain(message);
  });
});
