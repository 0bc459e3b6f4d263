import { DockerBuilder, LayerCache } from '../../../../lib';
import { ManyImagesApp } from '../../apps/many-images-app';
import { Engine } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const base = 'public.ecr.aws';
const dockerfile = `FROM public.ecr.aws/lambda/python:3.11
RUN python3 -c "open('/opt/shared', 'w').write('x' * 1000000)"
COPY --link src/ /var/task/
`;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

afterEach(() => { lab.front.latencyMs = 0; });

async function sourceOf(address: string): Promise<string> {
  const { manifest } = await lab.registry.manifest(address);
  return (await imageFile(lab.registry, address, manifest, 'var/task/app.py')).toString();
}

describe('twelve images in one step', () => {
  let app: ManyImagesApp;
  beforeAll(() => { app = new ManyImagesApp(lab, { name: 'Twelve', count: 12, dockerfile }); });

  test('are built on one machine that gets what they share once, and one that is broken stops none of the others', async () => {
    app.write(7, 'Dockerfile', `${dockerfile}RUN echo the seventh is broken && exit 3\n`);
    const done = await app.build();
    expect(done.ok).toBe(false);
    expect(done.images.map(({ result }) => result)).toEqual(Array.from({ length: 12 }, (_, image) => (image === 7 ? 'failed' : 'built')));
    for (const [image, address] of done.addresses.entries()) {
      if (image === 7) await expect(lab.registry.manifest(address)).rejects.toThrow();
      else expect(await sourceOf(address)).toContain(`first of ${image}`);
    }
    const layers = done.traffic.downloaded.filter(({ host }) => host === base).map(({ digest }) => digest);
    expect(layers.length).toBeGreaterThan(0);
    expect(layers).toEqual([...new Set(layers)]);
    const end = done.log.slice(done.log.indexOf('--- cached docker build ---'));
    expect(end).toContain("ERROR: 'Image7' failed: ");
    expect(end).toContain('the seventh is broken');
    expect(end).toContain('ERROR: 1 of 12 images failed: Image7.');
    expect(done.log).toMatch(/^Image3 \| \$ docker buildx build .*--cache-from /m);
  });

  test('are not built again but for the one that failed', async () => {
    app.write(7, 'Dockerfile', dockerfile);
    const done = expectSuccess(await app.build()) as Awaited<ReturnType<ManyImagesApp['build']>>;
    expect(done.images.map(({ result }) => result)).toEqual(Array.from({ length: 12 }, (_, image) => (image === 7 ? 'built' : 'already there')));
    expect(await sourceOf(done.addresses[7])).toContain('first of 7');
  });

  test('reuse their layers on a new machine, each with its own source', async () => {
    [2, 5, 9].forEach((image) => app.changeSource(image, 'second'));
    const done = expectSuccess(await app.build()) as Awaited<ReturnType<ManyImagesApp['build']>>;
    for (const image of [2, 5, 9]) {
      expect(done.images[image]).toMatchObject({ result: 'built', steps: '1 cached, 1 run', cacheRead: 'yes', cacheWritten: 'not needed, only copies are new' });
      expect(await sourceOf(done.addresses[image])).toContain(`second of ${image}`);
    }
    expect(done.traffic.blobs.up).toBeLessThan(100_000);
    expect(done.traffic.byHost[base]?.blobs.down ?? 0).toBeLessThan(10_000); // its configuration
  });
});

test('fifty images that are there take one question each, asked at the same time, and no builder', async () => {
  const app = new ManyImagesApp(lab, { name: 'Fifty', count: 50, dockerfile: 'FROM docker.io/library/busybox:stable\nCOPY --link src/ /var/task/\n', step: { layerCache: LayerCache.none() } });
  expectSuccess(await app.build());
  lab.front.latencyMs = 20;
  const done = expectSuccess(await app.build({ buildKit: null }));
  const [, login, lookup] = /login ([\d.]+) s, lookup ([\d.]+) s/.exec(done.log)!;
  if (process.env.PLAY_FIGURES) process.stderr.write(`50 images that are there: ${done.seconds.toFixed(1)} s, login ${login} s, lookup ${lookup} s\n`);
  expect(done.log).toMatch(/^builder +none$/m);
  // one after the other would be a second of waiting alone
  expect(Number(lookup)).toBeLessThan(1);
});

test.each([
  ['a second engine', {}],
  ['the Docker engine', { builder: DockerBuilder.dockerEngine(), layerCache: LayerCache.inline() }],
])('%s builds several images at the same time, and their tags come after the check', async (_, step) => {
  const app = new ManyImagesApp(lab, { name: `Engine${Object.keys(step).length}`, count: 3, dockerfile, step });
  for (const marker of ['first', 'second']) {
    [0, 1, 2].forEach((image) => app.changeSource(image, marker));
    const machine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
    try {
      const done = expectSuccess(await app.build({ buildKit: null, environment: machine.environment })) as Awaited<ReturnType<ManyImagesApp['build']>>;
      expect(done.images.map(({ result, steps }) => `${result}, ${steps}`)).toEqual(Array(3).fill(`built, ${marker === 'first' ? '0 cached, 2 run' : '1 cached, 1 run'}`));
      for (const [image, address] of done.addresses.entries()) expect(await sourceOf(address)).toContain(`${marker} of ${image}`);
      const set = done.traffic.requestsMade.filter(({ method, kind, status }) => method === 'PUT' && kind === 'manifest' && status < 300).map(({ reference }) => reference!);
      const tags = done.addresses.map((address) => address.split(':').pop()!);
      for (const tag of tags) expect(set.filter((reference) => reference === tag)).toHaveLength(1);
      expect(set.findIndex((reference) => /^cache-.*_pushed$/.test(reference))).toBeLessThan(Math.min(...tags.map((tag) => set.indexOf(tag))));
    } finally {
      await machine.wipe();
    }
  }
});

test('no image of a step is in the log without its name', async () => {
  const app = new ManyImagesApp(lab, { name: 'Names', count: 2, dockerfile });
  const done = expectSuccess(await app.build());
  const nameless = done.log.split('\n').filter((line) => /^#\d+ /.test(line));
  expect(nameless).toEqual([]);
});
