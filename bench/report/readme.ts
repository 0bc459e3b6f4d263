import { megabytes } from './megabytes';
import { ResultRow, Results } from './results';
import { summarize } from './summary';
import { Change } from '../workload/workload';

const begin = '<!-- what npm run bench writes begins here -->';
const end = '<!-- and ends here -->';

const columns: ReadonlyArray<readonly [string, readonly Change[]]> = [
  ['no change', ['no change']],
  ['source changed', ['source 1', 'source 2']],
  ['dependency changed', ['dependency']],
  ['first build', ['cold']],
];

/** Puts the figures of a whole run where the README has those of the last one. */
export function withFigures(readme: string, results: Results): string {
  const [before, after] = [readme.indexOf(begin), readme.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`the README has no place for figures, between ${begin} and ${end}`);
  return [readme.slice(0, before) + begin, figures(results), readme.slice(after)].join('\n');
}

/** Whether every build of the run is there. */
export function isWhole({ measurements, builds }: Results): boolean {
  return measurements.length === builds;
}

function figures(results: Results): string {
  const rows = results.rows.filter(({ isShown }) => isShown);
  const seconds = (row: ResultRow, dockerfile: string, changes: readonly Change[]) => {
    const cell = summarize(results, row, dockerfile, ...changes);
    return cell === undefined ? '' : `${cell.seconds.toFixed(1)}${cell.ratio === undefined ? '' : ` (${cell.ratio.toFixed(2)})`}`;
  };
  const bytes = (row: ResultRow) => {
    const cell = summarize(results, row, 'A', 'source 1', 'source 2');
    return cell === undefined ? '' : `${megabytes(cell.down)} / ${megabytes(cell.up)}`;
  };
  const table = [
    ['', ...columns.map(([title]) => title), 'MB down / up for a source change'],
    ['---', ...columns.map(() => '---:'), '---:'],
    ...rows.map(row => [row.title, ...columns.map(([, changes]) => seconds(row, 'A', changes)), bytes(row)]),
  ];
  const ours = rows.filter(row => row.ours).flatMap(row => Object.keys(results.dockerfiles).map(dockerfile => `${dockerfile} ${seconds(row, dockerfile, columns[1][1])}`));
  const { date, command, rounds, versions } = results;
  return [
    '',
    '![Seconds of four ways to build an image, for each kind of change](bench/results.svg)',
    '',
    'Seconds from the first command of a build to its end, and the ratio to no cache (Dockerfile A: one stage):',
    '',
    ...table.map(cells => `| ${cells.join(' | ')} |`),
    '',
    `A source change of the three Dockerfiles with this library: ${ours.join(', ')} (B has two stages; of the base image and the \`RUN\` of C nothing is known).`,
    '',
    `Medians of ${rounds === 1 ? 'one round' : `${rounds} rounds`}, \`${command}\`, ${date.slice(0, 10)}, ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}.`,
    'All rows, and what was measured how: [results](bench/results.md).',
    '',
  ].join('\n');
}
