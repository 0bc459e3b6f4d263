import { posix } from 'path';
import { FileTree } from '../layers/file-tree';
import { KnownTree } from '../record/build-record';

/**
 * Whether a part of a tree has all that there is at some paths, and at the places that they lead to.
 *
 * @param now what has become of the tree, where it is another one by now
 */
export function knowsAll({ tree, paths }: KnownTree, wanted: readonly string[], now: FileTree = tree): boolean {
  const places = (path: string, of: FileTree) => [path, of.resolve(path) ?? path];
  const known = new Set(paths.flatMap((path) => places(path, tree)));
  const isKnown = (path: string): boolean => known.has(path) || (path !== '/' && isKnown(posix.dirname(path)));
  return wanted.flatMap((path) => places(path, now)).every(isKnown);
}
