import { CopiedLayer } from './copied-layers';
import { Destination } from './link-dockerfile';
import { modeOf, workdirOf } from './trailing-copies';
import { DirectoryNode, FileTree, TreeNode } from '../layers/file-tree';
import { LayerEntry, Ownership } from '../layers/layer-entries';
import { GROUP, hasName, PASSWD } from '../layers/user-names';

/** A copy with what its layer holds. */
export interface ListedCopy extends CopiedLayer {
  readonly entries: readonly LayerEntry[];
  /** How its destination was written, if not as in the Dockerfile. */
  readonly rewritten: Destination;
  /** Whether it is an ADD of what may be an archive, whose directories are no source's. */
  readonly mayBeArchive: boolean;
}

/** Why linking would make another image than copying. */
export interface Refusal {
  readonly reason: string;
  /** Where in the layers below. */
  readonly path: string;
  /** Where the destination has to be written in another way instead. */
  readonly remedy?: { readonly copy: CopiedLayer; readonly destination: Destination };
}

/** What is still to be done, so that the image is the one that copying would have made. */
export interface Corrections {
  /** Directories that copies have passed, as they have to be. */
  readonly passed: ReadonlyMap<string, Ownership>;
  /** For each copy, the entries of its layer that get the mode of its `--chmod`. */
  readonly modes: readonly ReadonlyMap<string, number>[];
}

export type Proof = Corrections | { readonly refusal: Refusal };

/**
 * Holds the layers of linked copies against what is below them. An entry agrees if nothing is there, if a directory meets a directory, or if anything but
 * a directory replaces what is no directory either. Then linking has made the very files that copying would have made, except for owner and mode of the
 * directories that a copy only passes: copying leaves them as they are.
 *
 * @param below has the copies on top afterwards
 * @param isRoot whether the user is root wherever a WORKDIR makes a directory
 * @see https://docs.docker.com/reference/dockerfile/#copy---link
 */
export function proveLinks(copies: readonly ListedCopy[], below: FileTree, isRoot = false): Proof {
  const passed = new Set<string>();
  const modes: Map<string, number>[] = [];
  let namesAreOthers = false;
  for (const copy of copies) {
    const { keyword, line } = copy.copy.instruction;
    if (namesAreOthers && !copy.copy.isLinked && hasName(copy.copy.owner)) {
      return { refusal: { path: PASSWD, reason: `the owner of the ${keyword} in line ${line} may be one that an earlier copy brings` } };
    }
    namesAreOthers ||= copy.entries.some(({ path }) => path === PASSWD || path === GROUP);
    const agreed = copy.copy.isLinked ? new Map<string, Ownership>() : whyMisread(copy, below) ?? agree(copy, below);
    if (!(agreed instanceof Map)) return { refusal: agreed };
    below.apply(copy.entries.map((entry) => ({ ...entry, ...agreed.get(entry.path), ...keepsAttributes(entry, below) && { hasAttributes: true } })));
    const directories = new Set(copy.entries.filter(({ kind, path }) => kind === 'directory' && !isInside(path, copy)).map(({ path }) => path));
    modes.push(new Map([...agreed].filter(([path]) => !directories.has(path)).map(([path, { mode }]) => [path, mode])));
    [...agreed.keys()].filter((path) => directories.has(path)).forEach((path) => passed.add(path));
    for (const instruction of copy.copy.workdirsBehind) {
      const path = workdirOf(instruction)!;
      const made = newDirectories(path, below, isRoot);
      if (!made) return { refusal: { path, reason: `the WORKDIR in line ${instruction.line} makes ${path}, which is not there yet` } };
      below.apply(made);
      made.forEach((entry) => passed.add(entry.path));
    }
  }
  // A copy that the Dockerfile links may have put something else there.
  const directories = [...passed].flatMap((path): [string, Ownership][] => {
    const node = below.exact(path);
    return node?.kind === 'directory' ? [[path, ownership(node)]] : [];
  });
  return { modes, passed: new Map(directories) };
}

/** What a WORKDIR makes: none where it is there. Undefined where only the layers below can say whose it is. */
function newDirectories(path: string, below: FileTree, isRoot: boolean): LayerEntry[] | undefined {
  const place = below.resolve(path);
  if (place === undefined || below.exact(place)?.kind === 'directory') return place === undefined ? undefined : [];
  const { folder, at } = below.nearest(place);
  const [first, ...rest] = place.slice(at === '/' ? 1 : at.length + 1).split('/');
  if (!isRoot || folder.hasAttributes || givesItsGroup(folder) || folder.children.has(first)) return undefined;
  const paths = rest.reduce((all, name) => [...all, `${all.at(-1)}/${name}`], [`${at === '/' ? '' : at}/${first}`]);
  return paths.map((made) => ({ path: made, kind: 'directory', mode: 0o755, uid: 0, gid: 0 }));
}

/** A directory that is there has its extended attributes afterwards, too. */
function keepsAttributes({ path, kind }: LayerEntry, below: FileTree): boolean {
  const there = kind === 'directory' ? below.exact(path) : undefined;
  return there?.kind === 'directory' && there.hasAttributes;
}

/** A destination that was rewritten for other layers than these. */
function whyMisread(copy: ListedCopy, below: FileTree): Refusal | undefined {
  const { destination, written, rewritten } = copy;
  const reason = 'the layers below are others than those that the destination was written for';
  if (rewritten.isDirectory && (destination === undefined || below.find(destination)?.kind !== 'directory')) {
    return { path: destination ?? '/', reason, remedy: { copy, destination: { path: rewritten.path } } };
  }
  if (rewritten.path !== undefined && (written === undefined || below.resolve(written) !== rewritten.path)) {
    return { path: written ?? '/', reason, remedy: { copy, destination: { isDirectory: rewritten.isDirectory } } };
  }
  if (rewritten.path !== undefined && destination !== rewritten.path) return { path: rewritten.path, reason: `BuildKit takes ${rewritten.path} for another place` };
  return undefined;
}

function agree(copy: ListedCopy, below: FileTree): Map<string, Ownership> | Refusal {
  const changes = new Map<string, Ownership>();
  for (const entry of copy.entries) {
    const there = below.exact(entry.path);
    const inherited = there ? undefined : whyInherits(entry, copy, below);
    const result = whyUnreadable(entry) ?? inherited ?? (entry.kind === 'directory' ? directoryAgrees(entry, there, copy) : fileAgrees(entry, there, copy));
    if (typeof result === 'string') {
      const { keyword, line } = copy.copy.instruction;
      const path = inherited === undefined ? entry.path : below.nearest(entry.path).at;
      return { path, reason: `${result} (${keyword} in line ${line})`, remedy: remedyOf(entry, there, copy, below) };
    }
    if (result) changes.set(entry.path, result);
  }
  return changes;
}

/** What a new file gets from the directory that it comes into, and a linked copy cannot get. */
function whyInherits({ path, kind }: LayerEntry, copy: ListedCopy, below: FileTree): string | undefined {
  const { folder, at } = below.nearest(path);
  const way = `${at === '/' ? '' : at}/${path.slice(at === '/' ? 1 : at.length + 1).split('/')[0]}`;
  const obstacle = below.exact(way);
  if (obstacle && obstacle.kind !== 'directory') return describe(way, obstacle);
  if (folder.hasAttributes) return `${at} has extended attributes in the layers below`;
  // What comes from the source gets its owner afterwards.
  const inherits = kind === 'directory' && !isInside(path, copy) && givesItsGroup(folder);
  return inherits ? `${at} gives its group to the directories that are made in it` : undefined;
}

/** Of two names with such bytes nobody can say here whether they are the same. */
function whyUnreadable({ path }: LayerEntry): string | undefined {
  return path.includes(UNREADABLE) ? `${path} has a name that is no text` : undefined;
}

function givesItsGroup({ mode }: DirectoryNode): boolean {
  return Math.floor(mode / SETGID) % 2 === 1;
}

/** What stands for bytes that are no character. */
const UNREADABLE = '\ufffd';

const SETGID = 0o2000;

/** Gives what has to be changed, if anything, or the reason why linking makes something else. */
type Agreement = Ownership | string | undefined;

function directoryAgrees(entry: LayerEntry, there: TreeNode | undefined, copy: ListedCopy): Agreement {
  const { path } = entry;
  const mode = modeOf(copy.copy.instruction);
  if (there && there.kind !== 'directory') return describe(path, there);
  if (!isInside(path, copy)) {
    if (copy.destination === undefined && there && differs(entry, there)) return unclear(path);
    if (!there) return mode === undefined ? undefined : `whether ${path} gets the mode of --chmod differs from BuildKit to BuildKit`;
    if (!differs(entry, there)) return undefined;
    if (copy.mayBeArchive && path === copy.destination) return unclear(path);
    return there.hasAttributes ? `${path} has extended attributes` : ownership(there);
  }
  const wanted = { ...ownership(entry), ...mode !== undefined && { mode } };
  if (there && differs(wanted, there) && isStrict(copy)) return unclear(path);
  return differs(wanted, entry) ? wanted : undefined;
}

function fileAgrees(entry: LayerEntry, there: TreeNode | undefined, copy: ListedCopy): Agreement {
  const { path, kind } = entry;
  const mode = modeOf(copy.copy.instruction);
  if (there?.kind === 'directory' || there?.kind === 'unclear') return describe(path, there);
  // A copy follows a link that it names, and replaces one that it finds in the directory that it goes to.
  if (there?.kind === 'link' && (!isInside(path, copy) || isStrict(copy))) return describe(path, there);
  return mode !== undefined && kind === 'other' && mode !== entry.mode ? { ...ownership(entry), mode } : undefined;
}

/** Whether a path is in the destination, and not it or above it. */
function isInside(path: string, { destination }: ListedCopy): boolean {
  return destination !== undefined && path !== destination && path.startsWith(destination === '/' ? '/' : `${destination}/`);
}

/** Whether it is not plain which directories come from the source. */
function isStrict({ mayBeArchive, copy: { instruction: { flags } } }: ListedCopy): boolean {
  return mayBeArchive || flags.some(({ name, value }) => name === 'parents' || (name === 'exclude' && value.includes('!')));
}

function remedyOf(entry: LayerEntry, there: TreeNode | undefined, copy: ListedCopy, below: FileTree): Refusal['remedy'] {
  const { destination, written, rewritten } = copy;
  if (destination === undefined || isInside(entry.path, copy)) return undefined;
  if (there?.kind === 'directory' && entry.kind !== 'directory' && entry.path === destination && !rewritten.isDirectory) return { copy, destination: { ...rewritten, isDirectory: true } };
  const path = there?.kind === 'link' && written !== undefined && rewritten.path === undefined ? below.resolve(destination) : undefined;
  if (path === undefined || path === destination) return undefined;
  return { copy, destination: { path, isDirectory: rewritten.isDirectory || below.exact(path)?.kind === 'directory' } };
}

function ownership({ mode, uid, gid }: Ownership): Ownership {
  return { mode, uid, gid };
}

function differs(one: Ownership, other: Ownership): boolean {
  return one.mode !== other.mode || one.uid !== other.uid || one.gid !== other.gid;
}

function unclear(path: string): string {
  return `the owner and the mode of ${path} depend on the layers below`;
}

function describe(path: string, there: TreeNode): string {
  if (there.kind === 'unclear') return `what ${path} is in the layers below differs from builder to builder`;
  if (there.kind === 'link') return `${path} is a link to ${there.target} in the layers below`;
  return `${path} is a ${there.kind === 'directory' ? 'directory' : 'file'} in the layers below`;
}
