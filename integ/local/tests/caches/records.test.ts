import { createHash } from 'crypto';
import { brotliCompressSync } from 'zlib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { readPushedImage } from '../../images/pushed-image';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// What a build leaves beside its cache tells the next one what is below the copies. It may be missing, broken, of another image or of older layers: then a build
// takes longer, and makes the same image.

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

/** What the place of the copy is in the layers below: a directory of somebody, or a link to one. */
const PLACES = {
  directory: 'mkdir -p /srv/v1 && mkdir -m 2750 /srv/app && chown 1000:50 /srv/app',
  link: 'mkdir -p /srv/v1 && ln -s v1 /srv/app',
};

type Place = keyof typeof PLACES;

const EXPECTED: { readonly [place in Place]: readonly RegExp[] } = {
  directory: [/^\/srv\/app directory 2750 1000:50 /, /^\/srv\/app\/app\.py file 644 0:0 /],
  link: [/^\/srv\/app link \d+ 0:0 v1$/, /^\/srv\/v1\/app\.py file 644 0:0 /],
};

function give(app: ExampleApp, place: Place): void {
  app.write('report/Dockerfile', ['FROM docker.io/library/busybox:stable', `RUN ${PLACES[place]}`, 'COPY src /srv/app/', ''].join('\n'));
}

async function expectBuild(app: ExampleApp, place: Place, marker: string): Promise<ExampleBuild> {
  app.changeSource('Report', marker);
  const done = await app.build('Report');
  expectSuccess(done);
  const { tree } = await readPushedImage(lab.registry, done.image);
  for (const line of EXPECTED[place]) expect(tree).toContainEqual(expect.stringMatching(line));
  expect(tree.filter((line) => line.includes('app.py'))).toHaveLength(1);
  return done;
}

/** The tag of the record of an image, and what it is in the repository. */
class StoredRecord {
  public static async of({ image }: ExampleBuild): Promise<StoredRecord> {
    const [, host, repository] = /^([^/]+)\/(.+):/.exec(image)!;
    const [tag] = (await lab.registry.tags(host, repository)).filter((name) => name.endsWith('_record'));
    return new StoredRecord(host, repository, tag);
  }

  private constructor(private readonly host: string, private readonly repository: string, private readonly tag: string) {}

  public async read(): Promise<Buffer> {
    const { manifest } = await lab.registry.manifest(`${this.host}/${this.repository}:${this.tag}`);
    return lab.registry.blob(this.host, this.repository, manifest.layers[0].digest);
  }

  /** Puts another content in its place, or another manifest. */
  public async write(content: Buffer, change: (manifest: any) => object = (manifest) => manifest): Promise<void> {
    const { manifest, mediaType } = await lab.registry.manifest(`${this.host}/${this.repository}:${this.tag}`);
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const start = await this.ask('blobs/uploads/', { method: 'POST' });
    const location = new URL(start.headers.get('location')!, start.url);
    location.searchParams.set('digest', digest);
    await fetch(location, { method: 'PUT', body: new Uint8Array(content), headers: { 'Content-Type': 'application/octet-stream' } });
    const body = JSON.stringify(change({ ...manifest, layers: [{ ...manifest.layers[0], digest, size: content.length }] }));
    const answer = await this.ask(`manifests/${this.tag}`, { method: 'PUT', body, headers: { 'Content-Type': mediaType } });
    expect(answer.status).toBe(201);
  }

  public async remove(): Promise<void> {
    const { digest } = await lab.registry.manifest(`${this.host}/${this.repository}:${this.tag}`);
    expect((await this.ask(`manifests/${digest}`, { method: 'DELETE' })).status).toBe(202);
  }

  private async ask(path: string, init: RequestInit): Promise<Response> {
    return lab.registry.direct(this.host, `/v2/${this.repository}/${path}`, init);
  }
}

describe('an image whose copy goes to a directory of somebody', () => {
  let app: ExampleApp;
  let record: StoredRecord;

  beforeAll(async () => {
    app = new ExampleApp(lab, { name: 'Records' });
    give(app, 'directory');
    const first = await expectBuild(app, 'directory', 'first');
    expect(first.report.copies).toBe('linked: 1 (line 3)');
    record = await StoredRecord.of(first);
  }, 600_000);

  /** Builds with what the repository has, and once more with what that build has left there. */
  async function expectTwoBuilds(name: string, warning?: string): Promise<void> {
    const slow = await expectBuild(app, 'directory', name);
    expect(slow.report).toMatchObject({ copies: 'linked: 1 (line 3)', steps: '1 cached, 1 run' });
    expect(slow.traffic.blobs.down).toBeGreaterThan(500_000); // of the base image, which had to be listed
    if (warning === undefined) expect(slow.log).not.toContain('WARNING');
    else expect(slow.log).toContain(warning);
    const fast = await expectBuild(app, 'directory', `${name}, again`);
    expect(fast.report).toMatchObject({ copies: 'linked: 1 (line 3)', steps: '1 cached, 1 run', cacheWritten: 'not needed, only copies are new' });
    expect(fast.traffic.blobs.down).toBeLessThan(20_000);
    expect(fast.log).not.toContain('WARNING');
  }

  test('is linked again without downloading anything', async () => {
    const second = await expectBuild(app, 'directory', 'second');
    expect(second.report.copies).toBe('linked: 1 (line 3)');
    expect(second.traffic.blobs.down).toBeLessThan(20_000);
  });

  test('is listed again when its record is gone', async () => {
    await record.remove();
    await expectTwoBuilds('gone');
  });

  test.each<[string, Buffer | string]>([
    ['nothing that was ever compressed', Buffer.from('what is this?')],
    ['a part of itself', 'part'],
    ['another text', brotliCompressSync('<html>503</html>')],
    ['of another version', brotliCompressSync('{"version":99,"layers":{},"destinations":{}}')],
    ['a list', brotliCompressSync('[]')],
    ['a tree of numbers', brotliCompressSync('{"version":1,"layers":{},"destinations":{},"below":{"layers":[],"paths":["/"],"names":{"users":{},"groups":{}},"tree":[1,2]}}')],
  ])('is listed again when its record is %s, with a warning', async (_, content) => {
    const whole = await record.read();
    await record.write(typeof content === 'string' ? whole.subarray(0, whole.length / 2) : content);
    await expectTwoBuilds(`broken ${_}`, 'the record of the last build');
  });

  test('is listed again when somebody has put something else under the tag of its record', async () => {
    await record.write(Buffer.from('a layer'), (manifest) => ({ ...manifest, layers: manifest.layers.map((layer: object) => ({ ...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar' })) }));
    await expectTwoBuilds('another manifest', 'it is something else');
  });

  test('is listed again when its record is that of another image, and the link in that one changes nothing', async () => {
    const other = new ExampleApp(lab, { name: 'OtherRecords' });
    give(other, 'link');
    const built = await expectBuild(other, 'link', 'other');
    await record.write(await (await StoredRecord.of(built)).read());
    await expectTwoBuilds('foreign');
  });

  test('is listed again when its record is of older layers, and the link that is in the way now is followed', async () => {
    const old = await record.read();
    give(app, 'link');
    const changed = await expectBuild(app, 'link', 'a link');
    expect(changed.report).toMatchObject({ copies: 'linked: 1 (line 3)', steps: '0 cached, 2 run' });
    expect((await expectBuild(app, 'link', 'a link, again')).traffic.blobs.down).toBeLessThan(20_000);
    await record.write(old);
    expect((await expectBuild(app, 'link', 'a link, and an old record')).report.copies).toBe('linked: 1 (line 3)');
    expect((await expectBuild(app, 'link', 'a link, once more')).traffic.blobs.down).toBeLessThan(20_000);
  });

  test('follows no link that is not there any more', async () => {
    give(app, 'directory');
    expect((await expectBuild(app, 'directory', 'no link')).report.copies).toBe('linked: 1 (line 3)');
    expect((await expectBuild(app, 'directory', 'no link, again')).traffic.blobs.down).toBeLessThan(20_000);
  });
});

test('an image that cannot be linked is not tried again, until what stands in the way is gone', async () => {
  const app = new ExampleApp(lab, { name: 'Refused' });
  app.write('report/Dockerfile', [
    'FROM docker.io/library/busybox:stable', 'COPY requirements.txt /', 'RUN mkdir -m 2775 -p /srv && chgrp 50 /srv', 'COPY src /srv/made/', '',
  ].join('\n'));
  const first = await app.build('Report');
  expectSuccess(first);
  const reason = 'as written: /srv gives its group to the directories that are made in it (COPY in line 4)';
  expect(first.report.copies).toBe(reason);
  expect((first.log.match(/--output '?type=image/g) ?? []).length).toBe(2);

  app.changeSource('Report', 'y');
  const second = await app.build('Report');
  expect(second.report.copies).toBe(reason);
  expect((second.log.match(/--output '?type=image/g) ?? []).length).toBe(1);
  expect(second.log).not.toContain('type=oci');

  // Other layers, with the same in the way: they are listed beside the push.
  app.changeDependency('Report', '2.0.0');
  expect((await app.build('Report')).report.copies).toBe(reason);
  app.changeSource('Report', 'z');
  const third = await app.build('Report');
  expect(third.report.copies).toBe(reason);
  expect((third.log.match(/--output '?type=image/g) ?? []).length).toBe(1);

  app.write('report/Dockerfile', ['FROM docker.io/library/busybox:stable', 'COPY requirements.txt /', 'RUN mkdir -p /srv', 'COPY src /srv/made/', ''].join('\n'));
  await app.build('Report');
  app.changeSource('Report', 'linked at last');
  expect((await app.build('Report')).report.copies).toBe('linked: 1 (line 4)');
});
