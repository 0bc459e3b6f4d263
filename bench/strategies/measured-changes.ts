import { Change, changes } from '../workload/workload';

type ChangesByDockerfile = { readonly [dockerfile: string]: readonly Change[] };

const first: readonly Change[] = ['cold'];
const firstAndNone: readonly Change[] = ['cold', 'no change'];
const oneOfEach: readonly Change[] = ['cold', 'no change', 'source 1', 'dependency'];

/** What is built in rows of which less is measured than everything: a build that only repeats what another one says takes half a minute. */
const measured: { readonly [row: string]: ChangesByDockerfile } = {
  'no-cache': { A: first, B: first, C: first },
  'asset': { A: firstAndNone, B: firstAndNone, C: firstAndNone },
  'asset-cache': { A: ['cold', 'no change', 'source 1'] },
  'article': { A: changes, B: ['cold', 'source 1', 'source 2'] },
  'pull-and-push': { B: ['cold', 'source 1', 'source 2'] },
  'inline': { A: oneOfEach },
  's3': { A: oneOfEach },
  'unlinked': { A: oneOfEach, B: oneOfEach, C: oneOfEach },
  'persistent': { A: changes },
};

/** What is built in a row with a Dockerfile, in the order in which it is built. Everything, where nothing is said. */
export function measuredChanges(row: string, dockerfile: string): readonly Change[] {
  const some = measured[row];
  return some === undefined ? changes : some[dockerfile] ?? [];
}

/** For the page: what is not measured, and why that is no loss. */
export const leftOut: readonly string[] = [
  '`no-cache` and `asset` have no memory: each of their builds does what the first one did, so the first one of a round stands for all, in italics.',
  'The first builds of `asset` push as those of `no-cache` do, and skip an image whose tag is there.',
  'Recipes that pull the last image are measured with one Dockerfile of each kind: `article` with A and B, `pull-and-push`, which is `article` where there is no stage to keep, with B.',
  'Caches other than that of the default, and a builder that is kept, are measured with A; what they do does not hang on the Dockerfile.',
  '`asset-cache` is measured with A, without a changed dependency: its builds are the longest, and load each image into the engine to push it.',
  'Of the changes of the source, rows that do the same each time have one. The article\'s recipe does not, and has two.',
];
