import { ResultRow, Results } from './results';
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
  /** Whether the first build stands for one that was not measured. */
  readonly isFirst?: boolean;
}

/** The medians of a row's builds for one Dockerfile and one kind of change, or one of several. */
export function summarize(results: Pick<Results, 'measurements' | 'baseline'>, row: ResultRow, dockerfile: string, ...changes: Change[]): Cell | undefined {
  const builds = results.measurements.filter(one => one.dockerfile === dockerfile);
  const of = (name: string) => builds.filter(one => one.strategy === name);
  const measured = of(row.name).filter(one => changes.includes(one.change));
  const isFirst = measured.length === 0 && row.forgets === true;
  const own = isFirst ? of(row.name).filter(one => one.change === 'cold') : measured;
  if (own.length === 0) return undefined;
  // Each build of that row does the same, so all of its round count.
  const ratios = own.flatMap(one => {
    const others = of(results.baseline).filter(other => other.round === one.round);
    return others.length === 0 ? [] : [one.seconds / median(others.map(other => other.seconds))];
  });
  const middle = (figure: (one: Measurement) => number) => median(own.map(figure));
  return {
    seconds: middle(one => one.seconds),
    ratio: ratios.length > 0 ? median(ratios) : undefined,
    down: middle(one => one.down),
    up: middle(one => one.up),
    cached: middle(one => one.cached),
    run: middle(one => one.run),
    ...isFirst && { isFirst },
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
