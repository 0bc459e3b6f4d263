import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { publishBaseImages } from '../../images/base-images';
import { readPushedImage } from '../../images/pushed-image';
import { StoredTag } from '../../images/stored-tag';
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

/** What the build of an image has left for the next one. */
async function recordOf({ image }: ExampleBuild): Promise<StoredTag> {
  const [, host, repository] = /^([^/]+)\/(.+):/.exec(image)!;
  const [tag] = (await lab.registry.tags(host, repository)).filter((name) => name.endsWith('_record'));
  return new StoredTag(lab.registry, host, repository, tag);
}

describe('an image whose copy goes to a directory of somebody', () => {
  let app: ExampleApp;
  let record: StoredTag;

  beforeAll(async () => {
    app = new ExampleApp(lab, { name: 'Records' });
    give(app, 'directory');
    const first = await expectBuild(app, 'directory', 'first');
    expect(first.report.copies).toBe('linked: 1 (line 3)');
    record = await recordOf(first);
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

  test('is listed again when its record is a part of itself, with a warning', async () => {
    const whole = await record.firstLayer();
    await record.replaceFirstLayer(whole.subarray(0, whole.length / 2));
    await expectTwoBuilds('a part', 'the record of the last build');
  });

  test('is listed again when its record is that of another image, and the link in that one changes nothing', async () => {
    const other = new ExampleApp(lab, { name: 'OtherRecords' });
    give(other, 'link');
    const built = await expectBuild(other, 'link', 'other');
    await record.replaceFirstLayer(await (await recordOf(built)).firstLayer());
    await expectTwoBuilds('foreign');
  });

  test('is listed again when its record is of older layers, and the link that is in the way now is followed', async () => {
    const old = await record.firstLayer();
    give(app, 'link');
    const changed = await expectBuild(app, 'link', 'a link');
    expect(changed.report).toMatchObject({ copies: 'linked: 1 (line 3)', steps: '0 cached, 2 run' });
    expect((await expectBuild(app, 'link', 'a link, again')).traffic.blobs.down).toBeLessThan(20_000);
    await record.replaceFirstLayer(old);
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
