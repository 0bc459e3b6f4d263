import { PublicShape } from './public-shapes';

/** A shape, and what the report of its build says of the copies. */
export interface CoveredShape extends PublicShape {
  readonly copies: string;
}

/** How many of the trailing copies are linked, and why the others are not, for the documentation. */
export function coverageReport(shapes: readonly CoveredShape[]): { readonly text: string; readonly total: number; readonly linked: number } {
  const rows = shapes.map(shape => {
    const lines = linkedLines(shape.copies);
    return { ...shape, linked: shape.trailing.filter(line => lines.includes(line)).length };
  });
  const sum = (count: (row: typeof rows[number]) => number) => rows.reduce((all, row) => all + count(row), 0);
  const [total, linked] = [sum(({ trailing }) => trailing.length), sum(row => row.linked)];
  const left = rows.filter(row => row.linked < row.trailing.length);
  const text = [
    '# How many copies are linked',
    '',
    '<!-- Written by integ/local/tests/linked-copies/coverage.test.ts with PLAY_RECORD=1. -->',
    '',
    `${rows.length} public Dockerfiles end with ${total} copies after their last \`RUN\`. In a source change, ${linked} of these are linked: ${(100 * linked / total).toFixed(1)} %.`,
    'Each was described in a line of `integ/local/apps/linked-copies/public-shapes.txt`, and a Dockerfile of that shape was built over a stand-in with the owners, modes and links',
    'of its base image, once as it is written and once by this library. The images are the same.',
    '',
    'These are not linked:',
    '',
    '| Dockerfile | copies | why |',
    '| --- | --- | --- |',
    ...left.map(({ project, trailing, linked: count, copies }) => `| ${project} | ${trailing.length - count} of ${trailing.length} | ${reasonOf(copies)} |`),
    '',
  ].join('\n');
  return { text, total, linked };
}

/** `linked: 2 (lines 4, 5)` names lines; anything else, none. */
function linkedLines(copies: string): number[] {
  const [, lines] = /^linked: \d+ \(lines? ([^)]*)\)/.exec(copies) ?? [];
  return lines?.split(', ').map(Number) ?? [];
}

function reasonOf(copies: string): string {
  return copies.replace(/^as written: /, '').replace(/^linked: \d+ \([^)]*\)[,;]? */, '').replace(/\|/g, '\\|');
}
