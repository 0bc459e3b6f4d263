import { Results } from './results';
import { Cell, summarize } from './summary';
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
      '',
      'Megabytes down / up, and steps from a cache / run:',
      '',
      ...table(results, dockerfile, ({ down, up, cached, run }) => `${megabytes(down)} / ${megabytes(up)}, ${cached} / ${run}`),
      '',
    ]),
  ].join('\n');
}

function table(results: Results, dockerfile: string, show: (cell: Cell) => string): string[] {
  const rows = results.rows.map(({ name, title }) => {
    const cells = changes.map(change => summarize(results.measurements, name, results.baseline, dockerfile, change));
    return [`${title} (\`${name}\`)`, ...cells.map(cell => cell ? show(cell) : '')];
  });
  return [['', ...changes], ['---', ...changes.map(() => '---:')], ...rows].map(cells => `| ${cells.join(' | ')} |`);
}

function megabytes(bytes: number): string {
  return bytes < 9.95e6 ? (bytes / 1e6).toFixed(2) : (bytes / 1e6).toFixed(0);
}
