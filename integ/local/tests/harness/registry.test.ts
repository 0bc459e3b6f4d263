import { baseImages } from '../../images/base-images';
import { ContainerImage } from '../../images/container-image';
import { Registry } from '../../registry/registry';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };
const away = { account: '222222222222', region: 'us-east-1' };
const host = Registry.ecrHost(home);
const basic = (account = home.account) => ({ Authorization: `Basic ${Buffer.from(`AWS:${account}-auth-token`).toString('base64')}` });
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

let lab: Lab;
let box: ContainerImage;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [home, away] });
  box = await baseImages.busybox();
});
afterAll(async () => lab.stop());
beforeEach(() => lab.registry.clearFaults());

async function putManifest(repository: string, tag: string, change = ''): Promise<Response> {
  const { manifest } = await lab.registry.manifest(`${host}/${repository}:original`);
  return fetch(`https://${host}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { ...basic(), 'Content-Type': manifestType },
    body: JSON.stringify(change ? { ...manifest, annotations: { change } } : manifest),
  });
}

async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as any).errors[0].code;
}

test('asks for credentials the way ECR does', async () => {
  const answer = await fetch(`https://${host}/v2/`);

  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe(`Basic realm="https://${host}/",service="ecr.amazonaws.com"`);
  expect((await fetch(`https://${host}/v2/`, { headers: basic() })).status).toBe(200);
});

test('refuses a token nobody handed out', async () => {
  const Authorization = `Basic ${Buffer.from('AWS:guessed').toString('base64')}`;

  expect((await fetch(`https://${host}/v2/`, { headers: { Authorization } })).status).toBe(400);
});

test('knows only repositories that were created', async () => {
  const answer = await fetch(`https://${host}/v2/nowhere/manifests/latest`, { headers: basic() });

  expect(answer.status).toBe(404);
  expect(await codeOf(answer)).toBe('NAME_UNKNOWN');
});

test('an immutable tag takes the same image again and no other one', async () => {
  lab.registry.createRepository(home, 'immutable', { mutability: 'IMMUTABLE' });
  await box.publish(lab.registry, `${host}/immutable:original`);

  expect((await putManifest('immutable', 'v1')).status).toBe(201);
  expect((await putManifest('immutable', 'v1')).status).toBe(201);
  const refused = await putManifest('immutable', 'v1', 'another');
  expect(refused.status).toBe(400);
  expect(await refused.json()).toEqual({
    errors: [{
      code: 'TAG_INVALID',
      message: "The image tag 'v1' already exists in the 'immutable' repository and cannot be overwritten because the tag is immutable.",
    }],
  });
});

test('excluded tags of an immutable repository may move', async () => {
  lab.registry.createRepository(home, 'excluding', { mutability: 'IMMUTABLE_WITH_EXCLUSION', exclusions: ['cache-*'] });
  await box.publish(lab.registry, `${host}/excluding:original`);

  expect((await putManifest('excluding', 'cache-main', 'one')).status).toBe(201);
  expect((await putManifest('excluding', 'cache-main', 'two')).status).toBe(201);
  expect((await putManifest('excluding', 'v1', 'one')).status).toBe(201);
  expect((await putManifest('excluding', 'v1', 'two')).status).toBe(400);
});

test('registries do not see the images of one another', async () => {
  lab.registry.createRepository(home, 'mine');
  lab.registry.createRepository(away, 'mine');
  await box.publish(lab.registry, `${host}/mine:original`);

  const look = async (where: string) => (await fetch(`https://${where}/v2/mine/manifests/original`, { headers: { ...basic(), Accept: manifestType } })).status;
  expect(await look(host)).toBe(200);
  expect(await look(Registry.ecrHost(away))).toBe(404);
});

test('public registries are read by anybody and written by nobody', async () => {
  await box.publish(lab.registry, 'docker.io/library/busybox:stable');

  for (const name of ['docker.io', 'registry-1.docker.io']) {
    const manifest = `https://${name}/v2/library/busybox/manifests/stable`;
    expect((await fetch(manifest, { headers: { Accept: manifestType } })).status).toBe(200);
    expect((await fetch(manifest, { method: 'PUT', body: '{}' })).status).toBe(403);
  }
});

test('counts the bytes of blobs that go up and down', async () => {
  lab.registry.createRepository(home, 'counted');
  const content = Buffer.alloc(300_000, 'x');
  const digest = 'sha256:' + (await crypto.subtle.digest('SHA-256', content).then(hash => Buffer.from(hash).toString('hex')));
  const start = lab.registry.traffic.snapshot();

  const begun = await fetch(`https://${host}/v2/counted/blobs/uploads/`, { method: 'POST', headers: basic() });
  const location = new URL(begun.headers.get('location')!, begun.url);
  expect(location.pathname).toMatch(/^\/v2\/counted\/blobs\/uploads\//);
  const patched = await fetch(location, { method: 'PATCH', headers: basic(), body: content.subarray(0, 200_000) });
  const rest = new URL(patched.headers.get('location')!, begun.url);
  rest.searchParams.set('digest', digest);
  expect((await fetch(rest, { method: 'PUT', headers: basic(), body: content.subarray(200_000) })).status).toBe(201);
  const blob = await fetch(`https://${host}/v2/counted/blobs/${digest}`, { headers: basic() });
  expect((await blob.arrayBuffer()).byteLength).toBe(300_000);
  await fetch(`https://${host}/v2/counted/blobs/${digest}`, { headers: basic(), method: 'HEAD' });

  const totals = lab.registry.traffic.since(start);
  const moved = { host, repository: 'counted', digest, bytes: 300_000 };
  expect(totals).toMatchObject({ up: 300_000, blobs: { requests: 5, up: 300_000, down: 300_000 }, uploaded: [moved], downloaded: [moved] });
  expect(totals.byHost[host].up).toBe(300_000);
});

test('a range of a blob can be asked for', async () => {
  lab.registry.createRepository(home, 'ranged');
  await box.publish(lab.registry, `${host}/ranged:original`);
  const { manifest } = await lab.registry.manifest(`${host}/ranged:original`);

  const url = `https://${host}/v2/ranged/blobs/${manifest.layers[0].digest}`;
  const answer = await fetch(url, { headers: { ...basic(), Range: 'bytes=10-19' } });
  expect(answer.status).toBe(206);
  expect((await answer.arrayBuffer()).byteLength).toBe(10);
});

test('faults hit what they match, as often as they say', async () => {
  const end = lab.registry.fault({ host, method: /GET/, url: /^\/v2\/$/, times: 1 }, { kind: 'refuse', status: 500 });
  expect((await fetch(`https://${host}/v2/`, { headers: basic() })).status).toBe(500);
  expect((await fetch(`https://${host}/v2/`, { headers: basic() })).status).toBe(200);
  expect(end()).toBe(1);

  lab.registry.fault({ host }, { kind: 'drop' });
  await expect(fetch(`https://${host}/v2/`, { headers: basic() })).rejects.toThrow();
  expect(lab.registry.traffic.since().requestsMade.at(-1)).toMatchObject({ status: 0 });
  lab.registry.clearFaults();

  lab.registry.fault({ host }, { kind: 'delay', ms: 150 });
  const start = performance.now();
  await fetch(`https://${host}/v2/`, { headers: basic() });
  expect(performance.now() - start).toBeGreaterThan(140);
});

test('a line of limited speed slows blobs down', async () => {
  lab.registry.createRepository(home, 'paced');
  await box.publish(lab.registry, `${host}/paced:original`);
  const { manifest } = await lab.registry.manifest(`${host}/paced:original`);
  const [{ digest, size }] = manifest.layers;

  lab.registry.bytesPerSecond = size / 2; // so slow that a busy machine does not count
  const start = performance.now();
  await (await fetch(`https://${host}/v2/paced/blobs/${digest}`, { headers: basic() })).arrayBuffer();
  lab.registry.bytesPerSecond = 0;
  const ms = performance.now() - start;
  expect(ms).toBeGreaterThan(1600);
  expect(ms).toBeLessThan(4000);
});
