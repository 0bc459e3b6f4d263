import * as fs from 'fs';
import * as path from 'path';
import { ComparedBuild, compareBuilds } from '../../apps/linked-copies/compared-builds';
import { writeContext } from '../../apps/linked-copies/contexts';
import { LinkingLab } from '../../apps/linked-copies/linking-lab';
import { RandomState, randomStates } from '../../apps/linked-copies/random-dockerfile';

// Others than the usual ones: PLAY_SEEDS=1000-1200

const [first, last] = (process.env.PLAY_SEEDS ?? '1-20').split('-').map(Number);
const seeds = Array.from({ length: last - first + 1 }, (_, index) => first + index);

let lab: LinkingLab;
let builds: ComparedBuild[][];

beforeAll(async () => {
  lab = await LinkingLab.start();
  builds = await compareBuilds(lab, seeds.map(seed => randomStates(seed).map(({ dockerfile, context }) => (
    { dockerfile, prepare: directory => replace(directory, context) }
  ))), { endsOnNewMachine: true });
}, 1_200_000);

afterAll(async () => lab.stop());

test.each(seeds)('a Dockerfile made at random makes the same image with linked copies (seed %i)', (seed) => {
  const results = builds[seed - first];
  if (process.env.PLAY_FIGURES) process.stderr.write(`${JSON.stringify([seed, ...results.map(({ copies }) => copies)])}\n`);
  for (const [index, state] of randomStates(seed).entries()) {
    const { image, asWritten, log } = results[index];
    if (image) expect(asWritten.failure).toBeUndefined();
    expect({ index, ...state, log, image }).toEqual({ index, ...state, log, image: asWritten.image });
  }
});

async function replace(directory: string, context: RandomState['context']): Promise<void> {
  for (const name of fs.readdirSync(directory)) fs.rmSync(path.join(directory, name), { recursive: true });
  await writeContext(directory, context);
}
