import * as fc from 'fast-check';
import { DeliveredApp, RunResult } from './delivered-app';
import { EcrRepository } from './ecr-repository';
import { Bucket } from './layer-stores';

export const DAY = 24 * 60 * 60 * 1000;
const START = Date.parse('2027-01-01T06:00:00Z');
const FIVE_YEARS = 5 * 365;

/** What happens on a day. */
type Event =
  | { readonly kind: 'source' | 'dependencies' | 'again' }
  | { readonly kind: 'quiet'; readonly days: number }
  /** The commits of so many versions are undone, or an execution of that time is deployed once more. */
  | { readonly kind: 'revert' | 'rollback'; readonly back: number }
  | { readonly kind: 'branch'; readonly name: number };

const EVENTS = fc.oneof(
  { weight: 60, arbitrary: fc.constant<Event>({ kind: 'source' }) },
  { weight: 15, arbitrary: fc.constant<Event>({ kind: 'again' }) },
  { weight: 5, arbitrary: fc.constant<Event>({ kind: 'dependencies' }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('branch' as const), name: fc.nat(400) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('revert' as const, 'rollback' as const), back: fc.integer({ min: 1, max: 600 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quiet' as const), days: fc.integer({ min: 2, max: 100 }) }) },
);

export interface Play {
  readonly images: EcrRepository;
  /** Beside the images if it is not given. */
  readonly caches?: EcrRepository | Bucket;
  readonly refreshEvery?: number;
  readonly isTimeless?: boolean;
  /** After how many quiet days a schedule starts the pipeline. */
  readonly runsEvery?: number;
  /** After how many quiet days the source is changed. */
  readonly changesEvery?: number;
  readonly hasRollbacks?: boolean;
  readonly hasBranches?: boolean;
  /** Whether anything is ever changed. */
  readonly hasChanges?: boolean;
}

export interface Played {
  /** How many days there was a stage whose image was gone. */
  readonly daysWithout: number;
  readonly builds: number;
  /** How many branches had builds, with `main`. */
  readonly branches: number;
  /** For each slow build: how many days after the last one of its branch or of `main`. */
  readonly slowAfter: readonly number[];
}

beforeEach(() => {
  jest.useFakeTimers({
    now: START,
    doNotFake: [ // all but the date goes on as ever
      'nextTick', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'hrtime', 'performance',
    ],
  });
});

afterEach(() => { jest.useRealTimers(); });

/** What becomes of an app with two stages in five years of its pipeline. */
export async function play(seed: number, {
  images, caches, refreshEvery, isTimeless, runsEvery, changesEvery, hasRollbacks = true, hasBranches = true, hasChanges = true,
}: Play): Promise<Played> {
  const app = new DeliveredApp(images, caches, isTimeless);
  const events = fc.sample(EVENTS, { seed, numRuns: FIVE_YEARS })[Symbol.iterator]();
  const versions = [{ source: 0, dependencies: 0 }];
  const executions: RunResult[] = [];
  const stages: { [name: string]: RunResult } = {};
  const lastBuild = new Map<string, number>();
  const slowAfter: number[] = [];
  let daysWithout = 0;
  let builds = 0;
  let commits = 0;
  let changes = 0;
  let quietUntil = 0;
  let lastRun = 0;

  const run = async (day: number, version: { source: number; dependencies: number }, scope: string) => {
    const refreshPeriod = refreshEvery === undefined ? undefined : Math.floor(Date.now() / (refreshEvery * DAY));
    const result = await app.run({ ...version, refreshPeriod, scope, additionalTags: ['latest', `commit-${commits++}`] });
    if (result.isBuilt) {
      builds++;
      if (result.isSlow) slowAfter.push(day - Math.max(lastBuild.get(scope) ?? 0, lastBuild.get('main') ?? 0));
      lastBuild.set(scope, day);
    }
    return result;
  };
  const deploy = async (day: number) => {
    const result = await run(day, versions.at(-1)!, 'main');
    executions.push(result);
    stages.Test = result;
    if (day % 3 === 0) stages.Prod = result; // approved now and then
    lastRun = day;
  };

  for (let day = 0; day < FIVE_YEARS; day++) {
    jest.setSystemTime(START + day * DAY + 3_600_000);
    if (changesEvery !== undefined && day - lastRun >= changesEvery) versions.push({ ...versions.at(-1)!, source: ++changes });
    if (day - lastRun >= (runsEvery ?? changesEvery ?? Infinity)) await deploy(day);
    if (day >= quietUntil) {
      const event: Event = hasChanges ? events.next().value! : { kind: 'again' };
      if (event.kind === 'quiet') {
        quietUntil = day + event.days;
      } else if (event.kind === 'branch') {
        if (hasBranches) await run(day, { source: ++changes, dependencies: versions.at(-1)!.dependencies }, `branch-${event.name}`);
      } else if (event.kind === 'rollback' && hasRollbacks) {
        stages.Prod = executions.at(-event.back) ?? executions[0] ?? stages.Prod;
      } else {
        const { dependencies } = versions.at(-1)!;
        if (event.kind === 'source') versions.push({ source: ++changes, dependencies });
        if (event.kind === 'dependencies') versions.push({ source: ++changes, dependencies: ++changes });
        if (event.kind === 'revert') versions.push(versions.at(-event.back) ?? versions[0]);
        await deploy(day);
      }
    }
    jest.setSystemTime(START + day * DAY + 18 * 3_600_000);
    images.evaluate();
    caches?.evaluate();
    if (Object.values(stages).some(({ tag, digest }) => images.digestAt(tag) !== digest)) daysWithout++;
  }
  expect(app.warnings).toEqual([]);
  return { daysWithout, builds, branches: lastBuild.size, slowAfter };
}
