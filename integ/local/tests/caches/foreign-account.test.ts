import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { publishBaseImages } from '../../images/base-images';
import { Lab } from '../../world/lab';

// Whoever may pull an image may pull all that is in its repository. What a stage has that leaves no layer in the image must not be there once another account may pull.

const consumer = { account: '222222222222', region: 'eu-west-1' };
const MB = 1_000_000;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

/** What was uploaded to the repository of the image, and to others. */
function uploads({ traffic, image }: ExampleBuild) {
  const isOfImage = ({ host, repository }: { host: string; repository: string }) => image.startsWith(`${host}/${repository}:`);
  return { image: traffic.uploaded.filter(isOfImage), others: traffic.uploaded.filter((blob) => !isOfImage(blob)) };
}

describe.each([['with', true], ['without', false]])('%s mounts of blobs between repositories', (_, mounts) => {
  const app = () => new ExampleApp(lab, { name: `Foreign${mounts ? 'Mounted' : 'Uploaded'}`, stageEnv: consumer });
  let ours: ExampleApp;

  beforeAll(() => {
    lab.registry.mounts = mounts;
    ours = app();
  });

  test('the repository of the image gets nothing that is not in the image', async () => {
    const done = await ours.build('Report');
    await expectImage(lab, done, 'report');
    const { image, others } = uploads(done);
    const { manifest } = await lab.registry.manifest(done.image);
    const inImage = [manifest.config, ...manifest.layers].map(({ digest }) => digest);
    expect(image.map(({ digest }) => digest).filter((digest) => !inImage.includes(digest))).toEqual([]);
    expect(others.filter(({ digest }) => !inImage.includes(digest))).not.toEqual([]);
    expect(new Set(others.map(({ repository }) => repository)).size).toBe(1);
    expect(done.report).toMatchObject({ result: 'built', cacheWritten: 'yes' });
    if (process.env.PLAY_FIGURES) {
      const sum = (blobs: readonly { bytes: number }[]) => `${(blobs.reduce((total, { bytes }) => total + bytes, 0) / MB).toFixed(1)} MB`;
      process.stderr.write(`${mounts ? 'with' : 'without'} mounts: ${sum(image)} to the image, ${sum(others)} to its cache\n`);
    }
  });

  test('a change of the source costs what it costs elsewhere', async () => {
    ours.changeSource('Report', 'second');
    const done = await ours.build('Report');
    await expectImage(lab, done, 'second');
    expect(done.report).toMatchObject({ steps: '5 cached, 1 run', cacheRead: 'yes', cacheWritten: 'not needed, only copies are new' });
    expect(done.traffic.blobs.up).toBeLessThan(0.1 * MB);
    expect(done.traffic.blobs.down).toBeLessThan(0.1 * MB);
  });
});

test('an image whose stages are all in it has its cache beside it', async () => {
  const app = new ExampleApp(lab, { name: 'ForeignSimple', stageEnv: consumer });
  const done = await app.build('Api');
  await expectImage(lab, done, 'hello');
  expect(uploads(done).others).toEqual([]);
});
