import * as fs from 'fs';
import * as path from 'path';
import * as fc from 'fast-check';
import { ManyImagesApp } from '../../apps/many-images-app';
import { BuildKit } from '../../engines/build-kit';
import { baseImages } from '../../images/base-images';
import { expectSuccess } from '../../machine/code-build';
import { Lab } from '../../world/lab';

// Two weeks of an app: each day something changes, or nothing, and the report says of each image why it was built.

const DAYS = 14;
const COUNT = 5;

/** What can change. A new base image makes no new tag, so an image notices it when it is built the next time. */
type Change = OwnChange | Base;
type OwnChange = 'source' | 'requirements' | 'dockerfile' | 'argument';
type Base = 'alpha' | 'beta';

/** A step of a Dockerfile, and what makes it run by itself. */
interface Step {
  readonly text: string;
  readonly changes?: readonly Change[];
}

const from = (base: Base, name = ''): Step => ({ text: `FROM docker.io/library/${base}:stable${name}` });

/** Of each image others: of a step that two have, the one that is built first may run it for both. */
function stepsOf(image: number, revision: number): Step[] {
  switch (image) {
    case 2: return [
      from('alpha', ' AS builder'),
      { text: 'ARG VERSION' },
      { text: 'COPY requirements.txt /build/', changes: ['requirements', 'alpha'] },
      { text: `RUN mkdir /made && cp /build/requirements.txt /made/ && echo "$VERSION" ${revision} > /made/version`, changes: ['dockerfile', 'argument'] },
      from('beta'),
      { text: 'COPY --from=builder /made /made', changes: ['beta'] },
      { text: 'COPY src /app', changes: ['source'] },
    ];
    case 3: return [
      from('beta'),
      { text: `RUN echo ${revision} > /revision`, changes: ['beta', 'dockerfile'] },
      { text: 'WORKDIR /app' },
      { text: 'COPY requirements.txt ./', changes: ['requirements'] },
      { text: 'RUN cp requirements.txt installed' },
      { text: 'COPY src ./src', changes: ['source'] },
    ];
    case 4: return [
      from('beta'),
      { text: 'ARG VERSION' },
      { text: 'COPY requirements.txt /build/', changes: ['requirements', 'beta'] },
      { text: `RUN echo "$VERSION" ${revision} > /build/version`, changes: ['dockerfile', 'argument'] },
      { text: 'COPY src /build/src', changes: ['source'] },
      { text: 'RUN cat /build/src/app.py > /build/out' },
    ];
    default: return [
      from('alpha'),
      { text: `WORKDIR /app${image}`, changes: ['alpha'] },
      { text: 'COPY requirements.txt ./', changes: ['requirements'] },
      { text: `RUN cp requirements.txt installed && echo ${revision} > revision`, changes: ['dockerfile'] },
      { text: 'COPY src ./src', changes: ['source'] },
    ];
  }
}

/** What the report says of a change. */
function textOf(change: Change, line: number): string {
  switch (change) {
    case 'source': return '`src/app.py` changed';
    case 'requirements': return '`requirements.txt` changed';
    case 'dockerfile': return `the Dockerfile changed (line ${line})`;
    case 'argument': return 'the build argument VERSION changed';
    default: return `the base image docker.io/library/${change}:stable is another one`;
  }
}

/** What changes on each day: of both base images, and of each image. The same seed makes the same changes. */
function madeUpChanges(seed: number): { readonly bases: readonly Base[]; readonly images: readonly (readonly OwnChange[])[] }[] {
  const some = <Name>(chances: readonly (readonly [name: Name, percent: number])[]) => fc.tuple(...chances.map(([name, percent]) => (
    fc.noBias(fc.integer({ min: 1, max: 100 })).map((number) => (number <= percent ? [name] : []))))).map((found) => found.flat());
  const image = some<OwnChange>([['source', 50], ['requirements', 15], ['dockerfile', 10], ['argument', 10]]);
  const day = fc.record({ bases: some<Base>([['alpha', 15], ['beta', 15]]), images: fc.array(image, { minLength: COUNT, maxLength: COUNT }) });
  return fc.sample(day, { seed, numRuns: DAYS });
}

let lab: Lab;
beforeAll(async () => { lab = await Lab.start(); }, 600_000);
afterAll(async () => lab.stop());

test.each([Number(process.env.PLAY_SEED ?? 7)])('the reasons for builds of five images are right on each day (seed %i)', async (seed) => {
  const [revisions, versions] = [Array<number>(COUNT).fill(0), Array<number>(COUNT).fill(0)];
  const usesVersion = (image: number) => stepsOf(image, 0).some(({ text }) => text === 'ARG VERSION');
  const app = new ManyImagesApp(lab, {
    name: `Weeks${seed}`, count: COUNT, dockerfile: '', imageProps: (image) => (usesVersion(image) ? { buildArgs: { VERSION: `${versions[image]}` } } : {}),
  });
  const renew = async (base: Base, day: number) => (await baseImages.renewedBusybox(`${base} ${day}`)).publish(lab.registry, `docker.io/library/${base}:stable`);
  const change = (image: number, what: OwnChange, day: number) => {
    if (what === 'source') app.changeSource(image, `day ${day}`);
    if (what === 'requirements') app.write(image, 'requirements.txt', `of day ${day}\n`);
    if (what === 'argument') versions[image] = day;
    if (what === 'dockerfile') revisions[image] = day;
    app.write(image, 'Dockerfile', stepsOf(image, revisions[image]).map(({ text }) => `${text}\n`).join(''));
  };
  const images = revisions.map((_, image) => image);
  await Promise.all([renew('alpha', 0), renew('beta', 0)]);
  images.forEach((image) => (['requirements', 'dockerfile'] as const).forEach((what) => change(image, what, 0)));
  const pending = images.map(() => new Set<Change>());
  const [said, wanted]: string[][] = [[], []];
  for (const [day, { bases, images: own }] of [{ bases: [], images: images.map(() => []) }, ...madeUpChanges(seed)].entries()) {
    for (const base of bases) await renew(base, day);
    pending.forEach((changes, image) => {
      const possible = own[image].filter((what) => what !== 'argument' || usesVersion(image));
      possible.forEach((what) => change(image, what, day));
      [...bases, ...possible].forEach((what) => changes.add(what));
    });
    const report = await reportOf(app);
    for (const [image, { result, firstRun }] of report.images.entries()) {
      said.push(`day ${day}, image ${image}: ${result === 'built' ? `line ${firstRun.line}, ${firstRun.reasons.map(({ text }: { text: string }) => text).join(', and ')}` : result}`);
      wanted.push(`day ${day}, image ${image}: ${day === 0 ? `line ${stepsOf(image, 0).findIndex(({ changes }) => changes) + 1}, nothing was in the cache yet` : expected(image, revisions[image], pending[image])}`);
      if (result === 'built') pending[image].clear();
    }
  }
  expect(said).toEqual(wanted);
});

/** Of the first step that has to run: its line and its reasons. */
function expected(image: number, revision: number, changes: ReadonlySet<Change>): string {
  if ([...changes].every((change) => change === 'alpha' || change === 'beta')) return 'already there';
  const steps = stepsOf(image, revision);
  const index = steps.findIndex(({ changes: own = [] }) => own.some((change) => changes.has(change)));
  const found = steps[index].changes!.filter((change) => changes.has(change));
  const counting = found.includes('dockerfile') ? ['dockerfile' as const] : found; // another instruction is reason enough
  return `line ${index + 1}, ${counting.map((change) => textOf(change, index + 1)).join(', and ')}`;
}

async function reportOf(app: ManyImagesApp): Promise<any> {
  const machine = await BuildKit.fresh({ isInMemory: true });
  try {
    const { log, sourceDirectory } = expectSuccess(await app.build({ buildKit: machine }));
    expect(log).not.toContain('WARNING');
    return JSON.parse(fs.readFileSync(path.join(sourceDirectory, 'image-outputs', 'report.json'), 'utf8'));
  } finally {
    await machine.wipe();
  }
}
