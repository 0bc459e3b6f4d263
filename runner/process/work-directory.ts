import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Failure, reasonOf } from '../report/failure';

/** A directory of this build alone, which nobody else can read: passwords are in it. It is removed at the end. */
export class WorkDirectory {
  public static create(parent = os.tmpdir()): WorkDirectory {
    try {
      return new WorkDirectory(fs.mkdtempSync(path.join(parent, 'cached-docker-build-')));
    } catch (error) {
      throw new Failure(`no temporary directory can be made in ${parent}: ${reasonOf(error)}; set TMPDIR to a directory that can be written`);
    }
  }

  private constructor(public readonly root: string) {}

  public path(...names: string[]): string {
    return path.join(this.root, ...names);
  }

  /** Makes a directory in it. */
  public directory(...names: string[]): string {
    const directory = this.path(...names);
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  }

  public write(name: string, content: string): string {
    const file = this.path(name);
    fs.writeFileSync(file, content, { mode: 0o600 });
    return file;
  }

  /** A part of it, for one image. */
  public within(name: string): WorkDirectory {
    return new WorkDirectory(this.directory(name));
  }

  public remove(): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
