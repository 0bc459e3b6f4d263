import { PlainProgress } from '../../runner/solve/plain-progress';
import { stepsOf } from '../../runner/solve/solve-progress';

/** The steps of all builds whose plain progress is in a log: those that a cache had, and those that ran. */
export function countSteps(log: string): { cached: number; run: number } {
  const count = { cached: 0, run: 0 };
  for (const build of log.split(/^(?=#0 building with )/m).slice(1)) { // each build numbers its steps anew
    const progress = new PlainProgress();
    build.split('\n').forEach(line => progress.show(line));
    const steps = stepsOf(progress, true);
    count.cached += steps.filter(step => step.isCached).length;
    count.run += steps.filter(step => !step.isCached).length;
  }
  return count;
}
