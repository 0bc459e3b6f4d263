import { DockerBuilder } from '../../../../lib';
import { describeWithKaniko } from '../../apps/kaniko-app';
import { ManyImagesApp, ManyImagesBuild } from '../../apps/many-images-app';
import { KanikoContainer } from '../../engines/kaniko-container';
import { baseImages } from '../../images/base-images';
import { imageFile } from '../../images/image-file';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const dockerfile = 'FROM busybox:stable\nRUN mkdir -p /opt/made && echo shared > /opt/made/shared\nCOPY src/ /var/task/\n';

describeWithKaniko('several images that kaniko builds in one step', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start({ open: ['docker.io', 'index.docker.io'] });
    await (await baseImages.busybox()).publish(lab.registry, 'index.docker.io/library/busybox:stable');
  }, 600_000);
  afterAll(async () => lab.stop());

  async function build(app: ManyImagesApp): Promise<ManyImagesBuild> {
    const container = new KanikoContainer();
    try {
      return await app.build({ buildKit: null, container, environment: KanikoContainer.environment });
    } finally {
      await container.wipe();
    }
  }

  async function expectSources(done: ManyImagesBuild, markers: readonly string[]): Promise<void> {
    for (const [image, marker] of markers.entries()) {
      const address = done.addresses[image];
      const { manifest } = await lab.registry.manifest(address);
      expect((await imageFile(lab.registry, address, manifest, 'var/task/app.py')).toString()).toContain(`${marker} of ${image}`);
    }
  }

  test('are built one after the other, none has files of another, and all share one cache', async () => {
    const app = new ManyImagesApp(lab, { name: 'KanikoImages', count: 3, dockerfile, step: { builder: DockerBuilder.kaniko() } });
    app.write(1, 'src/only-in-one', '');
    const first = await build(app);
    expectSuccess(first);
    expect(first.images.map(({ result }) => result)).toEqual(['built', 'built', 'built']);
    // the second one finds the step of the first
    expect(first.images.map(({ steps }) => steps)).toEqual(['0 cached, 2 run', '1 cached, 1 run', '1 cached, 1 run']);
    await expectSources(first, ['first', 'first', 'first']);
    const { manifest } = await lab.registry.manifest(first.addresses[2]);
    await expect(imageFile(lab.registry, first.addresses[2], manifest, 'var/task/only-in-one')).rejects.toThrow();

    app.changeSource(2, 'second');
    const second = await build(app);
    expectSuccess(second);
    expect(second.images.map(({ result }) => result)).toEqual(['already there', 'already there', 'built']);
    await expectSources(second, ['first', 'first', 'second']);
  });
});
