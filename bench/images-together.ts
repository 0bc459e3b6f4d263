import * as fs from 'fs';
import * as path from 'path';
import { describeMachine } from './measuring/describe-machine';
import { Link } from './measuring/link';
import { baseImage, publishBaseImages } from './workload/base-image';
import { sizes } from './workload/size';
import { ManyImagesApp } from '../integ/local/apps/many-images-app';
import { Engine } from '../integ/local/engines/engine';
import { expectSuccess } from '../integ/local/machine/code-build';
import { prepare } from '../integ/local/parts/prepare';
import { isolate } from '../integ/local/world/isolate';
import { Lab } from '../integ/local/world/lab';

const count = 12;
const dockerfile = `FROM ${baseImage.full}
RUN python3 -c "open('/usr/lib/shared', 'w').write('x' * 1000000)"
COPY --link src/ /var/task/
`;

/** What a step does to all images, and what is changed before it. */
const builds: readonly (readonly [string, readonly number[]])[] = [
  ['first build', Array.from({ length: count }, (_, image) => image)],
  ['three sources changed', [2, 5, 9]],
  ['all sources changed', Array.from({ length: count }, (_, image) => image)],
  ['no change', []],
];

interface Row {
  readonly build: string;
  readonly way: string;
  /** Of all machines together, which run at the same time where the quota of the account allows it. */
  readonly seconds: number;
  /** Of the machine that takes longest. */
  readonly longest: number;
  readonly machines: number;
  readonly down: number;
  readonly up: number;
}

/** Measures one step of twelve images beside twelve steps of one: `npm run bench:images`. */
async function main(): Promise<number> {
  if (!process.env.PLAY_WORLD) {
    await prepare();
    return isolate([process.execPath, ...process.execArgv, __filename]);
  }
  const { machine, versions } = await describeMachine();
  const link = await Link.shape(500e6);
  const lab = await Lab.start();
  await publishBaseImages(lab.registry, sizes.full);
  lab.front.latencyMs = 20;

  const apps = ([['one step', false], ['twelve steps', true]] as const).map(([way, separateSteps]) => ({
    way, separateSteps, app: new ManyImagesApp(lab, { name: separateSteps ? 'Apart' : 'Together', count, dockerfile, separateSteps }),
  }));
  const rows: Row[] = [];
  for (const [build, changed] of builds) {
    for (const { way, separateSteps, app } of apps) {
      changed.forEach((image) => app.changeSource(image, build));
      const actions = separateSteps ? Array.from({ length: count }, (_, image) => `BuildImage${image}`) : ['BuildImages'];
      const before = await link.bytes();
      const seconds: number[] = [];
      for (const action of actions) seconds.push(await buildOn(app, action));
      const after = await link.bytes();
      rows.push({
        build,
        way,
        machines: actions.length,
        seconds: seconds.reduce((sum, one) => sum + one, 0),
        longest: Math.max(...seconds),
        down: after.down - before.down,
        up: after.up - before.up,
      });
      console.error(JSON.stringify(rows.at(-1)));
      keep({ date: new Date().toISOString(), command: 'npm run bench:images', machine, versions, rows }); // a run that is stopped keeps what it has
    }
  }
  await lab.stop();
  console.log(fs.readFileSync(path.join(__dirname, 'images-together.md'), 'utf8'));
  return 0;
}

interface Results {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly versions: object;
  readonly rows: readonly Row[];
}

function keep(results: Results): void {
  fs.writeFileSync(path.join(__dirname, 'images-together.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  fs.writeFileSync(path.join(__dirname, 'images-together.md'), markdown(results));
}

/** On a machine of its own, as CodeBuild has them. */
async function buildOn(app: ManyImagesApp, action: string): Promise<number> {
  const engine = await Engine.fresh({ suite: 'sid', store: 'overlay2' });
  try {
    return expectSuccess(await app.build({ action, buildKit: null, environment: engine.environment })).seconds;
  } finally {
    await engine.wipe();
  }
}

function markdown({ date, command, machine, versions, rows }: Results): string {
  return [
    '# Twelve images in one step, and in twelve steps',
    '',
    `\`${command}\`, ${date}`,
    '',
    `- ${machine}`,
    `- ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`,
    '- Twelve images with one base image of 174 MB, one `RUN` that all share, and a source each. Each step runs on a new machine with an engine',
    '  like that of CodeBuild; 500 Mbit/s each way and 20 ms a request.',
    '- Machines of twelve steps can run at the same time, if the account may have so many: then the longest one counts. All of them are paid for.',
    '- Each image has a repository of its own, so the layers of the base image are uploaded to each of them.',
    '',
    '| build | way | machines | seconds of the longest machine | seconds of all machines | MB down | MB up |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map(({ build, way, machines, longest, seconds, down, up }) => [
      '', build, way, machines, longest.toFixed(1), seconds.toFixed(1), (down / 1e6).toFixed(1), (up / 1e6).toFixed(1), '',
    ].join(' | ').trim()),
    '',
  ].join('\n');
}

void main().then(code => process.exit(code), error => {
  console.error(error);
  process.exit(1);
});
