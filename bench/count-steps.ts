import * as path from 'path';
import { execute } from '../integ/local/world/execute';

const summary = path.join(__dirname, '..', 'buildspec', 'summary.jq');

/** The steps of all builds whose plain progress is in a log: those that a cache had, and those that ran. */
export async function countSteps(log: string): Promise<{ cached: number; run: number }> {
  const count = { cached: 0, run: 0 };
  for (const build of log.split(/^(?=#0 building with )/m).slice(1)) { // each build numbers its steps anew
    const { steps }: { steps: Array<{ cached: boolean }> } = JSON.parse(await execute('jq', ['-nRf', summary], { input: build }));
    count.cached += steps.filter(step => step.cached).length;
    count.run += steps.filter(step => !step.cached).length;
  }
  return count;
}
