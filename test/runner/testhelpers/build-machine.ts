import * as fs from 'fs';
import * as path from 'path';
import { temporaryDirectory } from '../../testhelpers/temporary-directory';

/** How a fake program answers: what it says, what it does (in sh) and how it ends. */
export interface Answer {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly run?: string;
  readonly code?: number;
}

export interface Call {
  readonly args: string[];
  readonly environment: { [name: string]: string };
}

const RECORD = `#!/bin/sh
call=$FAKES/calls/\${0##*/}.$$
env -0 >"$call.environment"
printf '%s\\0' "$@" >"$call.arguments"
fakes=$FAKES
`;

/** For a fake docker: what buildx leaves about a build that pushed this digest. */
export function leavesDigest(digest: string): string {
  return `last=; for each in "$@"; do
    if [ "$last" = --metadata-file ]; then printf '{"containerimage.digest": "%s"}' '${digest}' >"$each"; fi; last=$each
  done`;
}

/** Programs on a PATH that note each call with its arguments and environment, and answer as they were told. A call that they were told nothing about fails. */
export class BuildMachine {
  public readonly directory = temporaryDirectory();
  public readonly bin = path.join(this.directory, 'bin');
  /** The environment for the code under test. */
  public readonly env: { [name: string]: string };

  constructor(...programs: string[]) {
    for (const directory of [this.bin, this.path('calls')]) fs.mkdirSync(directory);
    // The tools of the system, none of which is a Docker, are for the scripts themselves.
    for (const tool of ['sh', 'env', 'cat', 'sleep', 'touch', 'mkdir', 'rm', 'ls', 'cp', 'date', 'dirname', 'node']) this.link(tool);
    this.env = { PATH: this.bin, FAKES: this.directory, HOME: this.directory };
    programs.forEach((program) => this.tell(program, {}));
  }

  public path(...names: string[]): string {
    return path.join(this.directory, ...names);
  }

  /** What a program answers to calls whose arguments match a pattern of sh; the first one counts. */
  public tell(program: string, answers: { [pattern: string]: Answer }): void {
    const cases = Object.entries(answers).map(([pattern, { stdout = '', stderr = '', run = ':', code = 0 }], index) => {
      fs.writeFileSync(this.path(`${program}.${index}.stdout`), stdout);
      fs.writeFileSync(this.path(`${program}.${index}.stderr`), stderr);
      const escaped = pattern.replace(/[^\w*?-]/g, '\\$&');
      return `${escaped})\n${run}\ncat "$fakes/${program}.${index}.stderr" >&2; cat "$fakes/${program}.${index}.stdout"; exit ${code} ;;`;
    });
    this.script(program, ['case "$*" in', ...cases, 'esac', `echo "the fake ${program} was not told what to answer to: $*" >&2; exit 97`].join('\n'));
  }

  /** A program in sh that notes its calls. */
  public script(program: string, body: string): void {
    const file = path.join(this.bin, program);
    // Renamed into its place, since one that runs cannot be written.
    fs.writeFileSync(`${file}.new`, `${RECORD}${body}\n`, { mode: 0o755 });
    fs.renameSync(`${file}.new`, file);
  }

  /** A program in JavaScript that notes its calls. */
  public javascript(program: string, body: string): void {
    fs.writeFileSync(this.path(`${program}.js`), body);
    this.script(program, `exec node '${this.path(`${program}.js`)}' "$@"`);
  }

  public remove(program: string): void {
    fs.rmSync(path.join(this.bin, program));
  }

  /** The calls of a program, in their order. */
  public calls(program: string): Call[] {
    const folder = this.path('calls');
    const times = fs.readdirSync(folder).filter((name) => new RegExp(`^${program}\\.\\d+\\.arguments$`).test(name))
      .map((name) => ({ file: path.join(folder, name), time: fs.statSync(path.join(folder, name), { bigint: true }).mtimeNs }));
    return times.sort((one, other) => (one.time < other.time ? -1 : 1)).map(({ file }) => ({
      args: split(file),
      environment: Object.fromEntries(split(file.replace(/arguments$/, 'environment')).map((variable) => variable.split(/=(.*)/s))),
    }));
  }

  /** The arguments of each call of a program. */
  public argumentsOf(program: string): string[][] {
    return this.calls(program).map(({ args }) => args);
  }

  private link(tool: string): void {
    const location = tool === 'node' ? process.execPath
      : ['/bin', '/usr/bin'].map((directory) => path.join(directory, tool)).find((file) => fs.existsSync(file));
    fs.symlinkSync(location!, path.join(this.bin, tool));
  }
}

function split(file: string): string[] {
  return fs.readFileSync(file, 'utf-8').split('\0').slice(0, -1);
}
