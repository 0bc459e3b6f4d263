import { CopiedLayers } from './copied-layers';
import { knowsAll } from './knows-all';
import { LayerLists } from './layer-lists';
import { LayerEntry } from '../layers/layer-entries';
import { LayersTree, treeOfLayers } from '../layers/tree-of-layers';
import { GROUP, PASSWD } from '../layers/user-names';
import { BuildRecord, KnownTree } from '../record/build-record';

/** What is in the layers below the copies of an image: as earlier builds have found it, or listed. */
export class LayersBelow {
  /** What this build has listed. */
  private found?: LayersTree & {
    /** What is known of the lowest layers; undefined where those were listed, too, so that all is known. */
    readonly base?: KnownTree;
  };
  /** What it has found in the layers of the base image. */
  private base?: KnownTree;

  /**
   * @param known what earlier builds have found out, the most likely first
   * @param steps how many layers the steps below the copies make at most, on top of those of the base image
   */
  constructor(private readonly known: readonly BuildRecord[], private readonly steps: number) {}

  /** Whether they have to be listed, as far as can be said before the image is there. */
  public mustBeListed(areNew: boolean): boolean {
    return !this.found && (areNew || this.known.every(({ below }) => !below));
  }

  /** The layers of base images that earlier builds know. */
  public get knownLayers(): ReadonlySet<string> {
    return new Set(this.known.flatMap(({ base }) => base?.layers ?? []));
  }

  /** What is above, at and below some paths. */
  public async tree({ below }: CopiedLayers, paths: readonly string[], lists: LayerLists): Promise<KnownTree> {
    const known = this.known.map((record) => record.below).find((tree) => tree && isSame(tree.layers, below) && knowsAll(tree, paths));
    if (known) return known;
    const { found } = this;
    if (!found || !isSame(found.layers, below) || (found.base && !knowsAll(found.base, paths, found.tree))) await this.list(below, paths, lists);
    const { layers, tree, names } = this.found!;
    return { layers, names, paths, tree: tree.within(paths) };
  }

  /** What the next build can use of the layers of the base image, if those are the lowest ones of these. */
  public baseOf({ layers }: KnownTree): KnownTree | undefined {
    return [this.base, ...this.known.map(({ base }) => base)].find((base) => base && isBelow(base, layers));
  }

  private async list(below: readonly string[], paths: readonly string[], lists: LayerLists): Promise<void> {
    const base = this.known.map((record) => record.base).find((tree) => tree && isBelow(tree, below) && knowsAll(tree, paths));
    const none = new Map<string, LayerEntry[]>();
    const unknown = base || lists.isListing ? await lists.unknown().catch(() => none) : none; // all of them are listed then
    if (base && below.slice(base.layers.length).every((digest) => unknown.has(digest))) {
      this.found = { ...treeOfLayers(below, unknown, base), base };
      if (knowsAll(base, paths, this.found.tree)) return; // what is new may have links that lead elsewhere
    }
    const listing = below.every((digest) => unknown.has(digest)) ? unknown : await lists.all();
    this.found = treeOfLayers(below, listing);
    const lowest = below.slice(0, Math.max(0, below.length - this.steps));
    if (lowest.length === 0 || this.steps === 0) return;
    const { tree, names, layers } = treeOfLayers(lowest, listing);
    const kept = [...new Set([...paths, PASSWD, GROUP])].sort();
    this.base = { layers, names, paths: kept, tree: tree.within(kept, tree.directoryLinks()) };
  }
}

function isBelow({ layers }: KnownTree, above: readonly string[]): boolean {
  return isSame(layers, above.slice(0, layers.length));
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((digest, index) => digest === others[index]);
}
