import * as fs from 'fs';
import * as path from 'path';
import { Link } from '../../../../bench/measuring/link';
import { measure } from '../../../../bench/measuring/measure';
import { Measurement } from '../../../../bench/measuring/measurement';
import { Recipe } from '../../../../bench/strategies/recipe';
import { strategies } from '../../../../bench/strategies/strategies';
import { Strategy } from '../../../../bench/strategies/strategy';
import { checkImage } from '../../../../bench/workload/check-image';
import { sizes } from '../../../../bench/workload/size';
import { ContainerImage } from '../../images/container-image';
import { Registry } from '../../registry/registry';
import { freshDirectory } from '../../world/directories';
import { Lab } from '../../world/lab';

const home = { account: '111111111111', region: 'eu-west-1' };

async function bench(strategy: Strategy): Promise<Measurement[]> {
  const done: Measurement[] = [];
  const link = await Link.shape(500e6);
  try {
    const plan = { strategies: [strategy], dockerfiles: ['A'], rounds: 1, size: sizes.small, latencyMs: 20 };
    await measure(plan, link, measurement => done.push(measurement));
  } finally {
    await link.remove();
  }
  return done;
}

test('the benchmark measures a row', async () => {
  const done = await bench(strategies.find(({ name }) => name === 'registry')!);
  expect(done.map(({ change, cached, run }) => `${change}: ${cached} cached, ${run} run`)).toEqual([
    'cold: 0 cached, 4 run',
    'no change: 0 cached, 0 run',
    'source 1: 3 cached, 1 run',
    'source 2: 3 cached, 1 run',
    'dependency: 1 cached, 3 run',
  ]);
  const [cold, unchanged, source] = done;
  expect(cold.down).toBeGreaterThan(10e6);
  expect(cold.up).toBeGreaterThan(10e6);
  expect(unchanged.down).toBeLessThan(50_000);
  expect(source.copies).toBe('linked: 1 (line 5)');
});

test('the benchmark fails, and says which row, when an image holds what was there before', async () => {
  const stale = `
    export DOCKER_BUILDKIT=1
    docker pull "$REPOSITORY_URI:commit-0" || docker build -t "$REPOSITORY_URI:commit-0" . || exit
    docker tag "$REPOSITORY_URI:commit-0" "$REPOSITORY_URI:$COMMIT_ID"
    docker push "$REPOSITORY_URI:$COMMIT_ID" || exit`;
  await expect(bench(new Recipe('stale', 'always the first image', { commands: stale })))
    .rejects.toThrow(/^stale, source 1: .* holds another app\/src\/app.py: "print\('cold'\)\\n" instead of "print\('source 1'\)\\n"/);
});

test('the benchmark measures what the CDK does with an asset', async () => {
  const done = await bench(strategies.find(({ name }) => name === 'asset')!);
  expect(done.map(({ change, cached, run }) => `${change}: ${cached} cached, ${run} run`)).toEqual(['cold: 0 cached, 4 run', 'no change: 0 cached, 0 run']);
});

test('an image is read as a container would see it', async () => {
  const lab = await Lab.start();
  try {
    lab.registry.createRepository(home, 'checked');
    const image = `${Registry.ecrHost(home)}/checked:tag`;
    const made = await ContainerImage.make(freshDirectory('checked'), async roots => ['below', 'above'].map((layer) => {
      fs.mkdirSync(path.join(roots, layer, 'app'), { recursive: true });
      fs.writeFileSync(path.join(roots, layer, 'app', 'file'), layer);
      fs.writeFileSync(path.join(roots, layer, 'app', `only-${layer}`), layer);
      return path.join(roots, layer);
    }));
    await made.publish(lab.registry, image);
    await checkImage(lab.registry, image, { 'app/file': 'above', 'app/only-below': 'below' });
    await expect(checkImage(lab.registry, image, { 'app/file': 'below' })).rejects.toThrow('holds another app/file: "above" instead of "below"');
    await expect(checkImage(lab.registry, image, { 'app/other': '' })).rejects.toThrow('holds another app/other: undefined instead of ""');
  } finally {
    await lab.stop();
  }
});
