import { posix } from 'path';
import { KnownTree } from '../record/build-record';

/** Whether a part of a tree has all that there is at some paths, and at the places that they lead to. */
export function knowsAll({ tree, paths }: KnownTree, wanted: readonly string[]): boolean {
  const places = (path: string) => [path, tree.resolve(path) ?? path];
  const known = new Set(paths.flatMap(places));
  const isKnown = (path: string): boolean => known.has(path) || (path !== '/' && isKnown(posix.dirname(path)));
  return wanted.flatMap(places).every(isKnown);
}
