import { playInContainer } from './container';
import { prepareDemo } from './prepare';
import { synthesizeOnly } from './synthesize-only';
import { ExampleApp, ExampleBuild, ExampleImage } from '../apps/example-app';
import { publishBaseImages } from '../images/base-images';
import { expectSuccess } from '../machine/code-build';
import { isolate } from '../world/isolate';
import { Lab } from '../world/lab';

/**
 * Synthesizes the example pipeline and plays the build of each image three times: `npm run demo`.
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

/** What each build has to be; from the second one on, it must upload less than so many bytes. */
const builds: ReadonlyArray<{ readonly name: string; readonly result: string; readonly steps: RegExp; readonly upload: number }> = [
  { name: 'first build', result: 'built', steps: /^0 cached, [1-9]\d* run$/, upload: Infinity },
  { name: 'source change', result: 'built', steps: /^[1-9]\d* cached, 1 run$/, upload: 1e6 },
  { name: 'no change', result: 'already there', steps: /^none$/, upload: 1e4 },
];

/** @returns the exit code: 1 when a build is not what it has to be */
async function play(): Promise<number> {
  say('starting a registry and an AWS endpoint');
  const lab = await Lab.start();
  await publishBaseImages(lab.registry);
  const app = new ExampleApp(lab);

  const rows: string[][] = [['image', 'build', 'result', 'steps', 'seconds', 'MB down', 'MB up']];
  const wrong: string[] = [];
  for (const image of ['Api', 'Report'] as ExampleImage[]) {
    for (const { name, result, steps, upload } of builds) {
      say(`${image}, ${name}: synthesizing the pipeline, then playing its build on a new machine`);
      if (name === 'source change') app.changeSource(image, 'changed by the demo');
      const done = expectSuccess(await app.build(image, { onLine: (line) => say(`  ${line}`) })) as ExampleBuild;
      rows.push(row(image.toLowerCase(), name, done));
      const isRight = done.report.result === result && steps.test(done.report.steps) && done.traffic.up < upload
        && (image !== 'Report' || name === 'first build' || done.traffic.down < 1e6); // spared, as it says below
      if (!isRight) wrong.push(`${image.toLowerCase()}, ${name}`);
    }
  }

  console.log(`\n${table(rows)}\n`);
  console.log('The Dockerfile of api copies its source with COPY, that of report with COPY --link, which spares it the download.');
  console.log('What was synthesized and played: integ/example/. What played it: integ/local/. More builds: npm run integ:local');
  for (const build of wrong) console.log(`NOT AS EXPECTED: ${build}`);
  await lab.stop();
  return wrong.length > 0 ? 1 : 0;
}

function row(image: string, name: string, { report, seconds, traffic }: ExampleBuild): string[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  return [image, name, report.result, report.steps, seconds.toFixed(1), megabytes(traffic.down), megabytes(traffic.up)];
}

function table(rows: string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) => cells.map((cell, column) => (column < 4 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('   ')).join('\n');
}

function say(line: string) {
  console.error(line);
}

void main().then((code) => process.exit(code), (error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
