import { chart } from '../../../bench/report/chart';
import { markdown } from '../../../bench/report/markdown';
import { Results } from '../../../bench/report/results';

const measurement = { dockerfile: 'A', change: 'source 1', round: 1, down: 308_700_000, up: 31_234, cached: 3, run: 1, phases: '' } as const;

const results: Results = {
  date: '2026-01-02T03:04:05Z',
  command: 'npm run bench',
  machine: '2 processors',
  versions: { BuildKit: '0.32.2' },
  link: '500 Mbit/s',
  size: '300 MB',
  rounds: 1,
  builds: 2,
  rows: [{ name: 'none', title: 'no cache', ours: false }, { name: 'linked', title: 'linked <copies> & more', ours: true }],
  baseline: 'none',
  dockerfiles: { A: 'FROM scratch\n' },
  measurements: [{ ...measurement, strategy: 'none', seconds: 40 }, { ...measurement, strategy: 'linked', seconds: 2 }],
};

test('the page says what ran when and on what, and has a row for each way', () => {
  const page = markdown(results);
  for (const said of ['`npm run bench`, 2026-01-02T03:04:05Z', '2 processors', 'BuildKit 0.32.2', '500 Mbit/s', '300 MB', 'One round']) expect(page).toContain(said);
  expect(page).toContain('| linked <copies> & more (`linked`) |  |  | 2.0 (0.05) |  |  |  |');
  expect(page).toContain('| linked <copies> & more (`linked`) |  |  | 309 / 0.03, 3 / 1 |  |  |  |');
});

test('the page says of a run that was stopped how far it came, and of no other', () => {
  expect(markdown({ ...results, builds: 3 })).toContain('- The run was stopped after 2 of 3 builds');
  expect(markdown(results)).not.toContain('stopped');
});

test('the chart has a bar for each figure, in proportion, with its value beside it', () => {
  const drawn = chart(results);
  const bars = [...drawn.matchAll(/<rect [^>]*width="([\d.]+)"[^>]*class="(\w+)"/g)].map(([, width, kind]) => [Number(width), kind]);
  expect(bars).toEqual([[250, 'theirs'], [12.5, 'ours']]);
  expect(drawn).toContain('>2.0<');
  expect(drawn).toContain('linked &lt;copies> &amp; more');
});
