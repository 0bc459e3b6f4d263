import { LayerEntry } from './layer-entries';

export interface DirectoryNode {
  readonly kind: 'directory';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly hasAttributes: boolean;
  readonly children: Map<string, TreeNode>;
}

/** Of what is unclear, builders make different things. */
export type TreeNode = DirectoryNode | { readonly kind: 'link'; readonly target: string } | { readonly kind: 'other' } | { readonly kind: 'unclear' };

const LINK_LIMIT = 255;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Directories, links and other files, as layers on top of each other make them. Of directories it knows owner and mode, of other files only that they are there. */
export class FileTree {
  constructor(public readonly root: DirectoryNode = directory(0o755, 0, 0)) {}

  /** Puts a layer on top. What it removes is of the layers below it only, wherever the archive says so. */
  public apply(entries: readonly LayerEntry[]): void {
    const added: LayerEntry[] = [];
    const made = new Set(entries.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
    for (const entry of entries) {
      const { parent, name } = split(entry.path);
      if (!name.startsWith(WHITEOUT)) {
        added.push(entry);
        continue;
      }
      const link = this.linkOnTheWay(parent);
      if (link !== undefined && !made.has(link)) this.makeUnclear(link); // a directory in place of a link has nothing to remove
      const folder = this.exact(parent);
      if (folder?.kind !== 'directory') continue;
      if (name === OPAQUE) folder.children.clear();
      else folder.children.delete(name.slice(WHITEOUT.length));
    }
    added.forEach((entry) => this.put(entry));
  }

  /** What is at a path; a link in the way is followed, one at its end is not. */
  public find(path: string): TreeNode | undefined {
    const resolved = this.resolve(split(path).parent);
    const folder = resolved === undefined ? undefined : this.exact(resolved);
    if (path === '/') return this.root;
    return folder?.kind === 'directory' ? folder.children.get(split(path).name) : undefined;
  }

  /** What is at a path, in which no link may be in the way. */
  public exact(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    for (const part of parts(path)) node = node?.kind === 'directory' ? node.children.get(part) : undefined;
    return node;
  }

  /** The last directory on the way to a path that is there. */
  public nearest(path: string): { readonly folder: DirectoryNode; readonly at: string } {
    let folder = this.root;
    let at = '';
    for (const part of parts(path)) {
      const node = folder.children.get(part);
      if (node?.kind !== 'directory') break;
      folder = node;
      at += `/${part}`;
    }
    return { folder, at: at || '/' };
  }

  /** What is at a path, in a word. */
  public describe(path: string): string {
    const node = this.exact(path);
    if (node?.kind === 'directory') return `directory ${node.mode.toString(8)} ${node.uid}:${node.gid}`;
    return node?.kind === 'link' ? `link ${node.target}` : node?.kind ?? 'nothing';
  }

  /**
   * Where a path leads, all links followed, as BuildKit does it; undefined if it leads in a circle. What is not there stays as it is.
   *
   * @param onLink is told each link on the way
   */
  public resolve(path: string, onLink?: (path: string) => void): string | undefined {
    const rest = parts(path);
    const way: string[] = [];
    for (let links = 0; rest.length > 0;) {
      const part = rest.shift()!;
      if (part === '..') {
        way.pop();
        continue;
      }
      const at = `/${[...way, part].join('/')}`;
      const node = this.exact(at);
      if (node?.kind !== 'link') {
        way.push(part);
        continue;
      }
      if (++links > LINK_LIMIT) return undefined;
      onLink?.(at);
      if (node.target.startsWith('/')) way.length = 0;
      rest.unshift(...parts(node.target));
    }
    return `/${way.join('/')}`;
  }

  /** All of it as a layer has it: directories before what is in them. Modes of files are not known, so that none equals one that is. */
  public *entries(folder: DirectoryNode = this.root, path = ''): Generator<LayerEntry> {
    for (const [name, node] of folder.children) {
      const { mode, uid, gid } = node.kind === 'directory' ? node : { mode: -1, uid: 0, gid: 0 };
      yield {
        path: `${path}/${name}`,
        kind: node.kind === 'unclear' ? 'other' : node.kind,
        mode,
        uid,
        gid,
        ...node.kind === 'link' && { target: node.target },
        ...node.kind === 'directory' && node.hasAttributes && { hasAttributes: true },
      };
      if (node.kind === 'directory') yield* this.entries(node, `${path}/${name}`);
    }
  }

  /** The links that lead to directories. */
  public directoryLinks(): string[] {
    return [...this.entries()].filter(({ kind, path }) => kind === 'link' && this.exact(this.resolve(path) ?? path)?.kind === 'directory').map(({ path }) => path);
  }

  /**
   * Only what is above, at and below these paths.
   *
   * @param links further links, which are kept by themselves
   */
  public within(paths: readonly string[], links: readonly string[] = []): FileTree {
    const root = { ...this.root, children: new Map<string, TreeNode>() };
    const kept = new FileTree(root);
    for (const path of paths) {
      const all = [path];
      // Where links are in the way, they and the place that they lead to count as well.
      const resolved = this.resolve(path, (link) => all.push(link));
      if (resolved !== undefined && resolved !== path) all.push(resolved);
      all.forEach((each) => keep(this.root, kept.root, parts(each)));
    }
    links.forEach((link) => keep(this.root, kept.root, parts(link)));
    return kept;
  }

  private put(entry: LayerEntry): void {
    if (entry.path === '/') return;
    const { parent, name } = split(entry.path);
    const link = this.linkOnTheWay(parent);
    if (link !== undefined) this.makeUnclear(link);
    const folder = this.makeDirectory(parent);
    const old = folder?.children.get(name);
    if (!folder || (old?.kind === 'unclear' && entry.kind === 'directory')) return;
    folder.children.set(name, nodeOf(entry, old?.kind === 'directory' ? old.children : new Map<string, TreeNode>()));
  }

  /** The first link on the way to a path, or at its end. */
  private linkOnTheWay(path: string): string | undefined {
    const { folder, at } = this.nearest(path);
    const [next] = parts(path.slice(at.length));
    return next !== undefined && folder.children.get(next)?.kind === 'link' ? join(at, next) : undefined;
  }

  /** A layer that puts something behind a link of the layers below: some builders follow it, others make it a directory. */
  private makeUnclear(link: string): void {
    const place = this.resolve(link);
    if (place === '/') throw new Error(`a layer has files behind ${link}, which is a link to the root`);
    for (const path of [link, ...place === undefined ? [] : [place]]) {
      const { parent, name } = split(path);
      this.makeDirectory(parent)?.children.set(name, { kind: 'unclear' });
    }
  }

  /** An archive need not name the directories on the way. Undefined below what is unclear. */
  private makeDirectory(path: string): DirectoryNode | undefined {
    let folder = this.root;
    for (const part of parts(path)) {
      const found = folder.children.get(part);
      if (found?.kind === 'unclear') return undefined;
      const next: DirectoryNode = found?.kind === 'directory' ? found : directory(0o755, 0, 0);
      folder.children.set(part, next);
      folder = next;
    }
    return folder;
  }
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

export function directory(mode: number, uid: number, gid: number, hasAttributes = false): DirectoryNode {
  return { kind: 'directory', mode, uid, gid, hasAttributes, children: new Map<string, TreeNode>() };
}

function nodeOf({ kind, mode, uid, gid, target = '', hasAttributes = false }: LayerEntry, children: Map<string, TreeNode>): TreeNode {
  if (kind === 'directory') return { kind, mode, uid, gid, hasAttributes, children };
  return kind === 'link' ? { kind, target } : { kind };
}

/** Copies the way along the parts of a path, and all that is at its end; a link ends the way. */
function keep(from: DirectoryNode, to: DirectoryNode, [part, ...rest]: readonly string[]): void {
  if (part === undefined) {
    from.children.forEach((node, name) => to.children.set(name, node));
    return;
  }
  const node = from.children.get(part);
  if (!node) return;
  if (node.kind !== 'directory') {
    to.children.set(part, node);
    return;
  }
  const old = to.children.get(part);
  if (old === node) return; // it is kept as a whole already; any other directory here is a copy
  const copy: DirectoryNode = old?.kind === 'directory' ? old : { ...node, children: new Map<string, TreeNode>() };
  to.children.set(part, copy);
  keep(node, copy, rest);
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function split(path: string): { parent: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { parent: path.slice(0, slash) || '/', name: path.slice(slash + 1) };
}
