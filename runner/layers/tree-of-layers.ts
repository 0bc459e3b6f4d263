import { FileTree } from './file-tree';
import { LayerEntry } from './layer-entries';
import { treeFromJson, treeToJson } from './tree-json';
import { GROUP, PASSWD, UserNames, userNames } from './user-names';

/** What the layers of an image hold, by their digests. */
export type Listing = ReadonlyMap<string, readonly LayerEntry[]>;

/** All files of some layers on top of each other, and the users that they know. */
export interface LayersTree {
  readonly layers: readonly string[];
  readonly tree: FileTree;
  readonly names: UserNames;
}

/**
 * Fails when a layer was not listed.
 *
 * @param base the lowest layers, where those are known
 */
export function treeOfLayers(layers: readonly string[], listing: Listing, base?: LayersTree): LayersTree {
  const tree = base ? treeFromJson(treeToJson(base.tree)) : new FileTree(); // the other one is kept
  const contents = new Map<string, string | undefined>();
  for (const digest of layers.slice(base?.layers.length ?? 0)) {
    const entries = listing.get(digest);
    if (!entries) throw new Error(`the builder does not have ${digest}, which it has pushed`);
    tree.apply(entries);
    for (const { path, content } of entries) if (USERS.includes(path)) contents.set(path, content);
  }
  const [passwd, group] = USERS.map((path) => (tree.exact(path)?.kind === 'other' ? contents.get(path) : undefined)); // or it was removed again
  const read = userNames(passwd, group);
  const isOfBase = (path: string) => base !== undefined && !contents.has(path) && tree.exact(path)?.kind === 'other';
  const users = isOfBase(PASSWD) ? base!.names.users : read.users;
  const groups = isOfBase(GROUP) ? base!.names.groups : read.groups;
  return { layers, tree, names: { users, groups } };
}

const USERS = [PASSWD, GROUP];
