import { posix } from 'path';
import { BaseImage, PathState } from './base-image';

/** What is known of a path, and for one that nothing is known of, why. */
export interface PathFinding {
  readonly state: PathState;
  readonly why?: string;
}

/** What something put into a directory: looked up by the path below it. */
export type Filling = (path: string) => PathFinding | undefined;

/** The directories of an image while it is being built, as far as they are known: enough to tell what a copy onto them does. */
export class ImageTree {
  private readonly known = new Map<string, PathFinding>();
  private readonly fillings: { readonly directory: string; readonly filling: Filling }[] = [];
  private lost?: string;

  constructor(private readonly base: BaseImage, private readonly baseName: string) {}

  /** What lies at an absolute path without dots. */
  public at(path: string): PathFinding {
    if (this.lost) {
      return { state: 'unknown', why: this.lost };
    }
    for (const ancestor of pathsTo(path)) {
      const finding = this.known.get(ancestor);
      if (finding && (ancestor === path || finding.state === 'unknown')) {
        return finding;
      }
    }
    const state = this.base.state(path);
    if (state === 'unknown') {
      return { state, why: `${path} may be a symbolic link in ${this.baseName}, or belong to another user` };
    }
    return state === 'absent' ? this.filled(path) : { state };
  }

  /** Notes that there is a directory now. One that may have an owner of its own, or a mode, is nothing to rely on. */
  public makeDirectory(path: string, unusual?: string): void {
    for (const directory of pathsTo(path)) {
      if (['absent', 'perhaps'].includes(this.at(directory).state)) {
        this.known.set(directory, unusual ? { state: 'unknown', why: unusual } : { state: 'directory' });
      }
    }
  }

  /** Notes that there may be a directory now, made in the usual way. */
  public perhapsDirectory(path: string): void {
    for (const directory of pathsTo(path)) {
      if (this.at(directory).state === 'absent') {
        this.known.set(directory, { state: 'perhaps' });
      }
    }
  }

  public makeFile(path: string): void {
    this.known.set(path, { state: 'file' });
  }

  /** Notes that something came into a directory. */
  public fill(directory: string, filling: Filling): void {
    this.fillings.push({ directory: directory === '/' ? '' : directory, filling });
  }

  /** Notes that a path is not to be relied on any more, nor what is below it. Its parents may have been made. */
  public disturb(path: string, why: string): void {
    this.perhapsDirectory(posix.dirname(path));
    this.known.set(path, { state: 'unknown', why });
  }

  /** Notes that anything may have happened. */
  public lose(why: string): void {
    this.lost ??= why;
  }

  /** What was put at a path that the base image does not have. */
  private filled(path: string): PathFinding {
    const findings = this.fillings
      .filter(({ directory }) => path.startsWith(`${directory}/`))
      .flatMap(({ directory, filling }) => filling(path.slice(directory.length + 1)) ?? []);
    return findings.find(({ state }) => state === 'unknown') ?? findings.find(({ state }) => state !== 'perhaps') ?? findings[0] ?? { state: 'absent' };
  }
}

/** The path and all directories on the way to it, without the root, from the top. */
export function pathsTo(path: string): string[] {
  const names = path.split('/').filter(Boolean);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}
