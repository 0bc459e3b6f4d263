import { BuildSource } from '../planned-images';

/** A Dockerfile, and what is expected of the linking of its copies. */
export interface CorpusEntry extends Omit<BuildSource, 'context'> {
  /** What is special about it. */
  readonly name: string;
  /** A name of `contexts`, or a folder of ../dockerfiles. */
  readonly context: string;
  /** What the report says of the copies, after each of two source changes: the beginning of it. A second one only if it differs. */
  readonly copies: string | readonly [string, string];
  /** Whether `--link` for every trailing copy, without a proof, would make another image, or none. */
  readonly isTricky?: true;
}

/** A group of entries, in the order of their names. Dockerfiles may be indented. */
export function entries(context: string, all: { readonly [name: string]: Omit<CorpusEntry, 'name' | 'context'> & { readonly context?: string } }): CorpusEntry[] {
  return Object.entries(all).map(([name, entry]) => ({ context, ...entry, name, dockerfile: entry.dockerfile.replace(/^\n/, '').replace(/^ +/gm, '') }));
}
