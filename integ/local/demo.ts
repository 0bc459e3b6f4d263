import { publishBaseImages } from './base-images';
import { expectSuccess } from './code-build';
import { playInContainer } from './container';
import { ExampleApp, ExampleBuild } from './example-app';
import { isolate } from './isolate';
import { Lab } from './lab';
import { prepareDemo } from './prepare-demo';
import { synthesizeOnly } from './synthesize-only';

/**
 * Synthesizes the example pipeline and plays the build of its image three times: `npm run demo`.
 *
 * In a container, if there is a Docker engine; else on this machine with what is on the PATH, or with what Go builds.
 * Where none of it works, it still synthesizes.
 */
async function main(): Promise<number> {
  if (process.env.PLAY_WORLD) {
    await play();
    return 0;
  }
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
What else a Debian has to give is installed by integ/local/install-debian.sh, which the demo runs when it can.`;

/** The first process of a container is not ended by signals that it does not handle. */
function endAsFirstProcess() {
  if (process.pid !== 1) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));
}

async function play() {
  say('starting a registry and an AWS endpoint');
  const lab = await Lab.start();
  await publishBaseImages(lab.registry);
  const app = new ExampleApp(lab);

  const rows: string[][] = [['build', 'result', 'steps', 'seconds', 'MB down', 'MB up']];
  const build = async (name: string, change?: () => void) => {
    say(`${name}: synthesizing the pipeline, then playing its build on a new machine`);
    change?.();
    rows.push(row(name, expectSuccess(await app.build('Api', { onLine: (line) => say(`  ${line}`) })) as ExampleBuild));
  };
  await build('first build');
  await build('source change', () => app.changeSource('Api', 'changed by the demo'));
  await build('no change');

  console.log(`\n${table(rows)}\n`);
  console.log('What was synthesized and played: integ/example/. What played it: integ/local/. More builds: npm run integ:local');
  await lab.stop();
}

function row(name: string, { report, seconds, traffic }: ExampleBuild): string[] {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  return [name, report.result, report.steps, seconds.toFixed(1), megabytes(traffic.down), megabytes(traffic.up)];
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
