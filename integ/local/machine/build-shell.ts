import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { createInterface } from 'readline';

/**
 * How commands share what they leave behind.
 *
 * - `carried`: every command is a script of its own; variables (all of them, exported or not) and the current
 *   directory are carried over, functions, options (`set -e`) and traps are not.
 * - `one`: one and the same shell for everything.
 *
 * How the agent of CodeBuild does it is not documented; AWS's documentation says that the commands run in one shell.
 * So both are played.
 */
export type ShellSharing = 'carried' | 'one';

export interface BuildShellOptions {
  readonly shell: string;
  /** The command that runs a program where the build is; only with state that is carried. @default the program itself */
  readonly within?: (program: readonly string[]) => string[];
  readonly environment: { readonly [name: string]: string };
  readonly cwd: string;
  /** For scripts and state; not seen by the commands. */
  readonly scratch: string;
  readonly onLine: (line: string) => void;
}

/** Runs the commands of a build, one after the other. */
export interface BuildShell {
  run(command: string): Promise<number>;
  set(name: string, value: string): Promise<void>;
  /** Values of variables as the commands left them. */
  variables(names: readonly string[]): Promise<{ [name: string]: string }>;
  /** Lets a shell that waits for more end. */
  end(): Promise<void>;
}

export function buildShell(sharing: ShellSharing, options: BuildShellOptions): BuildShell {
  if (sharing === 'one' && options.within) throw new Error('one shell for all commands runs on this machine only');
  return sharing === 'one' ? new OneShell(options) : new CarriedShell(options);
}

class CarriedShell implements BuildShell {
  private readonly state: string;
  private readonly directory: string;
  /** In the first environment of each script, so that one that hangs can be found. */
  private readonly marker: { readonly [name: string]: string };
  private count = 0;

  public constructor(private readonly options: BuildShellOptions) {
    this.marker = { CODEBUILD_BUILD_ID: options.environment.CODEBUILD_BUILD_ID };
    this.state = path.join(options.scratch, 'env.sh');
    this.directory = path.join(options.scratch, 'dir.txt');
    fs.writeFileSync(this.state, Object.entries(options.environment).map(([name, value]) => `export ${name}=${quote(value)}\n`).join(''));
    fs.writeFileSync(this.directory, options.cwd);
  }

  public async run(command: string): Promise<number> {
    return this.script([
      `cd "$(cat ${quote(this.directory)})"`,
      'set -a',
      `. ${quote(this.state)}`,
      command,
      'CODEBUILD_LAST_EXIT=$?',
      `export -p > ${quote(this.state)}`,
      `pwd > ${quote(this.directory)}`,
      'exit $CODEBUILD_LAST_EXIT',
    ], this.options.onLine);
  }

  public async set(name: string, value: string): Promise<void> {
    fs.appendFileSync(this.state, `\nexport ${name}=${quote(value)}\n`);
  }

  public async variables(names: readonly string[]): Promise<{ [name: string]: string }> {
    const file = path.join(this.options.scratch, 'exported');
    await this.script([`. ${quote(this.state)}`, print(names, file)], this.options.onLine);
    return read(names, file);
  }

  public async end(): Promise<void> { /* nothing runs between the commands */ }

  private async script(lines: string[], onLine: (line: string) => void): Promise<number> {
    const file = path.join(this.options.scratch, `script-${this.count++}.sh`);
    fs.writeFileSync(file, lines.join('\n') + '\n');
    const [program, ...args] = inPlace(this.options, [this.options.shell, file]);
    const child = spawn(program, args, { cwd: this.options.cwd, env: this.marker, stdio: ['ignore', 'pipe', 'pipe'] });
    return exitOf(child, new Output(child, onLine));
  }
}

class OneShell implements BuildShell {
  private readonly child: ChildProcess;
  private readonly output: Output;
  private readonly ended: Promise<number>;
  private code?: number;
  private count = 0;

  public constructor(private readonly options: BuildShellOptions) {
    this.child = spawn(options.shell, [], { cwd: options.cwd, env: { ...options.environment }, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
    this.child.stdin!.on('error', () => { /* the shell is gone; `ended` tells */ });
    this.output = new Output(this.child, options.onLine);
    this.ended = exitOf(this.child, this.output).then(code => this.code = code);
  }

  public async run(command: string): Promise<number> {
    if (this.code !== undefined) return this.code || 1;
    const file = path.join(this.options.scratch, `script-${this.count++}.sh`);
    fs.writeFileSync(file, command + '\n');
    return this.send(`. ${quote(file)} </dev/null 3>&-; printf '%s\\n' "$?" >&3`);
  }

  public async set(name: string, value: string): Promise<void> {
    if (this.code === undefined) this.child.stdin!.write(`export ${name}=${quote(value)}\n`);
  }

  public async variables(names: readonly string[]): Promise<{ [name: string]: string }> {
    const file = path.join(this.options.scratch, 'exported');
    if (this.code !== undefined) return {}; // they ended with the shell
    await this.send(`${print(names, file)}; printf '0\\n' >&3`);
    return read(names, file);
  }

  public async end(): Promise<void> {
    this.child.stdin!.end();
    await this.ended;
  }

  /** Sends a line that reports an exit code; a shell that ends instead reports its own. */
  private async send(line: string): Promise<number> {
    const reported = new Promise<number>(resolve => this.child.stdio[3]!.once('data', (data: Buffer) => resolve(Number(data))));
    this.child.stdin!.write(line + '\n');
    const code = await Promise.race([reported, this.ended]);
    await this.output.quiet();
    return code;
  }
}

function inPlace({ within }: BuildShellOptions, program: string[]): string[] {
  return within?.(program) ?? program;
}

function quote(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

function print(names: readonly string[], file: string): string {
  return [`: > ${quote(file)}`, ...names.map(name => `printf '%s\\0' "\${${name}-}" >> ${quote(file)}`)].join('; ');
}

function read(names: readonly string[], file: string): { [name: string]: string } {
  const values = fs.readFileSync(file, 'utf8').split('\0');
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

/**
 * The exit code of a process, when its output is read. Does not wait for the end of the output: what it left in the
 * background may hold that open.
 */
async function exitOf(child: ChildProcess, output: Output): Promise<number> {
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode, signal) => resolve(signal ? 128 : exitCode!));
  });
  await output.quiet();
  return code;
}

/** What a process prints, line by line. */
class Output {
  private last = 0;
  private readonly closed: Promise<unknown>;

  public constructor(child: ChildProcess, onLine: (line: string) => void) {
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', onLine);
      stream.on('data', () => this.last = performance.now());
    }
    this.closed = new Promise(resolve => child.on('close', resolve));
  }

  /** Resolves when nothing has come for a moment: what was written is read then. */
  public async quiet(): Promise<void> {
    let closed = false;
    void this.closed.then(() => closed = true);
    const start = performance.now();
    do {
      await Promise.race([this.closed, new Promise(resolve => setTimeout(resolve, 10))]);
    } while (!closed && performance.now() - Math.max(this.last, start) < 10);
  }
}
