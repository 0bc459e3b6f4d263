import * as fs from 'fs';
import * as path from 'path';
import { ContextFile } from './context-files';
import { CopySources, SourceEntry } from '../dockerfile/copy-sources';

/** The build context as a Dockerfile sees it: looked up by the paths of `COPY`. */
export class ContextTree implements CopySources {
  private readonly entries = new Map<string, SourceEntry>([['', 'directory']]);

  /**
   * @param directory the root of the context
   * @param files what the context holds
   */
  constructor(private readonly directory: string, files: readonly ContextFile[]) {
    for (const file of files) {
      this.entries.set(file.path, file.type);
      for (let parent = path.posix.dirname(file.path); parent !== '.' && !this.entries.has(parent); parent = path.posix.dirname(parent)) {
        this.entries.set(parent, 'directory');
      }
    }
  }

  /** What lies there, if anything; links are not followed. */
  public entry(source: string): SourceEntry | undefined {
    return this.entries.get(cleaned(source));
  }

  /** The paths that a source means, of which there are many when it has wildcards. Nothing when they cannot be told. */
  public matches(source: string): string[] | undefined {
    if (/[\\[\]]/.test(source)) {
      return undefined;
    }
    if (!/[*?]/.test(source)) {
      return this.entry(source) ? [cleaned(source)] : undefined;
    }
    const pattern = new RegExp(`^${cleaned(source).replace(/[.+^${}()|]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')}$`);
    return [...this.entries.keys()].filter((entry) => entry !== '' && pattern.test(entry));
  }

  /** Whether `ADD` might unpack a file: tar archives, and whatever is compressed in a way that they may be. */
  public mayBeArchive(file: string): boolean {
    const start = Buffer.alloc(512);
    const descriptor = fs.openSync(path.join(this.directory, cleaned(file)), 'r');
    try {
      fs.readSync(descriptor, start, 0, start.length, 0);
    } finally {
      fs.closeSync(descriptor);
    }
    return start.toString('latin1', 257, 262) === 'ustar' || ['1f8b', '425a68', 'fd377a585a', '28b52ffd'].some((magic) => start.toString('hex').startsWith(magic))
      || /\.(tar|t[a-z]{0,2}z\d?|tzst|gz|xz|bz2|zst)$/i.test(file);
  }
}

function cleaned(source: string): string {
  return path.posix.normalize(`/${source}`).replace(/^\/+|\/+$/g, '');
}
