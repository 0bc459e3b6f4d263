import { Dirent, lstatSync, readdirSync, readlinkSync } from 'fs';
import { join, sep } from 'path';
import { DockerIgnore, IgnoreVerdict } from './docker-ignore';

/** Something a build context holds. */
export interface ContextFile {
  /** Relative to the context, with slashes. */
  readonly path: string;
  /** A directory is one in which the context holds nothing; all others are there because of what is in them. */
  readonly type: 'file' | 'link' | 'directory';
  /** For a file, whether anybody may execute it. The rest of the mode depends on the machine. */
  readonly executable?: boolean;
  /** Of a file, in bytes. */
  readonly size?: number;
  /** For a link, where it points to, as it is written in the link. */
  readonly target?: string;
}

/**
 * Lists what BuildKit takes into the build context of a directory: what `COPY . /` would copy.
 *
 * The Dockerfile and the `.dockerignore` itself are files like any other. BuildKit reads them apart from the context, so they are
 * not in the list when the patterns exclude them, and yet the build works. Links are not followed. Sockets, pipes and devices are
 * left out, because a cloud assembly cannot hold them.
 *
 * @param directory the root of the context
 * @param ignoreFileContent content of the `.dockerignore` that counts
 * @returns sorted by the code units of the path, the same on every machine
 */
export function contextFiles(directory: string, ignoreFileContent: string | undefined): ContextFile[] {
  const walk = new ContextWalk(directory, DockerIgnore.parse(ignoreFileContent ?? ''));
  walk.enter('');
  return walk.files.sort((a, b) => a.path < b.path ? -1 : 1);
}

class ContextWalk {
  readonly files: ContextFile[] = [];

  constructor(private readonly root: string, private readonly ignore: DockerIgnore) {}

  /** Collects what is below a directory and tells whether the context holds anything there. */
  enter(directory: string, parent?: IgnoreVerdict): boolean {
    let holdsSomething = false;
    for (const entry of this.read(directory, parent)) {
      const path = directory ? `${directory}/${entry.name}` : entry.name;
      const verdict = this.ignore.verdict(path, parent);
      if (entry.isDirectory()) {
        const filled = (!verdict.excluded || this.ignore.mayReincludeBelow(path)) && this.enter(path, verdict);
        if (!filled && !verdict.excluded) {
          this.files.push({ path, type: 'directory' });
        }
        holdsSomething ||= filled || !verdict.excluded;
      } else if (!verdict.excluded && this.add(path, entry)) {
        holdsSomething = true;
      }
    }
    return holdsSomething;
  }

  private read(directory: string, verdict?: IgnoreVerdict): Dirent[] {
    try {
      return readdirSync(join(this.root, directory), { withFileTypes: true });
    } catch (error) {
      // An excluded directory is only entered because something in it might be excepted, so it need not be readable.
      if (verdict?.excluded && ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) {
        return [];
      }
      throw error;
    }
  }

  private add(path: string, entry: Dirent): boolean {
    const location = join(this.root, path);
    if (entry.isSymbolicLink()) {
      this.files.push({ path, type: 'link', target: readlinkSync(location).split(sep).join('/') });
    } else if (entry.isFile()) {
      // An execute bit makes its octal digit odd.
      const { mode, size } = lstatSync(location);
      this.files.push({ path, type: 'file', executable: /[1357]/.test((mode % 0o1000).toString(8)), size });
    } else {
      return false;
    }
    return true;
  }
}
