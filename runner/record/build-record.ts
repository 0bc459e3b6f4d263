import { FileTree } from '../links/file-tree';
import { Destination } from '../links/link-dockerfile';
import { treeFromJson, treeToJson, TreeJson } from '../links/tree-json';
import { UserNames } from '../links/user-names';

/** What a build leaves beside its layer cache for the next one. Nothing of it is needed for a right image: without it, a build takes longer. */
export interface BuildRecord {
  /** What the layer cache was written for last. */
  readonly cache?: { readonly writtenAt: string; readonly layers: readonly string[] };
  /** What is in the layers below the linked copies. */
  readonly below?: KnownTree;
  /** What is in layers of copies that are too large to be read each time, by their digests. */
  readonly layers: { readonly [digest: string]: FileTree };
  /** How destinations of copies have to be written, by the text of the copy. */
  readonly destinations: { readonly [text: string]: Destination };
  /** Why the image was not linked. */
  readonly refusal?: KnownRefusal;
}

/** The directories and files of layers, as far as they are near the destinations of copies. */
export interface KnownTree {
  /** The digests of the layers. */
  readonly layers: readonly string[];
  /** Above, at and below these paths everything is known. */
  readonly paths: readonly string[];
  readonly tree: FileTree;
  readonly names: UserNames;
}

/** It holds for these copies on these layers, and on others that have the same in its place. */
export interface KnownRefusal {
  readonly copies: readonly string[];
  readonly layers: readonly string[];
  readonly reason: string;
  /** What stood in the way, as `FileTree.describe` has it; undefined where it was no file. */
  readonly place?: { readonly path: string; readonly found: string };
}

export const EMPTY_RECORD: BuildRecord = { layers: {}, destinations: {} };

/** The shape of its JSON text. A build cannot read that of another version, and does without. */
const VERSION = 1;

export function recordToJson({ below, layers, ...rest }: BuildRecord): string {
  return JSON.stringify({
    version: VERSION,
    ...rest,
    ...below && { below: { ...below, tree: treeToJson(below.tree) } },
    layers: mapValues(layers, treeToJson),
  });
}

/** Fails when it is no record. */
export function recordFromJson(text: string): BuildRecord {
  const json = JSON.parse(text) as Omit<BuildRecord, 'below' | 'layers'> & RecordJson;
  if (json?.version !== VERSION) throw new Error(`it is of version ${String(json?.version)}, and this program of version ${VERSION}`);
  const { cache, below, layers, destinations, refusal } = json;
  if (!isObject(layers) || !isObject(destinations)) throw new Error('it has no layers or destinations');
  if (below && !(isTexts(below.layers) && isTexts(below.paths) && isObject(below.names?.users) && isObject(below.names.groups))) throw new Error('it does not say which layers it knows');
  if (refusal && !(isTexts(refusal.copies) && isTexts(refusal.layers) && typeof refusal.reason === 'string')) throw new Error('it does not say what was refused');
  if (cache && !(isTexts(cache.layers) && typeof cache.writtenAt === 'string')) throw new Error('it does not say what the cache is of');
  return { cache, destinations, refusal, layers: mapValues(layers, treeFromJson), below: below && { ...below, tree: treeFromJson(below.tree) } };
}

interface RecordJson {
  readonly version?: unknown;
  readonly below?: Omit<KnownTree, 'tree'> & { readonly tree: TreeJson };
  readonly layers: { readonly [digest: string]: TreeJson };
}

function mapValues<From, To>(values: { readonly [key: string]: From }, map: (value: From) => To): { [key: string]: To } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
