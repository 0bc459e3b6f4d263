import { directory, DirectoryNode, FileTree, TreeNode } from './file-tree';

/** A directory of root with mode 0755 as an object, others with what they are in front of it; a link as its target, any other file as 0. */
export type TreeJson = DirectoryJson | string | 0;
type Children = { readonly [name: string]: TreeJson };
type DirectoryJson = Children | readonly [mode: number, uid: number, gid: number, hasAttributes: 0 | 1, children: Children];

/** A tree as short as it can be: there is one for each image, and every build reads it. */
export function treeToJson({ root }: FileTree): TreeJson {
  return toJson(root);
}

/** Fails when it is no tree. */
export function treeFromJson(json: unknown): FileTree {
  const root = fromJson(json);
  if (root.kind !== 'directory') throw new Error('the root is no directory');
  return new FileTree(root);
}

function toJson(node: TreeNode): TreeJson {
  if (node.kind === 'other') return 0;
  if (node.kind === 'link') return node.target;
  const children = Object.fromEntries([...node.children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, child]) => [name, toJson(child)]));
  const { mode, uid, gid, hasAttributes } = node;
  return mode === 0o755 && uid === 0 && gid === 0 && !hasAttributes ? children : [mode, uid, gid, hasAttributes ? 1 : 0, children];
}

function fromJson(json: unknown): TreeNode {
  if (json === 0) return { kind: 'other' };
  if (typeof json === 'string') return { kind: 'link', target: json };
  if (!Array.isArray(json)) return withChildren(directory(0o755, 0, 0), json);
  const [mode, uid, gid, hasAttributes, children] = json as unknown[];
  if (![mode, uid, gid, hasAttributes].every(Number.isInteger)) throw new Error('a directory has no mode or no owner');
  return withChildren(directory(mode as number, uid as number, gid as number, hasAttributes === 1), children);
}

function withChildren(node: DirectoryNode, children: unknown): DirectoryNode {
  if (typeof children !== 'object' || children === null || Array.isArray(children)) throw new Error('a directory has no entries');
  Object.entries(children).forEach(([name, child]) => node.children.set(name, fromJson(child)));
  return node;
}
