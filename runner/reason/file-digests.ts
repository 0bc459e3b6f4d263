import { ContextContent } from './context-contents';
import { shortDigest } from './short-digest';

/** Short digests of what is in a context, by path. Of a large context, they are of folders: those at some depth, by their path with a slash behind it. */
export interface FileDigests {
  /** How many names of a path are kept; undefined for all. */
  readonly depth?: number;
  readonly digests: { readonly [path: string]: string };
}

/** How many are kept, which is some 50 kB in a registry. */
export const MAX_DIGESTS = 5000;

/** The digests of a context, as many as can be kept. */
export function fileDigests(salt: string, content: ContextContent): FileDigests {
  if (content.size <= MAX_DIGESTS) return digestsAt(salt, content);
  let depth = 0;
  while (placesAt(content, depth + 1).size <= MAX_DIGESTS) depth++;
  return digestsAt(salt, content, depth);
}

/**
 * Those at the depth of another build, to be compared with it.
 *
 * @param depth undefined for all names of each path
 */
export function digestsAt(salt: string, content: ContextContent, depth?: number): FileDigests {
  const digests = [...placesAt(content, depth)].map(([place, paths]) => (
    [place, shortDigest(salt, ['file', place, ...paths.flatMap((path) => [path, content.get(path)!])])]));
  return { ...depth !== undefined && { depth }, digests: Object.fromEntries(digests) as FileDigests['digests'] };
}

/** The paths that count together. */
function placesAt(content: ContextContent, depth = Infinity): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const path of [...content.keys()].sort()) {
    const names = path.split('/');
    const place = names.length > depth ? `${names.slice(0, depth).join('/')}/` : path;
    const together = places.get(place);
    if (together) together.push(path);
    else places.set(place, [path]);
  }
  return places;
}
