import { Link } from './link';
import { Measurement } from './measurement';
import { baseImages } from '../../integ/local/images/base-images';
import { Lab } from '../../integ/local/world/lab';
import { measuredChanges } from '../strategies/measured-changes';
import { Builds, Strategy } from '../strategies/strategy';
import { publishBaseImages } from '../workload/base-image';
import { checkImage } from '../workload/check-image';
import { home } from '../workload/home';
import { publishOwnBase } from '../workload/own-base';
import { Size } from '../workload/size';
import { Change, changes, Workload } from '../workload/workload';

export interface Plan {
  readonly strategies: readonly Strategy[];
  readonly dockerfiles: readonly string[];
  readonly rounds: number;
  readonly size: Size;
  /** Milliseconds each request waits before a registry or S3 answers it. */
  readonly latencyMs: number;
}

/** Builds everything of the plan, and tells each build when it is done. Throws when an image does not hold what it should. */
export async function measure(plan: Plan, link: Link, done: (measurement: Measurement) => void): Promise<void> {
  const buildKit = await baseImages.buildKit(); // pulled by builds whose cache no Docker engine can write
  for (let round = 1; round <= plan.rounds; round++) {
    for (const dockerfile of plan.dockerfiles) {
      const lab = await Lab.start({ account: home.account });
      await publishBaseImages(lab.registry, plan.size);
      if (dockerfile === 'C') await publishOwnBase(lab.registry);
      await buildKit.publish(lab.registry, 'docker.io/moby/buildkit:v0.32.2');
      lab.front.latencyMs = plan.latencyMs;
      try {
        await measureRound(plan, lab, link, dockerfile, round, done);
      } finally {
        await lab.stop(); // with all images and caches in it
      }
    }
  }
}

interface Row {
  readonly strategy: Strategy;
  readonly workload: Workload;
  readonly builds: Builds;
}

async function measureRound(plan: Plan, lab: Lab, link: Link, dockerfile: string, round: number, done: (measurement: Measurement) => void) {
  const rows: Row[] = [];
  try {
    for (const strategy of plan.strategies.filter(({ name }) => measuredChanges(name, dockerfile).length > 0)) {
      const workload = new Workload(dockerfile);
      rows.push({ strategy, workload, builds: await strategy.begin(lab, workload) });
    }
    for (const [i, change] of changes.entries()) {
      // The ways take turns, and each time another one begins, so that a machine that gets slower or faster hurts all alike.
      const having = rows.filter(({ strategy }) => measuredChanges(strategy.name, dockerfile).includes(change));
      for (const row of rotate(having, round + i)) {
        const measured = await measureBuild(row, lab, link, change);
        done({ strategy: row.strategy.name, dockerfile, change, round, ...measured });
      }
    }
  } finally {
    for (const row of rows) await row.builds.end();
  }
}

async function measureBuild({ strategy, workload, builds }: Row, lab: Lab, link: Link, change: Change) {
  workload.change(change);
  const before = await link.bytes();
  try {
    const { image, seconds, cached, run, phases, copies } = await builds.build();
    const after = await link.bytes();
    await checkImage(lab.registry, image, workload.expected);
    return { seconds, cached, run, phases, ...copies && { copies }, down: after.down - before.down, up: after.up - before.up };
  } catch (error) {
    throw new Error(`${strategy.name}, ${change}: ${error instanceof Error ? error.message : error}`);
  }
}

function rotate<T>(list: readonly T[], by: number): T[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
