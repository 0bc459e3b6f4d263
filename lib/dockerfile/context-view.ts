import { posix } from 'path';

/** An entry of a build context. */
export interface ContextEntry {
  /** Relative to the context, with slashes. */
  readonly path: string;
  /** A directory is one in which the context holds nothing. */
  readonly type: 'file' | 'link' | 'directory';
  /** Where a link leads. */
  readonly target?: string;
}

/** A build context as a Dockerfile sees it: looked up by the sources of copies. */
export class ContextView {
  private readonly entries = new Map<string, ContextEntry>();
  private readonly directories = new Set(['']);

  /** @param read the content of a file that is there on disk, in the context or left out of it; undefined when there is none */
  constructor(entries: readonly ContextEntry[], private readonly read: (path: string) => string | undefined = () => undefined) {
    for (const entry of entries) {
      this.entries.set(entry.path, entry);
      for (let parent = posix.dirname(entry.path); parent !== '.' && !this.directories.has(parent); parent = posix.dirname(parent)) {
        this.directories.add(parent);
      }
      if (entry.type === 'directory') {
        this.directories.add(entry.path);
      }
    }
  }

  public get paths(): string[] {
    return [...this.entries.keys()];
  }

  /** Whether a file of that name says something. */
  public says(name: RegExp, text: RegExp): boolean {
    return this.paths.some((path) => name.test(posix.basename(path)) && text.test(this.read(path) ?? ''));
  }

  /** Why a copy of a source without wildcards fails, if so. Links lead no further than to the root of the context, as in BuildKit. */
  public whyMissing(source: string): string | undefined {
    let path = '';
    const names = cleaned(source).split('/').filter(Boolean);
    for (let links = 0; names.length > 0;) {
      path = posix.join(path, names.shift()!);
      const { type, target } = this.entries.get(path) ?? {};
      if (type === 'link') {
        if (links++ > 40) {
          return 'is a link that leads to itself';
        }
        names.unshift(...cleaned(posix.resolve('/', posix.dirname(path), target!)).split('/').filter(Boolean));
        path = '';
      } else if (!type && !this.directories.has(path)) {
        return links > 0 ? `leads through a link to ${path}, which is not in the context`
          : this.read(cleaned(source)) === undefined ? 'is not in the context' : 'is left out of the context by the ignore file';
      }
    }
    return undefined;
  }

  /** The files that a source brings because it is a directory that holds them. */
  public below(source: string): string[] {
    const pattern = new RegExp(`^${cleaned(source).replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')}/`);
    return cleaned(source) === '' ? this.paths : this.paths.filter((path) => pattern.test(path));
  }
}

function cleaned(source: string): string {
  return posix.normalize(`/${source}`).replace(/^\/+|\/+$/g, '');
}
