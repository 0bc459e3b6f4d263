import * as fs from 'fs';
import * as path from 'path';
import { chart } from './chart';
import { markdown } from './markdown';
import { Results } from './results';

/** Writes the results where the README shows them: `results.json`, `.md` and `.svg` in `bench/`. */
export function keepResults(results: Results): void {
  const write = (extension: string, content: string) => fs.writeFileSync(path.join(__dirname, '..', `results.${extension}`), content);
  write('json', `${JSON.stringify(results, undefined, 2)}\n`);
  write('md', markdown(results));
  write('svg', chart(results));
}
