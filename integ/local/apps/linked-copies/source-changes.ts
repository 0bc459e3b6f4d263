import * as fs from 'fs';
import * as path from 'path';

/** A change of a source. What the Dockerfile names, and what is right below the root, stays what it is. */
export type SourceChange = (context: string, dockerfile: string) => void;

/** Every file has a line more; in each directory, files and directories come, go and get other names. */
export function addRemoveAndRename(context: string, dockerfile: string): void {
  for (const { directory, files, directories, free, isRoot } of walk(context, dockerfile)) {
    files.forEach(file => append(path.join(directory, file), 'changed'));
    if (!isRoot) {
      const [freeFiles, freeDirectories] = [files.filter(free), directories.filter(free)];
      if (freeFiles.length > 2) fs.rmSync(path.join(directory, freeFiles.at(-1)!));
      if (freeFiles.length > 1) fs.renameSync(path.join(directory, freeFiles[1]), path.join(directory, `renamed-${freeFiles[1]}`));
      if (freeDirectories.length > 1) fs.renameSync(path.join(directory, freeDirectories.at(-1)!), path.join(directory, `renamed-${freeDirectories.at(-1)!}`));
    }
    fs.mkdirSync(path.join(directory, 'added/deep'), { recursive: true });
    fs.writeFileSync(path.join(directory, 'added/deep/file'), 'added\n');
    fs.writeFileSync(path.join(directory, 'added.txt'), 'added\n', { mode: 0o644 });
  }
}

/** Every file has another line more; in each directory below the root, one file becomes a directory, and one directory a link. */
export function changeTypes(context: string, dockerfile: string): void {
  for (const { directory, files, directories, free, isRoot } of walk(context, dockerfile)) {
    files.forEach(file => append(path.join(directory, file), 'changed again'));
    if (isRoot) continue;
    const [file] = files.filter(name => name !== 'added.txt' && free(name));
    if (file) {
      fs.rmSync(path.join(directory, file));
      fs.mkdirSync(path.join(directory, file));
      fs.writeFileSync(path.join(directory, file, 'inside'), 'a directory now\n');
    }
    const replaced = directories.find(name => name !== 'added' && free(name)) ?? directories.find(name => name === 'added');
    if (replaced) {
      fs.rmSync(path.join(directory, replaced), { recursive: true });
      fs.symlinkSync('/tmp', path.join(directory, replaced));
    }
  }
}

interface Visited {
  readonly directory: string;
  /** In the order of their names, archives and Dockerfiles left out. */
  readonly files: readonly string[];
  readonly directories: readonly string[];
  /** Whether the Dockerfile does not name what has that name in there. */
  readonly free: (name: string) => boolean;
  readonly isRoot: boolean;
}

/** All directories as they are now, the inner ones first. */
function walk(context: string, dockerfile: string, below = ''): Visited[] {
  const directory = path.join(context, below);
  const free = (name: string) => !dockerfile.includes(path.join(below, name).replace(/^made\//, ''));
  const all = fs.readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const directories = all.filter(entry => entry.isDirectory()).map(({ name }) => name);
  const files = all.filter(entry => entry.isFile() && !/^Dockerfile$|\.tar(\.gz)?$|^passwd$/.test(entry.name)).map(({ name }) => name);
  return [...directories.flatMap(name => walk(context, dockerfile, path.join(below, name))), { directory, files, directories, free, isRoot: below === '' }];
}

function append(file: string, line: string): void {
  fs.appendFileSync(file, `${line}\n`);
}

/** What happens to a source between three builds. */
export const sourceChanges: readonly SourceChange[] = [addRemoveAndRename, changeTypes];
