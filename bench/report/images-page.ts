import { megabytes } from './megabytes';
import { median } from './summary';

/** One run of the pipeline in one way. */
export interface ImagesRun {
  readonly build: string;
  readonly way: string;
  readonly round: number;
  /** Of each machine that was started. */
  readonly seconds: readonly number[];
  readonly down: number;
  readonly up: number;
}

export interface ImagesResults {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly versions: { readonly [program: string]: string };
  readonly size: string;
  readonly rounds: number;
  /** What there is to be; with fewer, the run was stopped. */
  readonly all: number;
  readonly runs: readonly ImagesRun[];
}

/** Many images in one step, as a page: the machines, their time, and what they moved. */
export function imagesPage({ date, command, machine, versions, size, rounds, all, runs }: ImagesResults): string {
  const cells = [...new Set(runs.map(({ build, way }) => `${build}\n${way}`))].map(cell => cell.split('\n'));
  return [
    '# Twelve images: in one step, in twelve steps, and as twelve assets',
    '',
    `\`${command}\`, ${date}`,
    '',
    `- ${machine}`,
    `- ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`,
    `- Twelve images with one base image of ${size}, one \`RUN\` that all share, and a source each. Each machine is a new one with an engine`,
    '  like that of CodeBuild; 500 Mbit/s each way and 20 ms a request.',
    `- ${rounds === 1 ? 'One round.' : `Medians of ${rounds} rounds.`}${runs.length < all ? ` The run was stopped after ${runs.length} of ${all} parts.` : ''}`,
    '- Machines of one run can run at the same time, if the account may have so many: then the longest one counts. All of them are paid for,',
    '  by the minute that has begun. The start of a machine by CodeBuild itself comes to each of them, and is not measured.',
    '- The images of a step have a repository each unless they are given one, and each gets the layers of the base image. The assets of the CDK share one,',
    '  but `docker push` on a new machine uploads them again.',
    '- Of the assets, the commands that `cdk-assets` runs are measured, not its installation and start on each machine.',
    '',
    '| run | way | machines started | minutes used | seconds of the longest machine | seconds of all machines | MB down | MB up |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...cells.map(([build, way]) => {
      const own = runs.filter(run => run.build === build && run.way === way);
      const middle = (figure: (run: ImagesRun) => number) => median(own.map(figure));
      return [
        '', build, way,
        middle(({ seconds }) => seconds.length),
        middle(({ seconds }) => sum(seconds.map(one => Math.ceil(one / 60)))),
        middle(({ seconds }) => Math.max(...seconds)).toFixed(1),
        middle(({ seconds }) => sum(seconds)).toFixed(1),
        megabytes(middle(({ down }) => down)), megabytes(middle(({ up }) => up)), '',
      ].join(' | ').trim();
    }),
    '',
  ].join('\n');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
