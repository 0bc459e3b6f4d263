import * as path from 'path';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { AssetApp, AssetsPublished, expectPublished } from '../../apps/asset-app';
import { Engine } from '../../engines/engine';
import { baseImages } from '../../images/base-images';
import { Lab } from '../../world/lab';

// The same app, published by Docker as the CDK does it, and with the cache. PLAY_FIGURES=1 prints what was measured; PLAY_MEGABYTES makes the base image larger.

const here = { account: '111111111111', region: 'eu-west-1' };
const MB = 1_000_000;
const padding = Number(process.env.PLAY_MEGABYTES ?? 20);

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({ ecr: [here] });
  await (await baseImages.lambdaPython({ dependencies: 4, padding })).publish(lab.registry, 'public.ecr.aws/lambda/python:3.11');
}, 600_000);

afterAll(async () => lab.stop());

function assetApp(name: string, hasCache: boolean): AssetApp {
  const app = new AssetApp(lab, {
    name, hasCache, stack: (scope, contexts) => { new DockerImageAsset(scope, 'Image', { directory: path.join(contexts, 'image') }); },
  });
  app.write('image/Dockerfile', [
    'FROM public.ecr.aws/lambda/python:3.11', `LABEL app=${name}`, 'COPY requirements.txt .', 'RUN pip install -r requirements.txt --target /var/task', 'COPY src /var/task/', '',
  ].join('\n'));
  app.write('image/requirements.txt', 'big-numbers==1.0.0\n');
  app.write('image/src/app.py', 'first');
  return app;
}

async function publish(app: AssetApp): Promise<AssetsPublished> {
  const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  try {
    return expectPublished(await app.publish({ buildKit: null, environment: engine.environment }));
  } finally {
    await engine.wipe();
  }
}

test('a new source moves as good as nothing, where Docker moves the whole image', async () => {
  const moved: { [way: string]: { first: AssetsPublished; source: AssetsPublished } } = {};
  for (const [way, hasCache] of [['stock', false], ['cache', true]] as const) {
    const app = assetApp(way === 'stock' ? 'Stock' : 'Cached', hasCache);
    const first = await publish(app);
    app.write('image/src/app.py', 'second');
    moved[way] = { first, source: await publish(app) };
    for (const [what, { seconds, traffic, log }] of Object.entries(moved[way])) {
      if (process.env.PLAY_FIGURES) {
        const push = /^time {10}(.*)$/m.exec(log)?.[1] ?? '';
        process.stderr.write(`${way} ${what}: ${seconds.toFixed(1)} s, ${(traffic.blobs.down / MB).toFixed(2)} MB down, ${(traffic.blobs.up / MB).toFixed(2)} MB up; ${push}\n`);
      }
    }
  }
  // what goes into two repositories does not come back in between
  expect(moved.cache.first.traffic.blobs.down).toBeLessThan(moved.stock.first.traffic.blobs.down + 0.1 * MB);
  expect(moved.stock.source.traffic.blobs.down).toBeGreaterThan(padding * MB);
  expect(moved.cache.source.traffic.blobs.down + moved.cache.source.traffic.blobs.up).toBeLessThan(0.2 * MB);
});
