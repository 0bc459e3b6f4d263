import * as fs from 'fs';
import * as path from 'path';
import { BuildAsWritten, buildAsWritten, ComparedBuild, compareBuilds, SourceState } from './compared-builds';
import { contexts, writeContext } from './contexts';
import { CorpusEntry } from './entry';
import { foldersPath } from './folders';
import { LinkingLab } from './linking-lab';
import { naively } from './naively';
import { sourceChanges } from './source-changes';
import { freshDirectory } from '../../world/directories';

/**
 * Builds each Dockerfile three times with the program of the builds, with two source changes between, and each time as it is written, and compares the images: every
 * path, type, mode, owner, target of a link and digest of a file, and the configuration.
 */
export function describeCorpus(corpus: readonly CorpusEntry[]): void {
  const tricky = corpus.filter(({ isTricky }) => isTricky);
  const indexed = corpus.map((entry, index) => ({ ...entry, index }));
  let lab: LinkingLab;
  let builds: ComparedBuild[][];
  let naive: BuildAsWritten[];

  beforeAll(async () => {
    lab = await LinkingLab.start();
    builds = await compareBuilds(lab, corpus.map(statesOf));
    naive = await buildAsWritten(lab, await Promise.all(tricky.map(async (entry) => {
      const context = freshDirectory('context');
      await writeContextOf(entry, context);
      return { ...entry, context, dockerfile: naively(entry.dockerfile) };
    })));
  }, 600_000);

  afterAll(async () => lab.stop());

  test.each(indexed)('$name: the same image as without links', ({ name, index, copies }) => {
    const results = builds[index];
    if (process.env.PLAY_FIGURES) process.stderr.write(`${JSON.stringify([name, ...results.map(build => build.copies)])}\n`);
    for (const { image, asWritten, log } of results) {
      if (image) expect(asWritten.failure).toBeUndefined();
      expect({ log, image }).toEqual({ log, image: asWritten.image });
    }
    const [, second, third] = results.map(build => build.copies);
    const expected = typeof copies === 'string' ? [copies, copies] : copies;
    expect([second, third]).toEqual(expected.map(text => expect.stringContaining(text)));
  });

  test.each(indexed.filter(({ isTricky }) => isTricky))('$name: another image, or none, if every copy were linked without a proof', ({ name, index }) => {
    expect(naive[tricky.findIndex(entry => entry.name === name)].image?.tree).not.toEqual(builds[index][0].asWritten.image?.tree);
  });
}

/** First as it is, and after each of the source changes. */
function statesOf(entry: CorpusEntry): SourceState[] {
  const { dockerfile, target, buildArgs } = entry;
  const changes = sourceChanges.map(change => (context: string) => change(context, dockerfile));
  return [(context: string) => writeContextOf(entry, context), ...changes].map(prepare => ({ dockerfile, target, buildArgs, prepare }));
}

async function writeContextOf({ context }: CorpusEntry, directory: string): Promise<void> {
  if (contexts[context]) return writeContext(directory, contexts[context]);
  fs.cpSync(path.join(foldersPath, context), directory, { recursive: true, verbatimSymlinks: true });
  // as the program does it, and git
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) fs.chmodSync(file, entry.isDirectory() || fs.statSync(file).mode % 0o200 >= 0o100 ? 0o755 : 0o644);
  }
}
