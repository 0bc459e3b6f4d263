import { CopiedExample, CopiedExampleBuild } from '../../apps/copied-example';
import { baseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
  await (await baseImages.lambdaPython({ dependencies: 1 })).publish(lab.registry, 'public.ecr.aws/lambda/python:3.13');
}, 600_000);

afterAll(async () => lab.stop());

describe('the monorepo of the examples', () => {
  let monorepo: CopiedExample;
  const build = async () => expectSuccess(await monorepo.build('BuildImages')) as CopiedExampleBuild;

  beforeAll(() => {
    monorepo = new CopiedExample(lab, 'monorepo');
    // what the pip of this world finds
    monorepo.write('services/api/requirements.txt', 'big-numbers==1.0.0\n');
    monorepo.write('services/worker/requirements.txt', 'small-talk==1.0.0\n');
  });

  test('builds both images in its first run', async () => {
    expect((await build()).images).toMatchObject([{ image: 'apiImage', result: 'built' }, { image: 'workerImage', result: 'built' }]);
  });

  test('builds one for a change of its service, and moves nothing but that', async () => {
    monorepo.write('services/worker/src/app.py', 'def handler(event, context):\n    return "changed"\n');
    const { images, traffic } = await build();
    expect(images).toMatchObject([{ result: 'already there' }, { result: 'built', steps: '3 cached, 1 run' }]);
    expect(traffic.blobs.up).toBeLessThan(20_000);
  });

  test('builds both for a change of what they share', async () => {
    monorepo.write('shared/orders.py', 'def open_orders():\n    return []\n');
    expect((await build()).images).toMatchObject([{ result: 'built', steps: '2 cached, 2 run' }, { result: 'built', steps: '2 cached, 2 run' }]);
  });
});
