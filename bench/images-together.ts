import * as fs from 'fs';
import * as path from 'path';
import { readArguments } from './arguments';
import { describeMachine } from './measuring/describe-machine';
import { Link } from './measuring/link';
import { imagesPage, ImagesResults, ImagesRun } from './report/images-page';
import { count, ManyContexts, Way, ways } from './strategies/many-images';
import { baseImage, publishBaseImages } from './workload/base-image';
import { home } from './workload/home';
import { sizes } from './workload/size';
import { prepare } from '../integ/local/parts/prepare';
import { isolate } from '../integ/local/world/isolate';
import { Lab } from '../integ/local/world/lab';

const everyImage = Array.from({ length: count }, (_, image) => image);

/** What the pipeline runs for, and which images are changed before it. */
const builds: readonly (readonly [string, readonly number[]])[] = [
  ['first build', everyImage],
  ['three sources changed', [2, 5, 9]],
  ['no change', []],
];

/** Measures twelve images in one step, in twelve steps and as twelve assets: `npm run bench:images -- [--only WAY]... [--rounds N] [--size NAME]`. */
async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args, { rows: ways.map(({ name }) => name), dockerfiles: [], sizes: Object.keys(sizes) }, { size: 'several', rounds: '1' });
  if (!process.env.PLAY_WORLD) {
    await prepare();
    return isolate([process.execPath, ...process.execArgv, __filename, ...args]);
  }
  const chosen = ways.filter(({ name }) => asked.rows.includes(name));
  const described = await describeMachine();
  const link = await Link.shape(500e6);
  const runs: ImagesRun[] = [];
  const results: ImagesResults = {
    date: new Date().toISOString(),
    command: ['npm run bench:images', ...args.length > 0 ? ['--', ...args] : []].join(' '),
    ...described,
    size: '',
    rounds: asked.rounds,
    all: asked.rounds * builds.length * chosen.length,
    runs,
  };
  for (let round = 1; round <= asked.rounds; round++) {
    const lab = await Lab.start({ account: home.account });
    await publishBaseImages(lab.registry, sizes[asked.size]);
    const size = `${((await weight(lab)) / 1e6).toFixed(0)} MB`;
    lab.front.latencyMs = 20;
    await measure(lab, link, chosen, round, run => {
      runs.push(run);
      if (asked.complete) keep({ ...results, size }); // as it goes, so that a run that is stopped has not been for nothing
      else console.log(imagesPage({ ...results, size }));
    });
    await lab.stop();
  }
  if (asked.complete) console.log(fs.readFileSync(path.join(__dirname, 'images-together.md'), 'utf8'));
  return 0;
}

async function measure(lab: Lab, link: Link, chosen: readonly Way[], round: number, done: (run: ImagesRun) => void): Promise<void> {
  const rows = chosen.map(way => {
    const contexts = new ManyContexts();
    return { way, contexts, build: way.begin(lab, contexts) };
  });
  for (const [build, changed] of builds) {
    for (const row of rows) {
      row.contexts.change(changed, build);
      const before = await link.bytes();
      const seconds = await row.build();
      const after = await link.bytes();
      const run = { build, way: row.way.title, round, seconds, down: after.down - before.down, up: after.up - before.up };
      console.error(JSON.stringify(run));
      done(run);
    }
  }
}

/** What the base image weighs in a registry. */
async function weight(lab: Lab): Promise<number> {
  const { manifest } = await lab.registry.manifest(baseImage.full);
  return manifest.layers.reduce((sum: number, layer: { size: number }) => sum + layer.size, 0);
}

function keep(results: ImagesResults): void {
  fs.writeFileSync(path.join(__dirname, 'images-together.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  fs.writeFileSync(path.join(__dirname, 'images-together.md'), imagesPage(results));
}

void main(process.argv.slice(2)).then(code => process.exit(code), error => {
  console.error(`\nThe benchmark failed: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
