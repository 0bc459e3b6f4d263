import { DockerfileInstruction } from './dockerfile-instruction';

/** A command of a `RUN`, with its words as the shell would see them, but for variables. */
export type ShellCommand = readonly string[];

/**
 * The commands of a `RUN`, or nothing when they are more than a plain list: substitutions, functions, subshells.
 * Words of control (`if`, `then`, `!`) are dropped, and so are assignments in front of a command; those without one are an `export`.
 */
export function shellCommands(run: DockerfileInstruction): ShellCommand[] | undefined {
  if (run.isJson) {
    return [run.words];
  }
  if (run.documents.length === 0 && !run.rest.includes('<<')) {
    return split(run.rest);
  }
  // Only a script that is a here-document itself; others are the input of some command.
  return /^<<-?["']?\w+["']?$/.test(run.rest) && !run.documents[0]?.startsWith('#!')
    ? split(run.documents.map((line) => line.replace(/\r$/, '')).join('\n').replace(/\\\n/g, ''))
    : undefined;
}

const OPERATORS = /^(?:&&|\|\||;;?|\||&(?!>)|\n)/;
const REDIRECTION = /^(?:\d*>>?&?|\d*<|&>>?)/;
/** Without substitutions, subshells, functions and braces, none of which it matches. */
const WORD = /^(?:\$\{\w+\}|\$(?!\()|[^\s;|&<>"'\\$(){}`]|\\.|"(?:\$(?!\()|[^"\\$`]|\\.)*"|'[^']*')+/s;
const CONTROL = ['if', 'then', 'elif', 'else', 'do', 'while', 'until', '!', 'exec', 'command', 'time'];

function split(script: string): ShellCommand[] | undefined {
  const commands: string[][] = [[]];
  let rest = script;
  while (rest) {
    const operator = OPERATORS.exec(rest);
    const redirection = REDIRECTION.exec(rest);
    const word = WORD.exec(rest);
    const blank = /^(?:[ \t\r]+|\\\n)/.exec(rest);
    const comment = /^#[^\n]*/.exec(rest);
    if (blank) {
      rest = rest.slice(blank[0].length);
    } else if (operator) {
      commands.push([]);
      rest = rest.slice(operator[0].length);
    } else if (comment) {
      rest = rest.slice(comment[0].length);
    } else if (redirection) {
      rest = rest.slice(redirection[0].length).replace(/^&?\d\b/, '').trimStart();
      commands[commands.length - 1].push('>');
    } else if (word) {
      commands[commands.length - 1].push(unquote(word[0]));
      rest = rest.slice(word[0].length);
    } else {
      return undefined;
    }
  }
  return commands.map(withoutPrefix).filter((command) => command.length > 0);
}

function unquote(word: string): string {
  return word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, (_, escaped, double, single) => escaped ?? double?.replace(/\\(["\\$`])/g, '$1') ?? single);
}

function withoutPrefix(command: string[]): string[] {
  const first = command.findIndex((word) => !CONTROL.includes(word) && !/^[A-Za-z_]\w*=/.test(word));
  return first < 0 && command.some((word) => word.includes('=')) ? ['export', ...command] : first < 0 ? [] : command.slice(first);
}
