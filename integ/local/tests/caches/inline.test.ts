import { CacheMode, DockerBuilder, LayerCache } from '../../../../lib';
import { ExampleApp, ExampleBuild } from '../../apps/example-app';
import { expectImage } from '../../apps/expect-image';
import { makeReportLight } from '../../apps/light-dockerfile';
import { Engine } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { Lab } from '../../world/lab';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 4 });
}, 600_000);

afterAll(async () => lab.stop());

/** The other image of the example has one stage only. */
function inlineWithBuilder(image: string): LayerCache {
  return LayerCache.inline(image === 'Report' ? { stages: ['builder'] } : {});
}

/**
 * In the solve of the stage, its image is found. In that of the image, BuildKit has two records of each step of the stage, one of them without its layer, and takes
 * either by chance: mostly the step is cached, and sometimes it runs again.
 */
function expectStageFound({ log, report }: ExampleBuild): void {
  expect(log).toMatch(/^#(\d+) \[builder 4\/4\] RUN .*\n#\1 CACHED$/m);
  expect(['4 cached, 2 run', '2 cached, 4 run']).toContain(report.steps);
}

describe('LayerCache.inline() of an image with two stages', () => {
  test('has nothing of the first stage, which runs again when the last one needs it', async () => {
    const app = new ExampleApp(lab, { name: 'InlineAlone', cache: () => LayerCache.inline() });
    makeReportLight(app, '/opt/one/');
    await expectImage(lab, await app.build('Report'), 'report');
    makeReportLight(app, '/opt/two/');
    const moved = await app.build('Report');
    await expectImage(lab, moved, 'report');
    expect(moved.report.steps).toBe('1 cached, 5 run');
  });

  test('has the first stage, too, when told to keep it', async () => {
    const app = new ExampleApp(lab, { name: 'InlineStages', cache: inlineWithBuilder });
    makeReportLight(app, '/opt/one/');
    const first = await app.build('Report');
    await expectImage(lab, first, 'report');
    expect(first.report).toMatchObject({ steps: '0 cached, 6 run', cacheRead: 'no, there is none yet' });
    expect(first.report.cacheWritten).toBe('yes, within the image, and as the stages builder');

    app.changeSource('Report', 'second');
    const second = await app.build('Report');
    await expectImage(lab, second, 'second');
    expect(second.report).toMatchObject({ steps: '5 cached, 1 run', cacheRead: expect.stringMatching(/^yes/) });

    app.changeDependency('Report', '2.0.0');
    await expectImage(lab, await app.build('Report'), 'second');
    makeReportLight(app, '/opt/two/');
    const moved = await app.build('Report');
    await expectImage(lab, moved, 'second');
    expectStageFound(moved);
  });
});

test('LayerCache.registry() with CacheMode.MIN uploads nothing but the image, and finds its layers again', async () => {
  const [most, least] = [CacheMode.MAX, CacheMode.MIN].map((mode) => new ExampleApp(lab, { name: `Mode${mode}`, cache: () => LayerCache.registry({ mode }) }));
  const [max, min] = [await most.build('Report'), await least.build('Report')];
  await expectImage(lab, min, 'report');
  expect(max.traffic.up - min.traffic.up).toBeGreaterThan(5_000_000);
  const { manifest } = await lab.registry.manifest(min.image);
  const layers = manifest.layers.reduce((sum: number, { size }: { size: number }) => sum + size, 0);
  expect(min.traffic.up).toBeLessThan(layers * 1.05 + 100_000);

  least.changeSource('Report', 'second');
  const second = await least.build('Report');
  await expectImage(lab, second, 'second');
  expect(second.report.steps).toBe('5 cached, 1 run');
});

describe('DockerBuilder.dockerEngine()', () => {
  test('with LayerCache.inline({ stages }) finds the first stage again on a new machine', async () => {
    const app = new ExampleApp(lab, { name: 'EngineStages', builder: DockerBuilder.dockerEngine(), cache: inlineWithBuilder });
    for (const place of ['/opt/one/', '/opt/two/']) {
      makeReportLight(app, place);
      const machine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
      try {
        const done = await app.build('Report', { buildKit: null, environment: machine.environment });
        await expectImage(lab, done, 'report');
        if (place === '/opt/two/') expectStageFound(done);
        else expect(done.report.steps).toBe('0 cached, 6 run');
      } finally {
        await machine.wipe();
      }
    }
  });

  test('with LayerCache.codeBuildLocal() finds its layers on a machine that was kept, and none on another', async () => {
    const app = new ExampleApp(lab, { name: 'EngineLocal', builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.codeBuildLocal() });
    makeReportLight(app);
    const machines = [['kept', ['0 cached, 6 run', '5 cached, 1 run']], ['another', ['0 cached, 6 run']]] as const;
    for (const [name, builds] of machines) {
      const machine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
      try {
        for (const [build, steps] of builds.entries()) {
          app.changeSource('Report', `${name} ${build}`);
          const done = await app.build('Report', { buildKit: null, environment: machine.environment });
          await expectImage(lab, done, `${name} ${build}`);
          expect(done.report).toMatchObject({
            steps, cacheRead: 'what the engine of this machine has', cacheWritten: 'in the engine of this machine',
          });
        }
      } finally {
        await machine.wipe();
      }
    }
  });
});

test('LayerCache.none() keeps nothing', async () => {
  const app = new ExampleApp(lab, { name: 'NoCache', cache: () => LayerCache.none() });
  makeReportLight(app);
  for (const marker of ['first', 'second']) {
    app.changeSource('Report', marker);
    const done = await app.build('Report');
    await expectImage(lab, done, marker);
    expect(done.report).toMatchObject({ steps: '0 cached, 6 run', cacheRead: 'off', cacheWritten: 'off' });
  }
});
