import * as fc from 'fast-check';
import { ManyImagesApp } from './many-images-app';
import { baseImages } from '../images/base-images';
import { Lab } from '../world/lab';

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

/** What changes on a day: both base images, and each of the images. */
interface Day {
  readonly bases: readonly Base[];
  readonly images: readonly (readonly OwnChange[])[];
}

/** Two weeks. The same seed makes the same changes. */
export function madeUpDays(seed: number): Day[] {
  const some = <Name>(chances: readonly (readonly [name: Name, percent: number])[]) => fc.tuple(...chances.map(([name, percent]) => (
    fc.noBias(fc.integer({ min: 1, max: 100 })).map((number) => (number <= percent ? [name] : []))))).map((found) => found.flat());
  const image = some<OwnChange>([['source', 50], ['requirements', 15], ['dockerfile', 10], ['argument', 10]]);
  const day = fc.record({ bases: some<Base>([['alpha', 15], ['beta', 15]]), images: fc.array(image, { minLength: COUNT, maxLength: COUNT }) });
  return fc.sample(day, { seed, numRuns: DAYS });
}

/** Five images that change from day to day, and what the report has to say of each. */
export class MadeUpImages {
  public readonly app: ManyImagesApp;
  private readonly revisions = Array<number>(COUNT).fill(0);
  private readonly versions = Array<number>(COUNT).fill(0);
  /** Since it was built last; undefined before the first time. */
  private readonly changes = Array<Set<Change> | undefined>(COUNT).fill(undefined);

  public constructor(private readonly lab: Lab, name: string) {
    this.app = new ManyImagesApp(lab, { name, count: COUNT, dockerfile: '', imageProps: (image) => (usesVersion(image) ? { buildArgs: { VERSION: `${this.versions[image]}` } } : {}) });
    this.revisions.forEach((_, image) => (['requirements', 'dockerfile'] as const).forEach((what) => this.change(image, what, 0)));
  }

  /** What they are built on in the beginning. */
  public async publishBaseImages(): Promise<void> {
    await Promise.all([this.renew('alpha', 0), this.renew('beta', 0)]);
  }

  public async live({ bases, images }: Day, day: number): Promise<void> {
    for (const base of bases) await this.renew(base, day);
    images.forEach((own, image) => {
      const possible = own.filter((what) => what !== 'argument' || usesVersion(image));
      possible.forEach((what) => this.change(image, what, day));
      [...bases, ...possible].forEach((what) => this.changes[image]?.add(what));
    });
  }

  /** What the report of the next build says of an image: whether it is built, the line of the first step that has to run, and why. */
  public expected(image: number): string {
    const changes = this.changes[image];
    this.changes[image] ??= new Set();
    const steps = stepsOf(image, this.revisions[image]);
    if (!changes) return `line ${steps.findIndex((step) => step.changes) + 1}, nothing was in the cache yet`;
    if ([...changes].every((change) => change === 'alpha' || change === 'beta')) return 'already there';
    const index = steps.findIndex((step) => step.changes?.some((change) => changes.has(change)));
    const found = steps[index].changes!.filter((change) => changes.has(change));
    changes.clear();
    const counting = found.includes('dockerfile') ? ['dockerfile' as const] : found; // another instruction is reason enough
    return `line ${index + 1}, ${counting.map((change) => textOf(change, index + 1)).join(', and ')}`;
  }

  private change(image: number, what: OwnChange, day: number): void {
    if (what === 'source') this.app.changeSource(image, `day ${day}`);
    if (what === 'requirements') this.app.write(image, 'requirements.txt', `of day ${day}\n`);
    if (what === 'argument') this.versions[image] = day;
    if (what === 'dockerfile') this.revisions[image] = day;
    this.app.write(image, 'Dockerfile', stepsOf(image, this.revisions[image]).map(({ text }) => `${text}\n`).join(''));
  }

  private async renew(base: Base, day: number): Promise<void> {
    await (await baseImages.renewedBusybox(`${base} ${day}`)).publish(this.lab.registry, `docker.io/library/${base}:stable`);
  }
}

function usesVersion(image: number): boolean {
  return stepsOf(image, 0).some(({ text }) => text === 'ARG VERSION');
}
