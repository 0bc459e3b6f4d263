import { ImageJob } from '../../../runner/image/image-job';
import { ImageResult } from '../../../runner/image/image-result';

/** One build of a step. */
export interface SimulatedBuild {
  /** In milliseconds from the start of the year. */
  readonly time: number;
  readonly results: readonly ImageResult[];
  /** In milliseconds. */
  readonly total: number;
}

/** What can be wrong with a cache, or with builds. */
export type Fault = 'reads are refused' | 'writes are refused' | 'caches are deleted between builds' | 'builds are slow'
  | 'a large file is copied with the source';

export interface SimulatedFault {
  readonly fault: Fault;
  /** In milliseconds from the start of the year. */
  readonly from: number;
  readonly to: number;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

const IMAGES = ['Api', 'Report', 'Worker'];
const REFUSED = 'unexpected status from HEAD request: 403 Forbidden';

/** What a change makes an image do: of ten steps, so many are cached, it takes so many seconds, and so many bytes are new, in the image and in its cache. */
const CHANGES = {
  source: { cached: 9, seconds: 15, bytes: 40_000 },
  dependencies: { cached: 0, seconds: 420, bytes: 300_000_000 },
  base: { cached: 0, seconds: 600, bytes: 600_000_000 },
} as const;
type Change = keyof typeof CHANGES;

/** The builds of a year, week by week: busy ones, quiet ones, holidays, and those in which one dependency after the other is renewed. The same seed gives the same year. */
export function simulatedYear(seed: number, faults: readonly SimulatedFault[] = []): SimulatedBuild[] {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  // A registry that fails for an hour of a working day each month, as it happens to everybody.
  const outages = Array.from({ length: 13 }, (_, month) => (4 * month + below(4)) * WEEK + below(5) * DAY + 8 * HOUR + random() * 9 * HOUR);
  const builds: SimulatedBuild[] = [];
  const cacheIsBehind = new Set<string>();
  for (let week = 0; week < 52; week++) {
    const kind = ['busy', 'busy', 'busy', 'busy', 'quiet', 'dependencies', 'holidays'][below(7)];
    const hasNewBase = week % 4 === 0;
    for (let day = 0; day < 5; day++) {
      const count = { busy: 3 + below(8), quiet: below(2), dependencies: 2 + below(6), holidays: 0 }[kind]!;
      const times = Array.from({ length: count }, () => week * WEEK + day * DAY + 8 * HOUR + random() * 10 * HOUR).sort((one, other) => one - other);
      times.forEach((time, index) => {
        const isFirst = day === 0 && index === 0;
        const changes = Object.fromEntries(IMAGES.map((image): [string, Change | undefined] => {
          const dependencies = kind === 'dependencies' ? random() < 0.5 : random() < 0.05;
          return [image, hasNewBase && isFirst ? 'base' : dependencies ? 'dependencies' : random() < 0.5 ? 'source' : undefined];
        }));
        const active = faults.filter(({ from, to }) => time >= from && time < to).map(({ fault }) => fault);
        const isOutage = outages.some((start) => time >= start && time < start + HOUR);
        builds.push(buildOf(time, changes, active, isOutage, cacheIsBehind));
      });
    }
  }
  return builds;
}

function buildOf(
  time: number, changes: { [image: string]: Change | undefined }, faults: readonly Fault[], isOutage: boolean, cacheIsBehind: Set<string>,
): SimulatedBuild {
  const results = Object.entries(changes).map(([name, change]): ImageResult => {
    const job = { plan: { name } } as ImageJob; // all that metrics look at
    if (!change) return { job, status: 'already there', phases: {} };
    const cannotRead = isOutage || faults.includes('reads are refused');
    const isLost = faults.includes('caches are deleted between builds');
    const { cached, seconds, bytes } = cannotRead || isLost ? CHANGES.base : CHANGES[change];
    // After a change of the source alone nothing is written, unless the last build could not write what it had to.
    const writes = change !== 'source' || isLost || cacheIsBehind.has(name);
    const cannotWrite = writes && faults.includes('writes are refused');
    if (cannotWrite) cacheIsBehind.add(name);
    else if (writes) cacheIsBehind.delete(name);
    return {
      job,
      status: 'built',
      steps: Array.from({ length: 10 }, (_, step) => ({ name: `[${step + 1}/10] RUN ${step}`, isCached: step < cached })),
      pushedBytes: bytes + (faults.includes('a large file is copied with the source') ? 10e9 : 0),
      imports: [{ from: 'cache-a', error: cannotRead ? REFUSED : '' }],
      ...isLost && { lostCache: 'something has deleted it' },
      ...cannotWrite && { cacheFailure: REFUSED },
      ...!writes && { cacheWasComplete: true },
      phases: { build: 1000 * (seconds + (faults.includes('builds are slow') ? 2400 : 0)) },
    };
  });
  return { time, results, total: Math.max(3000, ...results.map(({ phases: { build = 0 } }) => build)) };
}

/** Numbers from 0 to 1 that look like random ones: those of Park and Miller. */
function randomNumbers(seed: number): () => number {
  const prime = 2_147_483_647;
  let state = (seed + 1) * 1_000_003 % prime;
  const next = () => {
    state = state * 48_271 % prime;
    return state / prime;
  };
  next(); // that of a small seed is small
  return next;
}
