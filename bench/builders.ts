import * as fs from 'fs';
import * as path from 'path';
import { describeMachine } from './measuring/describe-machine';
import { Link } from './measuring/link';
import { Machine } from './measuring/machine';
import { median } from './report/summary';
import { LibraryBuild, LibraryStep } from './strategies/library-step';
import { publishBaseImages } from './workload/base-image';
import { home } from './workload/home';
import { sizes } from './workload/size';
import { Workload } from './workload/workload';
import { BuildKit } from '../integ/local/engines/build-kit';
import { Engine, EngineOptions } from '../integ/local/engines/engine';
import { baseImages } from '../integ/local/images/base-images';
import { prepare } from '../integ/local/parts/prepare';
import { freshDirectory } from '../integ/local/world/directories';
import { isolate } from '../integ/local/world/isolate';
import { Lab } from '../integ/local/world/lab';

const rounds = 3;

/** Every way to a BuildKit, on every engine that has it. */
const ways: ReadonlyArray<readonly [string, () => Promise<Machine>]> = [
  ['given in BUILDX_BUILDER', () => BuildKit.fresh()],
  ['engine 26.1 with the containerd store', () => Engine.fresh({ suite: 'trixie', store: 'containerd' })],
  ['engine 28.5 with the containerd store', () => Engine.fresh({ suite: 'sid', store: 'containerd' })],
  ['engine 26.1 as CodeBuild starts it', () => Engine.fresh({ suite: 'trixie' })],
  ['engine 28.5 as CodeBuild starts it', () => Engine.fresh({ suite: 'sid' })],
  ['engine 26.1, no second one starts', () => withoutSecondEngine({ suite: 'trixie' })],
  ['engine 28.5, no second one starts', () => withoutSecondEngine({ suite: 'sid' })],
];

interface Row {
  readonly way: string;
  readonly builder: string;
  /** Seconds of each round to the start of the solve, in which the way took turns with the others. */
  readonly secondsToSolve: readonly number[];
  readonly down: number;
}

/** Measures how long a build needs until it builds, for each way to get a BuildKit: `npm run bench:builders`. */
async function main(): Promise<number> {
  if (!process.env.PLAY_WORLD) {
    await prepare();
    return isolate([process.execPath, ...process.execArgv, __filename]);
  }
  const machine = await describeMachine();
  const link = await Link.shape(500e6);
  const lab = await Lab.start({ account: home.account });
  await publishBaseImages(lab.registry, sizes.small);
  const buildKit = await baseImages.buildKit();
  await buildKit.publish(lab.registry, 'docker.io/moby/buildkit:v0.32.2');
  lab.front.latencyMs = 20;

  const results = { date: new Date().toISOString(), command: 'npm run bench:builders', ...machine, rows: await measure(lab, link) };
  fs.writeFileSync(path.join(__dirname, 'builders.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  const page = markdown(results, buildKit.bytes);
  fs.writeFileSync(path.join(__dirname, 'builders.md'), page);
  console.log(page);
  await lab.stop();
  return 0;
}

async function measure(lab: Lab, link: Link): Promise<Row[]> {
  const rows = await Promise.all(ways.map(async ([way, machine]) => {
    const workload = new Workload('A');
    const builds = await new LibraryStep(way, way, { machine }).begin(lab, workload);
    return { way, workload, builds, done: [] as LibraryBuild[], down: [] as number[] };
  }));
  for (let round = 0; round <= rounds; round++) { // the first one fills the registry, and does not count
    for (const row of rows) {
      row.workload.change(round === 0 ? 'cold' : `source ${round}`);
      const before = await link.bytes();
      const build = await row.builds.build();
      console.error(`${row.way}: ${build.builder}, ${build.secondsToSolve?.toFixed(2)} s, ${build.phases}`);
      if (round === 0) continue;
      row.done.push(build);
      row.down.push((await link.bytes()).down - before.down);
    }
  }
  return rows.map(({ way, done, down }) => ({
    way,
    builder: done[0].builder,
    secondsToSolve: done.map(({ secondsToSolve }) => secondsToSolve!),
    down: median(down),
  }));
}

/** A machine on which everything that could start another engine fails. */
async function withoutSecondEngine(options: EngineOptions): Promise<Machine> {
  const engine = await Engine.fresh(options);
  const directory = freshDirectory('bin');
  fs.writeFileSync(path.join(directory, 'dockerd'), '#!/bin/sh\necho not on this machine >&2\nexit 1\n', { mode: 0o755 });
  return { environment: { PATH: `${directory}:${engine.environment.PATH}` }, wipe: () => engine.wipe() };
}

function markdown(results: { date: string; command: string; machine: string; versions: object; rows: readonly Row[] }, imageBytes: number): string {
  const { date, command, machine, versions, rows } = results;
  return [
    '# Time until BuildKit builds',
    '',
    `\`${command}\`, ${date}`,
    '',
    `- ${machine}`,
    `- ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`,
    `- Medians of ${rounds} source changes, from the first command of the build to the first step of the solve: login, lookup, builder and context.`,
    `- 500 Mbit/s each way and 20 ms for each request. The container's image weighs ${(imageBytes / 1e6).toFixed(0)} MB here;`,
    '  the real one has emulators in it as well, so its pull takes longer. An engine 20.10, not measured, always takes the container.',
    '',
    '| what the machine has | what builds | seconds | all rounds | MB down in the whole build |',
    '| --- | --- | ---: | --- | ---: |',
    ...rows.map(({ way, builder, secondsToSolve, down }) => [
      '', way, builder, median(secondsToSolve).toFixed(2), secondsToSolve.map(seconds => seconds.toFixed(2)).join(', '), (down / 1e6).toFixed(1), '',
    ].join(' | ').trim()),
    '',
  ].join('\n');
}

void main().then(code => process.exit(code), error => {
  console.error(error);
  process.exit(1);
});
