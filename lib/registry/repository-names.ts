import { isKnownAtSynthesis } from '../values/known-at-synthesis';

const NAME = /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?:[._/-]?\*)?$/;

/**
 * The repositories below a path of a registry of Amazon ECR that builds may pull from, as patterns for their names. Raises an error when a name cannot be one, and when a
 * whole registry would be meant, which holds more than what is mirrored.
 *
 * @param path that of the mirror, empty for none
 */
export function mirroredRepositories(caller: string, path: readonly string[], names: readonly string[] | undefined): string[] {
  const wrong = names?.find((name) => !isKnownAtSynthesis(name) || !NAME.test(name));
  if (wrong !== undefined || names?.length === 0) {
    throw new Error(`${caller}: repositoryNames takes names of repositories, known at synthesis, with a star at the end for all that begin so, got ${JSON.stringify(names)}; for example ['library/*']`);
  }
  if (path.length === 0 && !names) {
    throw new Error(`${caller}: a mirror without a path would let builds pull from every repository of the registry; give repositoryNames, for example ['library/*']`);
  }
  return (names ?? ['*']).map((name) => [...path, name].join('/'));
}
