import { megabytes } from './megabytes';
import { Results } from './results';
import { Cell, summarize } from './summary';
import { leftOut } from '../strategies/measured-changes';
import { changes } from '../workload/workload';

/** The results as a page: what was measured, a table of times and one of bytes for each Dockerfile. */
export function markdown(results: Results): string {
  const { date, command, machine, link, rounds, size, versions } = results;
  const measured = Object.keys(results.dockerfiles).filter(name => results.measurements.some(one => one.dockerfile === name));
  return [
    '# Benchmark',
    '',
    `\`${command}\`, ${date}`,
    '',
    `- ${machine}`,
    `- ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`,
    `- ${link}`,
    `- ${size}`,
    `- ${rounds === 1 ? 'One round' : `Medians of ${rounds} rounds`}; the rows took turns, so a slow moment of the machine hit all of them. Ratios are to \`${results.baseline}\` of the same round.`,
    '- A build counts from the first command of its step to the last one, a builder that it starts included. Each has a new machine with a new',
    '  Docker engine as CodeBuild starts it (classic image store), except with `persistent`, whose BuildKit lives on beside the builds.',
    ...results.measurements.length < results.builds ? [`- The run was stopped after ${results.measurements.length} of ${results.builds} builds; what is empty was not measured.`] : [],
    '- After each build the image was read from the registry: it held the new source and the right dependencies, or the run had failed.',
    '- `no change` is a run of the pipeline for a commit that touches no file of the image.',
    '- The build of an asset is `docker build`, `docker tag` and `docker push` as `cdk-assets` starts them; its own start and installation are not in it.',
    '',
    'What is not measured, and why:',
    '',
    ...leftOut.map(reason => `- ${reason}`),
    '',
    ...measured.flatMap(dockerfile => [
      `## Dockerfile ${dockerfile}`,
      '',
      '```dockerfile',
      results.dockerfiles[dockerfile].trimEnd(),
      '```',
      '',
      'Seconds, and in brackets the ratio to no cache:',
      '',
      ...table(results, dockerfile, ({ seconds, ratio }) => `${seconds.toFixed(1)}${ratio === undefined ? '' : ` (${ratio.toFixed(2)})`}`),
      ...links(results, dockerfile),
      '',
      'Megabytes down / up, and steps from a cache / run:',
      '',
      ...table(results, dockerfile, ({ down, up, cached, run }) => `${megabytes(down)} / ${megabytes(up)}, ${cached} / ${run}`),
      '',
    ]),
  ].join('\n');
}

function table(results: Results, dockerfile: string, show: (cell: Cell) => string): string[] {
  const built = results.rows.filter(({ name }) => results.measurements.some(one => one.strategy === name && one.dockerfile === dockerfile));
  const rows = built.map(row => {
    const cells = changes.map(change => summarize(results, row, dockerfile, change));
    return [`${row.title} (\`${row.name}\`)`, ...cells.map(cell => cell ? emphasized(cell, show(cell)) : '')];
  });
  return [['', ...changes], ['---', ...changes.map(() => '---:')], ...rows].map(cells => `| ${cells.join(' | ')} |`);
}

/** A figure that is that of the first build is in italics. */
function emphasized({ isFirst }: Cell, text: string): string {
  return isFirst ? `*${text}*` : text;
}

/** What the reports say of copies in builds for a change of the source, the same for all of them or not. */
function links({ rows, measurements }: Results, dockerfile: string): string[] {
  const said = rows.flatMap(({ name }) => {
    const own = measurements.filter(one => one.strategy === name && one.dockerfile === dockerfile && one.change.startsWith('source') && one.copies);
    return own.length === 0 ? [] : [`\`${name}\`: ${[...new Set(own.map(({ copies }) => copies))].join('; ')}`];
  });
  return said.length === 0 ? [] : ['', `Copies, as the reports of source changes say it: ${said.join('. ')}.`];
}
