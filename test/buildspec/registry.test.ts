import * as fs from 'fs';
import * as http from 'http';
import { AddressInfo } from 'net';
import { BuildMachine, BUILDSPEC, digestOf, manifest, OCI_IMAGE } from './build-machine';

/** A request as the registry got it. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

interface Response {
  readonly status: number;
  readonly headers?: { [name: string]: string };
  readonly body?: string;
}

const PASSWORD = 'eyJwYXlsb2FkIjoi+/=='.repeat(200); // as long as those of Amazon ECR
const UNKNOWN = { status: 404, headers: { 'content-type': 'application/json' }, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' };

let server: http.Server;
let requests: Request[];
let responses: Response[];
let machine: BuildMachine;

/** The real curl, and a registry on this machine; only `https` becomes `http` on the way. */
beforeEach(async () => {
  requests = [];
  responses = [];
  server = http.createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf-8').on('data', (data: string) => { body += data; }).on('end', () => {
      requests.push({ method: incoming.method!, url: incoming.url!, headers: incoming.headers, body });
      const { status, headers, body: answer } = responses.shift() ?? { status: 599 };
      outgoing.writeHead(status, headers).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  machine = new BuildMachine();
  machine.environment.IMAGE_REPOSITORY = `127.0.0.1:${(server.address() as AddressInfo).port}/team/app`;
  machine.environment.no_proxy = '*';
  machine.spyOn('curl');
  const stub = machine.path('stubs', 'curl.sh');
  fs.writeFileSync(stub, fs.readFileSync(stub, 'utf-8').replace('"$@"', '"${@/#https:/http:}"'));
  machine.remember({ 'registry.curl': `user = "AWS:${PASSWORD}"\n` });
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Runs commands with the functions of the registry, with the options that every script sets. */
async function withRegistry(commands: string) {
  return machine.bash(`set -euo pipefail\nsource '${BUILDSPEC}/state.sh'; source '${BUILDSPEC}/registry.sh'\n${commands}`);
}

const FIND = 'if find_manifest image v1; then printf found; else printf missing; fi';

test('a manifest is asked for with the login and all types that there are', async () => {
  responses = [{ status: 200, headers: { 'content-type': OCI_IMAGE }, body: manifest() }];
  expect(await withRegistry(FIND)).toEqual({ code: 0, stdout: 'found', stderr: '' });
  expect(requests).toMatchObject([{ method: 'GET', url: '/v2/team/app/manifests/v1' }]);
  expect(requests[0].headers.authorization).toBe(`Basic ${Buffer.from(`AWS:${PASSWORD}`).toString('base64')}`);
  expect(requests[0].headers.accept!.split(/, */)).toEqual([
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.oci.image.index.v1+json',
    'application/vnd.docker.distribution.manifest.list.v2+json',
  ]);
});

test('the bytes of a manifest and its type are kept as they came', async () => {
  const body = `${manifest()}\r\n\n`;
  responses = [{ status: 200, headers: { 'content-type': OCI_IMAGE }, body }];
  expect((await withRegistry(`${FIND}; digest_of image`)).stdout).toBe(`found${digestOf(body)}`);
  expect(machine.recall('image.body')).toBe(body);
  expect(machine.recall('image.type')).toBe(OCI_IMAGE);
});

test('an answer without a type is understood', async () => {
  responses = [{ status: 200, body: '{}' }];
  expect((await withRegistry(FIND)).stdout).toBe('found');
  expect(machine.recall('image.type')).toBe('');
});

test('a manifest that is not there is missing', async () => {
  responses = [UNKNOWN];
  expect(await withRegistry(FIND)).toEqual({ code: 0, stdout: 'missing', stderr: '' });
});

test('a tag is put with the bytes and the type of the image', async () => {
  const body = `${manifest()}\r\n\n`;
  machine.remember({ 'image.body': body, 'image.type': OCI_IMAGE });
  responses = [{ status: 201 }];
  expect(await withRegistry('put_tag v2; printf put')).toEqual({ code: 0, stdout: 'put', stderr: '' });
  expect(requests).toMatchObject([{ method: 'PUT', url: '/v2/team/app/manifests/v2', body, headers: { 'content-type': OCI_IMAGE } }]);
});

test('a big manifest is put whole', async () => {
  const body = manifest({ annotations: { big: 'x'.repeat(4_000_000) } });
  machine.remember({ 'image.body': body, 'image.type': OCI_IMAGE });
  responses = [{ status: 201 }];
  expect((await withRegistry('put_tag v2')).code).toBe(0);
  expect(requests[0].body).toBe(body);
});

test('a registry that stumbles is asked again, and only its last word counts', async () => {
  responses = [{ status: 503, body: 'x'.repeat(10_000) }, { status: 200, headers: { 'content-type': OCI_IMAGE }, body: '{}' }];
  expect((await withRegistry(FIND)).stdout).toBe('found');
  expect(requests).toHaveLength(2);
  expect(machine.recall('image.body')).toBe('{}');
  expect(machine.recall('image.type')).toBe(OCI_IMAGE);
});

test('a put that stumbles is sent again, whole', async () => {
  machine.remember({ 'image.body': manifest(), 'image.type': OCI_IMAGE });
  responses = [{ status: 500 }, { status: 201 }];
  expect((await withRegistry('put_tag v2')).code).toBe(0);
  expect(requests.map(({ body }) => body)).toEqual([manifest(), manifest()]);
});

test('neither a denial nor a missing manifest is asked for twice', async () => {
  responses = [{ status: 403, body: 'denied' }];
  const { code, stderr } = await withRegistry(FIND);
  expect(code).toBe(1);
  expect(stderr).toContain('(HTTP 403): denied');
  responses = [UNKNOWN];
  await withRegistry(FIND);
  expect(requests).toHaveLength(2);
});

test('a registry that does not answer at all is an error', async () => {
  machine.environment.IMAGE_REPOSITORY = '127.0.0.1:1/team/app';
  const { code, stdout, stderr } = await withRegistry(FIND);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^\nERROR: the registry 127\.0\.0\.1:1 cannot be reached: curl: \(7\) .*\n\n$/);
});

test('an error ends the script in which it happens, though it happens in a condition', async () => {
  responses = [{ status: 403 }];
  const { code, stdout } = await withRegistry('if find_manifest image v1 || true; then printf went on; fi');
  expect([code, stdout]).toEqual([1, '']);
});

test('the login stands in no argument of curl', async () => {
  responses = [UNKNOWN];
  await withRegistry(FIND);
  expect(JSON.stringify(machine.argumentsOf('curl'))).not.toContain(PASSWORD.slice(0, 40));
});

test('what a user has set for curl at home changes nothing', async () => {
  fs.writeFileSync(`${machine.home}/.curlrc`, 'include\nfail\nheader = "Accept: nothing"\n');
  responses = [UNKNOWN];
  expect(await withRegistry(FIND)).toEqual({ code: 0, stdout: 'missing', stderr: '' });
});
