import { CopiedLayers } from './copied-layers';
import { knowsAll } from './knows-all';
import { LayerLists } from './layer-lists';
import { LayerEntry } from '../layers/layer-entries';
import { LayersTree, treeOfLayers } from '../layers/tree-of-layers';
import { BuildRecord, KnownTree } from '../record/build-record';

/** What is in the layers below the copies of an image: as earlier builds have found it, or listed. */
export class LayersBelow {
  /** All their files, once this build has listed them. */
  private found?: LayersTree;

  /** @param known what earlier builds have found out, the most likely first */
  constructor(private readonly known: readonly BuildRecord[]) {}

  /** Whether they have to be listed, as far as can be said before the image is there. */
  public mustBeListed(areNew: boolean): boolean {
    return !this.found && (areNew || this.known.every(({ below }) => !below));
  }

  /** What is above, at and below some paths. */
  public async tree({ below }: CopiedLayers, paths: readonly string[], lists: LayerLists): Promise<KnownTree> {
    const known = this.known.map((record) => record.below).find((tree) => tree && isSame(tree.layers, below) && knowsAll(tree, paths));
    if (known) return known;
    if (!this.found || !isSame(this.found.layers, below)) {
      this.found = treeOfLayers(below, below.length === 0 ? new Map<string, LayerEntry[]>() : await lists.all());
    }
    return { ...this.found, paths, tree: this.found.tree.within(paths) };
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((digest, index) => digest === others[index]);
}
