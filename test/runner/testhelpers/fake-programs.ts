import * as fs from 'fs';
import * as path from 'path';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

/** How a program was called. */
export interface ProgramCall {
  readonly program: string;
  readonly args: string[];
  readonly env: { [name: string]: string };
}

/** A directory of programs in JavaScript, which stand in for those of a machine. Each call is noted. */
export class FakePrograms {
  public readonly directory = temporaryDirectory();
  private readonly bin = path.join(this.directory, 'bin');

  constructor() {
    fs.mkdirSync(this.bin);
  }

  /** The environment in which these programs are all that there is. */
  public get env(): { [name: string]: string } {
    return { PATH: this.bin, HOME: this.directory };
  }

  /** @param body what it does; `args` are its arguments */
  public add(name: string, body: string): this {
    const note = `require('fs').appendFileSync(${JSON.stringify(this.notes)}, JSON.stringify({ program: ${JSON.stringify(name)}, args, env: process.env }) + '\\n');`;
    fs.writeFileSync(path.join(this.bin, name), `#!${process.execPath}\nconst args = process.argv.slice(2);\n${note}\n${body}\n`, { mode: 0o755 });
    return this;
  }

  public get calls(): ProgramCall[] {
    if (!fs.existsSync(this.notes)) return [];
    return fs.readFileSync(this.notes, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as ProgramCall);
  }

  /** The arguments of each call of a program. */
  public argumentsOf(name: string): string[][] {
    return this.calls.filter(({ program }) => program === name).map(({ args }) => args);
  }

  private get notes(): string {
    return path.join(this.directory, 'calls');
  }
}

/** JavaScript that prints lines. */
export function prints(...lines: string[]): string {
  return `process.stdout.write(${JSON.stringify(lines.map((line) => `${line}\n`).join(''))});`;
}
