import * as fs from 'fs';
import * as path from 'path';
import { chart } from '../../../bench/report/chart';
import { markdown } from '../../../bench/report/markdown';
import { isWhole, withFigures } from '../../../bench/report/readme';
import { Results } from '../../../bench/report/results';
import { changes } from '../../../bench/workload/workload';

const measurement = { dockerfile: 'A', round: 1, down: 308_700_000, up: 31_234, cached: 3, run: 1, phases: '' } as const;
const linked = changes.map(change => ({ ...measurement, change, strategy: 'linked', seconds: 2, copies: 'linked: 1 (line 5)' }));

const results: Results = {
  date: '2026-01-02T03:04:05Z',
  command: 'npm run bench',
  machine: '2 processors',
  versions: { BuildKit: '0.32.2' },
  link: '500 Mbit/s',
  size: '300 MB',
  rounds: 1,
  builds: 6,
  rows: [
    { name: 'none', title: 'no cache', ours: false, forgets: true, isShown: true },
    { name: 'other', title: 'another way', ours: false },
    { name: 'linked', title: 'linked <copies> & more', ours: true, isShown: true },
  ],
  baseline: 'none',
  dockerfiles: { A: 'FROM scratch\n', B: 'FROM scratch AS b\n' },
  measurements: [{ ...measurement, change: 'cold', strategy: 'none', seconds: 40 }, ...linked],
};

const bars = (drawn: string) => [...drawn.matchAll(/<rect [^>]*width="([\d.]+)"[^>]*class="(\w+)"/g)].map(([, width, kind]) => [Number(width), kind]);

test('the page says what ran when and on what, and has a row for each way that builds the Dockerfile', () => {
  const page = markdown(results);
  for (const said of ['`npm run bench`, 2026-01-02T03:04:05Z', '2 processors', 'BuildKit 0.32.2', '500 Mbit/s', '300 MB', 'One round']) expect(page).toContain(said);
  expect(page).toContain('| no cache (`none`) | 40.0 (1.00) | *40.0 (1.00)* | *40.0 (1.00)* | *40.0 (1.00)* | *40.0 (1.00)* |');
  expect(page).toContain('| linked <copies> & more (`linked`) | 2.0 (0.05) | 2.0 (0.05) | 2.0 (0.05) | 2.0 (0.05) | 2.0 (0.05) |');
  expect(page).toContain('309 / 0.03, 3 / 1');
  expect(page).toContain('`linked`: linked: 1 (line 5)');
  expect(page).not.toContain('another way');
  expect(page).not.toContain('## Dockerfile B');
});

test('the page says of a run that was stopped how far it came, and of no other', () => {
  expect(markdown({ ...results, builds: 9 })).toContain('- The run was stopped after 6 of 9 builds');
  expect(markdown(results)).not.toContain('stopped');
});

test('the chart has a bar for each figure that the README shows, in proportion, with its value beside it', () => {
  const drawn = chart(results);
  expect(bars(drawn)).toEqual([0, 1, 2, 3].flatMap(() => [[250, 'theirs'], [12.5, 'ours']]));
  expect(drawn).toContain('>2.0<');
  expect(drawn).toContain('linked &lt;copies> &amp; more');
});

test('the chart has no holes: a Dockerfile that lacks a figure is not in it', () => {
  expect(bars(chart({ ...results, measurements: results.measurements.filter(({ change }) => change !== 'dependency') }))).toEqual([]);
});

test('the README gets the rows that it shows, between its marks, and what is around them stays', () => {
  const readme = fs.readFileSync(path.join(__dirname, '../../../README.md'), 'utf8');
  const written = withFigures(readme, results);
  expect(written).toContain('| no cache | 40.0 (1.00) | 40.0 (1.00) | 40.0 (1.00) | 40.0 (1.00) | 309 / 0.03 |\n| linked <copies> & more | 2.0 (0.05) |');
  expect(written).toContain('A 2.0 (0.05)');
  expect(written.split('<!--')[0]).toBe(readme.split('<!--')[0]);
  expect(written.split('-->').at(-1)).toBe(readme.split('-->').at(-1));
  expect(withFigures(written, results)).toBe(written);
  expect(() => withFigures('# no place', results)).toThrow('the README has no place for figures');
});

test('a run is whole when every build is there', () => {
  expect(isWhole(results)).toBe(true);
  expect(isWhole({ ...results, builds: 7 })).toBe(false);
});
