import { FileTree } from './file-tree';
import { LayerEntry } from './layer-entries';
import { GROUP, PASSWD, UserNames, userNames } from './user-names';

/** What the layers of an image hold, by their digests. */
export type Listing = ReadonlyMap<string, readonly LayerEntry[]>;

/** All files of some layers on top of each other, and the users that they know. */
export interface LayersTree {
  readonly layers: readonly string[];
  readonly tree: FileTree;
  readonly names: UserNames;
}

/** Fails when a layer was not listed. */
export function treeOfLayers(layers: readonly string[], listing: Listing): LayersTree {
  const tree = new FileTree();
  const contents = new Map<string, string | undefined>();
  for (const digest of layers) {
    const entries = listing.get(digest);
    if (!entries) throw new Error(`the builder does not have ${digest}, which it has pushed`);
    tree.apply(entries);
    for (const { path, content } of entries) if (USERS.includes(path)) contents.set(path, content);
  }
  const [passwd, group] = USERS.map((path) => (tree.exact(path)?.kind === 'other' ? contents.get(path) : undefined)); // or it was removed again
  return { layers, tree, names: userNames(passwd, group) };
}

const USERS = [PASSWD, GROUP];
