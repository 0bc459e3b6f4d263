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
  const contents: { [file: string]: string | undefined } = {};
  for (const digest of layers) {
    const entries = listing.get(digest);
    if (!entries) throw new Error(`the builder does not have ${digest}, which it has pushed`);
    tree.apply(entries);
    for (const { path, content } of entries) if (content !== undefined) contents[path] = content;
  }
  return { layers, tree, names: userNames(contents[PASSWD], contents[GROUP]) };
}
