import { prepareBaseImages, publishBaseImages } from './base-images';
import { expectSuccess } from './code-build';
import { ExampleApp, ExampleBuild } from './example-app';
import { isolate } from './isolate';
import { Lab } from './lab';
import { prepareParts } from './parts';

/** Synthesizes the example pipeline and plays the build of its image three times: `npm run demo`. */
async function main(): Promise<number> {
  if (process.env.PLAY_WORLD) {
    await play();
    return 0;
  }
  await prepareParts(say);
  await prepareBaseImages(say);
  return isolate([process.execPath, ...process.execArgv, __filename]);
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
