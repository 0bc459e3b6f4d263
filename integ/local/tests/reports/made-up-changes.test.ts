import * as fs from 'fs';
import * as path from 'path';
import { madeUpDays, MadeUpImages } from '../../apps/made-up-images';
import { BuildKit } from '../../engines/build-kit';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// Two weeks of an app: each day something changes, or nothing, and the report says of each image why it was built.

/** What a report has of an image. */
interface Reported {
  readonly result: string;
  readonly firstRun?: { readonly line: number; readonly reasons: readonly { readonly text: string }[] };
}

let lab: Lab;
beforeAll(async () => { lab = await Lab.start(); }, 600_000);
afterAll(async () => lab.stop());

test.each([Number(process.env.PLAY_SEED ?? 7)])('the reasons for builds of five images are right on each day (seed %i)', async (seed) => {
  const images = new MadeUpImages(lab, `Weeks${seed}`);
  await images.publishBaseImages();
  const [said, expected]: string[][] = [[], []];
  const build = async (day: number) => {
    for (const [image, { result, firstRun }] of (await reported(images)).entries()) {
      const why = firstRun && `line ${firstRun.line}, ${firstRun.reasons.map(({ text }) => text).join(', and ')}`;
      said.push(`day ${day}, image ${image}: ${why ?? result}`);
      expected.push(`day ${day}, image ${image}: ${images.expected(image)}`);
    }
  };
  await build(0);
  for (const [index, changes] of madeUpDays(seed).entries()) {
    await images.live(changes, index + 1);
    await build(index + 1);
  }
  expect(said).toEqual(expected);
});

/** Builds on a new machine. */
async function reported({ app }: MadeUpImages): Promise<readonly Reported[]> {
  const machine = await BuildKit.fresh({ isInMemory: true });
  try {
    const { log, sourceDirectory } = expectSuccess(await app.build({ buildKit: machine }));
    expect(log).not.toContain('WARNING');
    return JSON.parse(fs.readFileSync(path.join(sourceDirectory, 'image-outputs', 'report.json'), 'utf8')).images;
  } finally {
    await machine.wipe();
  }
}
