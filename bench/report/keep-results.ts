import * as fs from 'fs';
import * as path from 'path';
import { chart } from './chart';
import { markdown } from './markdown';
import { isWhole, withFigures } from './readme';
import { Results } from './results';

/** Writes `results.json`, `.md` and `.svg` in `bench/`, and when the run is whole, what the README shows of them. */
export function keepResults(results: Results): void {
  const write = (extension: string, content: string) => fs.writeFileSync(path.join(__dirname, '..', `results.${extension}`), content);
  write('json', `${JSON.stringify(results, undefined, 2)}\n`);
  write('md', markdown(results));
  write('svg', chart(results));
  if (!isWhole(results)) return;
  const readme = path.join(__dirname, '../../README.md');
  fs.writeFileSync(readme, withFigures(fs.readFileSync(readme, 'utf8'), results));
}
