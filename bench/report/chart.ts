import { ResultRow, Results } from './results';
import { summarize } from './summary';
import { Change } from '../workload/workload';

/** The kinds of change the chart shows, from the usual one to the rare one. */
const groups: ReadonlyArray<readonly [string, readonly Change[]]> = [
  ['The source changed', ['source 1', 'source 2']],
  ['Nothing changed', ['no change']],
  ['A dependency changed', ['dependency']],
  ['The first build', ['cold']],
];

const bar = { height: 14, pitch: 18, left: 236, width: 250, value: 56 };
const panelWidth = bar.width + bar.value;

/** The seconds of the rows that the README shows as bars, a panel for each Dockerfile that all of them build. It reads on light and on dark ground. */
export function chart(results: Results): string {
  const rows = results.rows.filter(({ isShown }) => isShown);
  const cell = (row: ResultRow, dockerfile: string, changes: readonly Change[]) => summarize(results, row, dockerfile, ...changes)?.seconds;
  // What is not there yet, or not for all, leaves no hole.
  const dockerfiles = Object.keys(results.dockerfiles).filter(dockerfile => (
    rows.every(row => groups.every(([, changes]) => cell(row, dockerfile, changes) !== undefined))
  ));
  const panels = dockerfiles.map((dockerfile, i) => ({ dockerfile, x: bar.left + i * panelWidth }));
  const shapes: string[] = panels.map(({ dockerfile, x }) => text(x, 20, 'title', `Dockerfile ${dockerfile}, seconds`));
  let y = 30;
  for (const [title, changes] of groups) {
    y += 22;
    shapes.push(text(8, y, 'group', title));
    y += 8;
    const cells = panels.map(({ dockerfile }) => rows.map(row => cell(row, dockerfile, changes)!));
    const longest = Math.max(...cells.flat());
    rows.forEach(({ title: way, ours }, row) => {
      shapes.push(text(bar.left - 8, y + 11, 'row', way));
      panels.forEach(({ x }, panel) => {
        const seconds = cells[panel][row];
        const width = Math.max(1, seconds / longest * bar.width);
        shapes.push(
          `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${bar.height}" class="${ours ? 'ours' : 'theirs'}"/>`,
          text(x + width + 5, y + 11, 'value', seconds.toFixed(1)),
        );
      });
      y += bar.pitch;
    });
  }
  const width = bar.left + panels.length * panelWidth;
  const height = y + 30;
  shapes.push(text(8, y + 18, 'note', `Medians, ${results.date.slice(0, 10)}. Each group has a scale of its own. More in results.md.`));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Seconds of a build, for each way to build and each kind of change">`,
    style,
    ...shapes,
    '</svg>',
    '',
  ].join('\n');
}

const style = `<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title, .group { font-weight: 600 }
  .row { text-anchor: end }
  .note { font-size: 11px; fill: #59636e }
  .ours { fill: #1a7f37 }
  .theirs { fill: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .ours { fill: #3fb950 }
    .theirs { fill: #656c76 }
  }
</style>`;

function text(x: number, y: number, kind: string, content: string): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x.toFixed(1).replace('.0', '')}" y="${y}" class="${kind}">${escaped}</text>`;
}
