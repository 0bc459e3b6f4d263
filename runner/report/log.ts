import { commandLine } from './command-line';

/** What the reader of the build's log sees. Lines about one of several images carry its name. */
export class Log {
  /** The last lines, for the end of a build that failed. */
  private readonly tail: string[] = [];

  /**
   * @param write takes a line
   * @param prefix before each line
   * @param secretFlags flags of commands whose values are nobody's business
   */
  constructor(private readonly write: (line: string) => void, private readonly prefix = '', private readonly secretFlags: readonly string[] = []) {}

  public line(text: string): void {
    const line = printable(text);
    this.tail.push(line);
    if (this.tail.length > 40) this.tail.shift();
    this.write(`${this.prefix}${line}`);
  }

  public warn(text: string): void {
    this.line(`WARNING: ${text}`);
  }

  /** A line of another program. It begins with a `#`, and no line of this one does, so that no program can speak in its place. */
  public output(text: string): void {
    this.line(text.startsWith('#') ? text : `# ${text}`);
  }

  /** A command, as a person could run it. */
  public command(program: string, args: readonly string[], environment: { readonly [name: string]: string } = {}): void {
    const shown = args.map((arg, index) => (this.secretFlags.includes(args[index - 1]) ? arg.replace(/=.*$/s, '=***') : arg));
    this.line(`$ ${commandLine(program, shown, environment)}`);
  }

  /** A log for one image of several. */
  public for(image: string): Log {
    return new Log(this.write, `${this.prefix}${printable(image)} | `, this.secretFlags);
  }

  public lastLines(count: number): string[] {
    return this.tail.slice(-count);
  }
}

/** A line cannot end itself, move the cursor, hide what is before it, turn its direction or color what follows. Colors of its own stay. */
function printable(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\r') end--;
  // eslint-disable-next-line no-control-regex
  const line = text.slice(0, end).replace(/[\0-\b\n-\x1a\x1c-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, ' ').replace(/\x1b(?!\[[0-9;]*m)/g, '');
  return line.includes(ESCAPE) && !line.endsWith(RESET) ? `${line}${RESET}` : line;
}

const ESCAPE = '\x1b';
const RESET = `${ESCAPE}[0m`;
