import { playInContainer } from './container';
import { prepareDemo } from './prepare';
import { synthesizeOnly } from './synthesize-only';
import { ExampleApp, ExampleImage } from '../apps/example-app';
import { publishBaseImages } from '../images/base-images';
import { ImageReport } from '../machine/build-report';
import { expectSuccess } from '../machine/code-build';
import { isolate } from '../world/isolate';
import { Lab } from '../world/lab';

/**
 * Synthesizes the example pipeline and plays the build of its images four times: `npm run demo`.
 *
 * In a container, if there is a Docker engine; else on this machine with what is on the PATH, or with what Go builds.
 * Where none of it works, it still synthesizes.
 */
async function main(): Promise<number> {
  if (process.env.PLAY_WORLD) return play();
  const [place, task] = process.argv.slice(2); // given by container.ts: `inside`, first to `prepare` and then to play
  if (place === 'inside') {
    endAsFirstProcess();
  } else {
    const code = await playInContainer(say);
    if (code !== undefined) return code;
  }
  try {
    await prepareDemo(place === 'inside' && task !== 'prepare' ? () => { /* said before */ } : say);
  } catch (error) {
    say(`\nThe builds cannot be played here: ${error instanceof Error ? error.message : error}`);
    if (place !== 'inside') say(`${help}\n\n${synthesizeOnly().join('\n')}\n\nIts builds were not played.`);
    return 1;
  }
  return isolate(task === 'prepare' ? ['true'] : [process.execPath, ...process.execArgv, __filename]);
}

const help = `
One of these is needed; then run this again:
  - Docker with buildx, started: \`docker version\` and \`docker buildx version\` answer. Nothing else has to be there.
  - A Debian, as root, with Go 1.21 or later (https://go.dev/dl), which builds the pinned versions of BuildKit, buildx, docker and registry.
  - A Debian, as root, with buildkitd, buildx, docker and registry (or docker-registry) on the PATH.
What else a Debian has to give is installed by integ/local/parts/install-debian.sh, which the demo runs when it can.`;

/** The first process of a container is not ended by signals that it does not handle. */
function endAsFirstProcess() {
  if (process.pid !== 1) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
}

interface DemoBuild {
  readonly name: string;
  readonly changes?: ExampleImage;
  /** The result of each image that it has to have. */
  readonly results: { readonly [image in ExampleImage]: string };
  /** It must upload less than so many bytes. */
  readonly upload: number;
}

const there = 'already there';
const builds: readonly DemoBuild[] = [
  { name: 'first build', results: { Api: 'built', Report: 'built' }, upload: Infinity },
  { name: 'source of api changed', changes: 'Api', results: { Api: 'built', Report: there }, upload: 1e6 },
  { name: 'source of report changed', changes: 'Report', results: { Api: there, Report: 'built' }, upload: 1e6 },
  { name: 'no change', results: { Api: there, Report: there }, upload: 1e4 },
];

/** @returns the exit code: 1 when a build is not what it has to be */
async function play(): Promise<number> {
  say('starting a registry and an AWS endpoint');
  const lab = await Lab.start();
  await publishBaseImages(lab.registry);
  const app = new ExampleApp(lab, { separateSteps: false });

  const rows: string[][] = [['build', 'api', 'report', 'seconds', 'MB down', 'MB up']];
  const wrong: string[] = [];
  for (const { name, changes, results, upload } of builds) {
    say(`${name}: synthesizing the pipeline, then playing its build on a new machine`);
    if (changes) app.changeSource(changes, 'changed by the demo');
    const done = await app.buildAll({ onLine: (line) => say(`  ${line}`) });
    expectSuccess(done);
    const [api, report] = ['Api', 'Report'].map((image) => done.images.find((row) => row.image === `${image}Image`)!);
    rows.push([name, describeResult(api), describeResult(report), done.seconds.toFixed(1), megabytes(done.traffic.down), megabytes(done.traffic.up)]);
    const isRight = api.result === results.Api && report.result === results.Report && done.traffic.up < upload
      && (changes === undefined || done.traffic.down < 1e6); // spared, as it says below
    if (!isRight) wrong.push(name);
  }

  console.log(`\n${table(rows)}\n`);
  console.log('One step builds both images. The build links the last copies of both Dockerfiles, so a source change downloads none of the layers below.');
  console.log('What was synthesized and played: integ/example/. What played it: integ/local/. More builds: npm run integ:local');
  for (const build of wrong) console.log(`NOT AS EXPECTED: ${build}`);
  await lab.stop();
  return wrong.length > 0 ? 1 : 0;
}

function describeResult({ result, steps }: ImageReport): string {
  return steps === 'none' ? result : `${result} (${steps})`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}

function table(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) => cells.map((cell, column) => (column < 3 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('   ')).join('\n');
}

function say(line: string) {
  console.error(line);
}

void main().then((code) => process.exit(code), (error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
