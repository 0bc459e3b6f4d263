import { Duration } from 'aws-cdk-lib';
import { DockerBuilder, ImageTag, LayerCache } from '../../../../lib';
import { ExampleApp } from '../../apps/example-app';
import { SynthesizedStack } from '../../aws/synthesized-stack';
import { Engine } from '../../engines/engine';
import { publishBaseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

const WEEK = Duration.days(7);

/** An app whose images are refreshed each week. */
class WeeklyApp extends ExampleApp {
  public week = 3000;

  public synth(): { assembly: string; stack: SynthesizedStack } {
    const now = jest.spyOn(Date, 'now').mockReturnValue((this.week + 0.5) * WEEK.toMilliseconds());
    try {
      return super.synth();
    } finally {
      now.mockRestore();
    }
  }
}

const tag = ImageTag.contentHash({ refreshEvery: WEEK });

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await publishBaseImages(lab.registry, { dependencies: 1 });
}, 600_000);

afterAll(async () => lab.stop());

test('an unchanged image is built again in each period, its RUN steps anew, and once only', async () => {
  const app = new WeeklyApp(lab, { name: 'Weekly', tag });
  const first = await app.build('Api');
  expectSuccess(first);
  expect(await app.build('Api', { buildKit: null })).toMatchObject({ report: { result: 'already there' } });

  app.week++;
  const second = await app.build('Api');
  expect(second).toMatchObject({ ok: true, report: { result: 'built', cacheRead: 'yes', steps: '2 cached, 2 run' } });
  expect(second.image).not.toBe(first.image);
  expect(await app.build('Api', { buildKit: null })).toMatchObject({ report: { result: 'already there' } });

  app.changeSource('Api', 'within the second week');
  expect(await app.build('Api')).toMatchObject({ ok: true, report: { steps: '3 cached, 1 run' } });
});

test('what the next period takes from the base image is what the base image is by then', async () => {
  const app = new WeeklyApp(lab, { name: 'Based', tag });
  expectSuccess(await app.build('Report'));
  app.week++;
  await publishBaseImages(lab.registry, { dependencies: 20 });
  // the base of the last stage has not changed, nor has its WORKDIR
  expect(await app.build('Report')).toMatchObject({ ok: true, report: { steps: '1 cached, 5 run' } });
});

test('a Docker engine that is kept runs them anew as well', async () => {
  const app = new WeeklyApp(lab, { name: 'Kept', tag, builder: DockerBuilder.dockerEngine(), cache: () => LayerCache.codeBuildLocal() });
  const engine = await Engine.fresh({ suite: 'sid' });
  const build = async () => app.build('Api', { buildKit: null, environment: engine.environment });
  try {
    expect(await build()).toMatchObject({ ok: true, report: { steps: '0 cached, 4 run' } });
    app.changeSource('Api', 'within the first week');
    expect(await build()).toMatchObject({ ok: true, report: { steps: '3 cached, 1 run' } });
    app.week++;
    expect(await build()).toMatchObject({ ok: true, report: { steps: '2 cached, 2 run' } });
  } finally {
    await engine.wipe();
  }
});
