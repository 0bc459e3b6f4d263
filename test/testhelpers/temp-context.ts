import * as fs from 'fs';
import * as path from 'path';
import { temporaryDirectory } from './temporary-directory';
import { DockerContext } from '../../lib';

/** The content of a file, a file with a mode, a symbolic link, or an empty directory. */
export type TempFile = string | { readonly content: string; readonly mode: number } | { readonly link: string } | typeof EMPTY_DIRECTORY;

export const EMPTY_DIRECTORY = Symbol('an empty directory');

/** A small context with a few stages, and what most tests start from. */
export const HELLO = {
  'Dockerfile': [
    'FROM public.ecr.aws/lambda/python:3.12 AS deps',
    ...['compiler', 'test', 'prod'].map((stage) => `FROM deps AS ${stage}`),
    'FROM deps',
    'COPY app.py ./',
    'CMD ["app.handler"]',
    '',
  ].join('\n'),
  'app.py': 'def handler(event, context): return "hello"\n',
};

/** A build context in a directory that is gone after the test. */
export class TempContext {
  public readonly directory: string;

  constructor(files: { [path: string]: TempFile } = HELLO, directory = temporaryDirectory()) {
    this.directory = directory;
    this.write(files);
  }

  /** Adds files to the context, or replaces them. */
  public write(files: { [path: string]: TempFile }): this {
    for (const [name, file] of Object.entries(files)) {
      const location = this.path(name);
      fs.mkdirSync(path.dirname(location), { recursive: true });
      if (file === EMPTY_DIRECTORY) {
        fs.mkdirSync(location);
      } else if (typeof file === 'object' && 'link' in file) {
        fs.rmSync(location, { force: true });
        fs.symlinkSync(file.link, location);
      } else {
        const { content, mode } = typeof file === 'string' ? { content: file, mode: 0o644 } : file;
        fs.writeFileSync(location, content);
        fs.chmodSync(location, mode); // of its own, since the umask counts for a new file only
      }
    }
    return this;
  }

  public remove(name: string): this {
    fs.rmSync(this.path(name), { recursive: true });
    return this;
  }

  public path(...names: string[]): string {
    return path.join(this.directory, ...names);
  }

  public get context(): DockerContext {
    return DockerContext.directory(this.directory);
  }
}
