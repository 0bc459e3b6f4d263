import * as fs from 'fs';
import * as path from 'path';
import { buildAsWritten, ComparedBuild, compareBuilds } from './compared-builds';
import { contexts, writeContext } from './contexts';
import { CorpusEntry } from './entry';
import { foldersPath } from './folders';
import { naively } from './naively';
import { sourceChanges } from './source-changes';
import { LinkingLab } from './linking-lab';
import { freshDirectory } from '../../world/directories';
import { inLanes } from '../../world/in-lanes';

/** How many Dockerfiles are built at the same time: a build waits more than it computes. */
const LANES = 3;

/**
 * Builds each Dockerfile three times with the program of the builds, with two source changes between, and each time as it is written, and compares the images: every
 * path, type, mode, owner, target of a link and digest of a file, and the configuration.
 */
export function describeCorpus(corpus: readonly CorpusEntry[]): void {
  let lab: LinkingLab;
  let builds: Map<CorpusEntry, Promise<ComparedBuild[]>>;

  beforeAll(async () => {
    lab = await LinkingLab.start();
    builds = inLanes(corpus, LANES, entry => compareBuilds(lab, { ...entry, write: context => writeContextOf(entry, context), changes: sourceChanges }));
  }, 600_000);

  afterAll(async () => lab.stop());

  test.each(corpus)('$name: the same image as without links', async (entry) => {
    const results = await builds.get(entry)!;
    for (const { built, asWritten, log } of results) expect({ log, image: built }).toEqual({ log, image: asWritten });
    const [, second, third] = results.map(({ copies }) => copies);
    const expected = typeof entry.copies === 'string' ? [entry.copies, entry.copies] : entry.copies;
    expect([second, third]).toEqual(expected.map(text => expect.stringContaining(text)));
  });

  test.each(corpus.filter(({ isTricky }) => isTricky))('$name: another image, or none, if every copy were linked without a proof', async (entry) => {
    const [first] = await builds.get(entry)!;
    const context = freshDirectory('context');
    await writeContextOf(entry, context);
    const naive = await buildAsWritten(lab, naively(entry.dockerfile), context).then(({ tree }) => tree, () => undefined);
    expect(naive).not.toEqual(first.asWritten?.tree);
  });
}

export async function writeContextOf({ context }: CorpusEntry, directory: string): Promise<void> {
  if (contexts[context]) return writeContext(directory, contexts[context]);
  fs.cpSync(path.join(foldersPath, context), directory, { recursive: true, verbatimSymlinks: true });
  // as the program does it, and git
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) fs.chmodSync(file, entry.isDirectory() || fs.statSync(file).mode % 0o200 >= 0o100 ? 0o755 : 0o644);
  }
}
