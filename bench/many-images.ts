import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { median } from './report/summary';
import { Synthesis } from './synthesize-images';
import { randomBytes } from '../integ/local/images/random-bytes';
import { execute } from '../integ/local/world/execute';

/** One app that is synthesized: so many images, each with so many files of so many bytes together. */
interface Case {
  readonly images: number;
  readonly files: number;
  readonly megabytes: number;
}

const pipelines: readonly Case[] = [1, 10, 50].map(images => ({ images, files: 200, megabytes: 2 }));
const contexts: readonly Case[] = [{ images: 1, files: 1000, megabytes: 1000 }, { images: 1, files: 20_000, megabytes: 20 }];
const repeats = 3;
/** How much more an image may cost among 50 than among 10 before it counts as more than linear; the rest is noise. */
const tolerance = 1.5;

/** Measures the synthesis of pipelines with many images and of images with much in them: `npm run bench:synth`. */
async function main(): Promise<number> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'many-images-'));
  try {
    const rows = [];
    for (const one of [...pipelines, ...contexts]) {
      rows.push({ ...one, ...await synthesize(one, path.join(directory, `${rows.length}`)) });
      console.error(JSON.stringify(rows[rows.length - 1]));
    }
    const results = { date: new Date().toISOString(), command: 'npm run bench:synth', machine: `${os.cpus().length} processors, Node.js ${process.versions.node}`, rows };
    fs.writeFileSync(path.join(__dirname, 'many-images.json'), `${JSON.stringify(results, undefined, 2)}\n`);
    fs.writeFileSync(path.join(__dirname, 'many-images.md'), markdown(results));
    console.log(markdown(results));
    return check(rows);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

type Row = Case & Synthesis;

/** The medians of some runs, each in a process of its own. */
async function synthesize(one: Case, directory: string): Promise<Synthesis> {
  const made = Array.from({ length: one.images }, (_, image) => writeContext(path.join(directory, `context${image}`), one, `${image}`));
  const runs: Synthesis[] = [];
  for (let run = 0; run < repeats; run++) {
    const program = path.join(__dirname, 'synthesize-images.ts');
    const said = await execute(process.execPath, [...process.execArgv, program, path.join(directory, `out${run}`), ...made]);
    runs.push(JSON.parse(said.trim().split('\n').pop()!));
    fs.rmSync(path.join(directory, `out${run}`), { recursive: true });
  }
  fs.rmSync(directory, { recursive: true });
  const middle = (of: (synthesis: Synthesis) => number) => median(runs.map(of));
  return {
    ...runs[0],
    seconds: middle(({ seconds }) => seconds),
    hashing: middle(({ hashing }) => hashing),
    memoryBefore: middle(({ memoryBefore }) => memoryBefore),
    memory: middle(({ memory }) => memory),
  };
}

function writeContext(directory: string, { files, megabytes }: Case, seed: string): string {
  for (let file = 0; file < files; file++) {
    const folder = path.join(directory, 'src', `${file % 50}`);
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, `${file}.py`), randomBytes(`${seed} ${file}`, megabytes * 1e6 / files));
  }
  fs.writeFileSync(path.join(directory, 'Dockerfile'), 'FROM scratch\nCOPY --link src /src\n');
  return directory;
}

function markdown({ date, command, machine, rows }: { date: string; command: string; machine: string; rows: readonly Row[] }): string {
  const table = rows.map(({ images, files, megabytes, seconds, hashing, memoryBefore, memory, template, stages, orders }) => [
    images, files, megabytes, seconds.toFixed(2), (seconds / images).toFixed(3),
    hashing.toFixed(2), (images * megabytes / hashing).toFixed(0), (images * files / hashing).toFixed(0),
    `${(memory / 1e6).toFixed(0)} (${((memory - memoryBefore) / 1e6).toFixed(0)})`, (template / 1e3).toFixed(0), `${stages} / ${orders}`,
  ]);
  const head = [
    'images', 'files each', 'MB each', 'seconds', 'seconds per image',
    'hashing in seconds', 'MB/s hashed', 'files/s hashed',
    'memory in MB (of it for the synthesis)', 'template in kB', 'stages / places in the order',
  ];
  return [
    '# Many images, large contexts',
    '',
    `\`${command}\`, ${date}, ${machine}. Medians of ${repeats} runs, each in a process of its own, from the first construct to the end of`,
    'the synthesis: contexts are hashed and copied into the cloud assembly within that time. The builds of one stage with one place in the',
    'order run in parallel. The template is that of the pipeline\'s stack, of which CloudFormation takes 1 MB.',
    '',
    ...[head, head.map(() => '---:'), ...table].map(cells => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

/** What one image costs must not grow with the number of images, and all builds must be able to run at once. */
function check(rows: readonly Row[]): number {
  const [ten, fifty] = [10, 50].map(images => rows.find(row => row.images === images)!);
  const failures = (['seconds', 'template'] as const)
    .filter(figure => fifty[figure] / fifty.images > tolerance * ten[figure] / ten.images)
    .map(figure => `${figure}: ${fifty[figure]} for ${fifty.images} images, ${ten[figure]} for ${ten.images}`);
  if (fifty.memory - fifty.memoryBefore > tolerance * 5 * (ten.memory - ten.memoryBefore)) failures.push('memory grows faster than the number of images');
  failures.push(...rows.filter(({ orders }) => orders !== 1).map(({ images }) => `${images} images are not built in parallel`));
  failures.forEach(failure => console.error(`More than linear: ${failure}`));
  return failures.length > 0 ? 1 : 0;
}

void main().then(code => process.exit(code), error => {
  console.error(error);
  process.exit(1);
});
