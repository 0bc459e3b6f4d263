import { Measurement } from '../measuring/measurement';
import { Change } from '../workload/workload';

/** What all rounds of one cell of the table come to. */
export interface Cell {
  readonly seconds: number;
  /** The median of the ratios to the row without a cache, each taken within one round; undefined when that row was not measured. */
  readonly ratio?: number;
  readonly down: number;
  readonly up: number;
  readonly cached: number;
  readonly run: number;
}

/** The medians of a row's builds for one Dockerfile and one kind of change, or one of several. */
export function summarize(
  all: readonly Measurement[], strategy: string, baseline: string, dockerfile: string, ...changes: Change[]
): Cell | undefined {
  const builds = all.filter(one => one.dockerfile === dockerfile && changes.includes(one.change));
  const own = builds.filter(one => one.strategy === strategy);
  if (own.length === 0) return undefined;
  const ratios = own.flatMap(one => builds
    .filter(other => other.strategy === baseline && other.round === one.round && other.change === one.change)
    .map(other => one.seconds / other.seconds));
  return {
    seconds: median(own.map(one => one.seconds)),
    ratio: ratios.length > 0 ? median(ratios) : undefined,
    down: median(own.map(one => one.down)),
    up: median(own.map(one => one.up)),
    cached: median(own.map(one => one.cached)),
    run: median(own.map(one => one.run)),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
