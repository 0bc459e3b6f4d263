import { BenchArguments, readArguments } from './arguments';
import { describeMachine } from './measuring/describe-machine';
import { Link } from './measuring/link';
import { measure } from './measuring/measure';
import { Measurement } from './measuring/measurement';
import { Progress } from './measuring/progress';
import { keepResults } from './report/keep-results';
import { markdown } from './report/markdown';
import { Results } from './report/results';
import { measuredChanges } from './strategies/measured-changes';
import { baseline, shown, strategies } from './strategies/strategies';
import { sizes } from './workload/size';
import { dockerfiles } from './workload/workload';
import { prepare } from '../integ/local/parts/prepare';
import { isolate } from '../integ/local/world/isolate';

const link = { megabitsPerSecond: 500, latencyMs: 20 };

/** Measures ways to build an image: `npm run bench -- [--list] [--only ROW]... [--dockerfile NAME]... [--rounds N] [--size NAME]`. */
async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args, {
    rows: strategies.map(({ name }) => name),
    dockerfiles: Object.keys(dockerfiles),
    sizes: Object.keys(sizes),
  });
  if (asked.list) {
    for (const { name, title } of strategies) console.log(`${name.padEnd(16)} ${title}`);
    return 0;
  }
  if (!process.env.PLAY_WORLD) {
    await prepare();
    return isolate([process.execPath, ...process.execArgv, __filename, ...args]);
  }
  const results = await run(asked, ['npm run bench', ...args.length > 0 ? ['--', ...args] : []].join(' '), soFar => {
    if (asked.complete) keepResults(soFar); // as it goes, so that a run that is stopped has not been for nothing
  });
  console.log(markdown(results));
  if (!asked.complete) console.log('Not the whole benchmark: nothing in bench/ was changed.');
  return 0;
}

async function run(asked: BenchArguments, command: string, keep: (soFar: Results) => void): Promise<Results> {
  const rows = strategies.filter(({ name }) => asked.rows.includes(name));
  const size = sizes[asked.size];
  const machine = await describeMachine();
  const date = new Date().toISOString();
  const shaped = await Link.shape(link.megabitsPerSecond * 1e6);
  const measurements: Measurement[] = [];
  const builds = asked.rounds * rows.flatMap(({ name }) => asked.dockerfiles.flatMap(dockerfile => measuredChanges(name, dockerfile))).length;
  const progress = new Progress(builds, size.build);
  const plan = { strategies: rows, dockerfiles: asked.dockerfiles, rounds: asked.rounds, size, latencyMs: link.latencyMs };
  const results: Results = {
    ...machine,
    date,
    command,
    link: `${link.megabitsPerSecond} Mbit/s each way to registries and S3, by tc (htb) on the loopback of a network namespace,`
      + ` and ${link.latencyMs} ms for each request, by the proxy in front of them; megabytes are those on this wire, TLS included`,
    size: `${size.base} MB of base image, ${size.slimBase} MB of slim base image, ${size.dependencies} MB of dependencies, as they lie on a disk`,
    rounds: asked.rounds,
    builds,
    rows: rows.map(({ name, title, ours, forgets }) => ({ name, title, ours, forgets, isShown: shown.includes(name) })),
    baseline: baseline.name,
    dockerfiles: Object.fromEntries(asked.dockerfiles.map(name => [name, dockerfiles[name]])),
    measurements,
  };
  await measure(plan, shaped, measurement => {
    measurements.push(measurement);
    progress.show(measurement);
    keep(results);
  });
  return results;
}

void main(process.argv.slice(2)).then(code => process.exit(code), error => {
  console.error(`\nThe benchmark failed: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
