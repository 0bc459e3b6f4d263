import { imagesPage, ImagesResults } from '../../../bench/report/images-page';

const run = { build: 'first build', way: 'two steps', round: 1, seconds: [30, 61], down: 2_500_000, up: 400_000_000 };
const results: ImagesResults = {
  date: '2026-01-02T03:04:05Z', command: 'npm run bench:images', machine: '2 processors', versions: { BuildKit: '0.32.2' }, size: '65 MB', rounds: 1, all: 1, runs: [run],
};

test('the page has the machines, the minutes that they are paid for, and what they moved', () => {
  expect(imagesPage(results)).toContain('| first build | two steps | 2 | 3 | 61.0 | 91.0 | 2.50 | 400 |');
  expect(imagesPage(results)).not.toContain('stopped');
});

test('the page has the medians of all rounds', () => {
  const page = imagesPage({ ...results, rounds: 2, all: 2, runs: [run, { ...run, round: 2, seconds: [40, 51], up: 500_000_000 }] });
  expect(page).toContain('Medians of 2 rounds');
  expect(page).toContain('| first build | two steps | 2 | 2.5 | 56.0 | 91.0 | 2.50 | 450 |');
});

test('the page says how far a run came that was stopped', () => {
  expect(imagesPage({ ...results, all: 16 })).toContain('stopped after 1 of 16');
});
