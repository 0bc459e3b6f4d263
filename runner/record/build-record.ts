import { LastBuild } from './last-build';
import { FileTree } from '../layers/file-tree';
import { treeFromJson, treeToJson, TreeJson } from '../layers/tree-json';
import { UserNames } from '../layers/user-names';
import { Destination } from '../links/link-dockerfile';

/** What a build leaves beside its layer cache for the next one. Nothing of it is needed for a right image: without it, a build takes longer. */
export interface BuildRecord {
  /** What the layer cache was written for last. */
  readonly cache?: { readonly writtenAt: string; readonly layers: readonly string[] };
  /** What is in the layers below the linked copies. */
  readonly below?: KnownTree;
  /** What is in those of them that the base image has, which stay when dependencies change. */
  readonly base?: KnownTree;
  /** What is in layers of copies that are too large to be read each time, by their digests. */
  readonly layers: { readonly [digest: string]: FileTree };
  /** How destinations of copies have to be written, by the text of the copy. */
  readonly destinations: { readonly [text: string]: Destination };
  /** Why the image was not linked. */
  readonly refusal?: KnownRefusal;
  /** It is kept apart from the rest, which stays the same from build to build. */
  readonly lastBuild?: LastBuild;
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

/** The same record is always the same text, whatever the last build was. */
export function recordToJson({ cache, below, base, layers, destinations, refusal }: BuildRecord): string {
  return JSON.stringify({
    version: VERSION,
    cache,
    below: below && { ...below, tree: treeToJson(below.tree) },
    base: base && { ...base, tree: treeToJson(base.tree) },
    layers: mapValues(layers, treeToJson),
    destinations,
    refusal,
  });
}

/** Fails when it is no record: it comes from a registry, and whatever is in it must not lead a build astray. */
export function recordFromJson(text: string): BuildRecord {
  const json = JSON.parse(text) as RecordJson | null;
  if (json?.version !== VERSION) throw new Error(`it is of version ${String(json?.version)}, and this program of version ${VERSION}`);
  const { cache, below, base, layers, destinations, refusal } = json;
  if (!isObject(layers) || !hasValues(destinations, isDestination)) throw new Error('it has no layers or destinations');
  if ([below, base].some((tree) => tree && !(isTexts(tree.layers) && isTexts(tree.paths) && isNames(tree.names)))) throw new Error('it does not say which layers it knows');
  if (refusal && !(isTexts(refusal.copies) && isTexts(refusal.layers) && isText(refusal.reason) && isPlace(refusal.place))) throw new Error('it does not say what was refused');
  if (cache && !(isTexts(cache.layers) && isText(cache.writtenAt))) throw new Error('it does not say what the cache is of');
  return {
    ...cache && { cache },
    ...below && { below: { ...below, tree: treeFromJson(below.tree) } },
    ...base && { base: { ...base, tree: treeFromJson(base.tree) } },
    ...refusal && { refusal },
    layers: mapValues(layers, treeFromJson),
    destinations,
  };
}

type KnownTreeJson = Omit<KnownTree, 'tree'> & { readonly tree: TreeJson };

/** What a record may be; the rest of it is looked at. */
interface RecordJson extends Omit<BuildRecord, 'below' | 'base' | 'layers' | 'lastBuild'> {
  readonly version?: unknown;
  readonly below?: KnownTreeJson;
  readonly base?: KnownTreeJson;
  readonly layers: { readonly [digest: string]: TreeJson };
}

function mapValues<From, To>(values: { readonly [key: string]: From }, map: (value: From) => To): { [key: string]: To } {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}

function isDestination(value: unknown): boolean {
  const { isDirectory, path } = Object(value) as { [key: string]: unknown };
  return isObject(value) && (isDirectory === undefined || typeof isDirectory === 'boolean') && (path === undefined || (isText(path) && path.startsWith('/')));
}

function isNames(value: unknown): boolean {
  const { users, groups } = Object(value) as { [key: string]: unknown };
  return hasValues(users, (ids) => Array.isArray(ids) && ids.length === 2 && ids.every(isId)) && hasValues(groups, isId);
}

function isPlace(value: unknown): boolean {
  const { path, found } = Object(value) as { [key: string]: unknown };
  return value === undefined || (isText(path) && isText(found));
}

function isId(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 9_999_999_999;
}

function hasValues(value: unknown, is: (item: unknown) => boolean): boolean {
  return isObject(value) && Object.values(value as object).every(is);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
