import { directory, DirectoryNode, FileTree, TreeNode } from './file-tree';

/** A directory of root with mode 0755 as an object, others with what they are before it; a link as its target, any other file as 0, what is unclear as 1. */
export type TreeJson = DirectoryJson | string | 0 | 1;
type Children = { readonly [name: string]: TreeJson };
type DirectoryJson = Children | readonly [mode: number, uid: number, gid: number, hasAttributes: 0 | 1, children: Children];

/** A tree as short as it can be: there is one for each image, and every build reads it. */
export function treeToJson({ root }: FileTree): TreeJson {
  return toJson(root);
}

/** No image is deeper, and no stack as deep as the text of another one could be. */
const MAX_DEPTH = 500;

/** Fails when it is no tree. */
export function treeFromJson(json: unknown): FileTree {
  const root = fromJson(json, 0);
  if (root.kind !== 'directory') throw new Error('the root is no directory');
  return new FileTree(root);
}

function toJson(node: TreeNode): TreeJson {
  if (node.kind === 'other') return 0;
  if (node.kind === 'unclear') return 1;
  if (node.kind === 'link') return node.target;
  const children = Object.fromEntries([...node.children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, child]) => [name, toJson(child)]));
  const { mode, uid, gid, hasAttributes } = node;
  return mode === 0o755 && uid === 0 && gid === 0 && !hasAttributes ? children : [mode, uid, gid, hasAttributes ? 1 : 0, children];
}

function fromJson(json: unknown, depth: number): TreeNode {
  if (json === 0) return { kind: 'other' };
  if (json === 1) return { kind: 'unclear' };
  if (typeof json === 'string') return { kind: 'link', target: json };
  if (depth > MAX_DEPTH) throw new Error('it is deeper than any image');
  if (!Array.isArray(json)) return withChildren(directory(0o755, 0, 0), json, depth);
  const [mode, uid, gid, hasAttributes, children] = json as unknown[];
  if (!isWithin(mode, MAX_MODE) || !isWithin(uid, MAX_OWNER) || !isWithin(gid, MAX_OWNER)) throw new Error('a directory has no mode or no owner');
  return withChildren(directory(mode, uid, gid, hasAttributes === 1), children, depth);
}

const MAX_MODE = 0o7777;
const MAX_OWNER = 2 ** 32 - 1;

function isWithin(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function withChildren(node: DirectoryNode, children: unknown, depth: number): DirectoryNode {
  if (typeof children !== 'object' || children === null || Array.isArray(children)) throw new Error('a directory has no entries');
  for (const [name, child] of Object.entries(children)) node.children.set(name, fromJson(child, depth + 1));
  return node;
}
