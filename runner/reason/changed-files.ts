import * as path from 'path';
import { BuildInputs, InputsOfBuild } from './build-inputs';
import { ContextContent, MAIN_CONTEXT } from './context-contents';
import { brings, followed, StepSource } from './copied-files';
import { digestsAt, FileDigests } from './file-digests';
import { Reason, UNSURE, verb } from './reason';

/** How many files a reason names. */
const NAMED = 2;

/** The paths of a context at which the last build had something else, and the digests of all of them. */
export function changedPlaces(salt: string, content: ContextContent, known: FileDigests) {
  const now = new Map(Object.entries(digestsAt(salt, content, known.depth).digests));
  const old = new Map(Object.entries(known.digests));
  return { now, old, changed: [...new Set([...now.keys(), ...old.keys()])].filter((place) => now.get(place) !== old.get(place)) };
}

/**
 * Which files of a context are others than in the last build, of those that a source brings.
 *
 * @param name of the context
 */
export function changedFiles({ job: { plan, context, input }, contexts }: InputsOfBuild, before: BuildInputs, name: string, { paths, isExact }: Omit<StepSource, 'from'>): Reason[] {
  const content = contexts.get(name);
  const known = before.files[name];
  if (!content || !known) return [UNSURE];
  const { now, old, changed } = changedPlaces(plan.cacheName, content, known);
  if (!isExact) return changed.length > 0 || paths.some((place) => /:\/\/|^git@/.test(place)) ? [UNSURE] : [];

  const directory = name === MAIN_CONTEXT ? context : path.join(input, plan.buildContexts?.[name]?.path ?? '');
  const hasLinks = [...content.values()].some((text) => text.startsWith('link '));
  const sources = paths.map((source) => followed(directory, source, hasLinks));
  const answers = changed.map((place) => sources.map((source) => (source === undefined ? undefined : brings(source, place))));
  const brought = changed.filter((_, index) => answers[index].includes(true));
  if (brought.length === 0) return answers.flat().includes(undefined) ? [UNSURE] : [];
  const named = brought.slice(0, NAMED).map((place) => `\`${place}\` ${verb(old.get(place), now.get(place))}`);
  const more = brought.length - named.length;
  return [{ kind: 'files', text: `${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}` }];
}
