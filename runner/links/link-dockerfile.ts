import { posix } from 'path';
import { TrailingCopy } from './trailing-copies';
import { Dockerfile } from '../../lib/dockerfile/dockerfile';
import { DockerfileInstruction } from '../../lib/dockerfile/dockerfile-instruction';
import { ownerInNumbers, UserNames } from '../layers/user-names';

/** How the destination of a copy is written, so that it means without the layers below what it means with them. */
export interface Destination {
  /** It is a directory there, so it ends with a slash. */
  readonly isDirectory?: boolean;
  /** A link is in its way, and leads here. */
  readonly path?: string;
}

export interface LinkOptions {
  /** The text of each copy whose destination has to be written in another way. */
  readonly destinations: { readonly [text: string]: Destination };
  /** Undefined where they are not known. */
  readonly names?: UserNames;
}

/** An instruction on one line, by which it is known again. */
export function textOf({ keyword, flags, rest }: DockerfileInstruction): string {
  return [keyword, ...flags.map(({ name, value }) => (value === '' ? `--${name}` : `--${name}=${value}`)), rest].join(' ');
}

/**
 * Writes `--link` into the copies at the end of a Dockerfile. Owners become numbers. A mode is left out, since BuildKit links no copy that has one, and
 * a WORKDIR, since it needs the layers below: both are put into the image afterwards. Lines stay where they are.
 *
 * @returns the Dockerfile, or the reason why it cannot be written
 */
export function linkDockerfile(
  dockerfile: Dockerfile, copies: readonly TrailingCopy[], { destinations, names }: LinkOptions,
): { content: string } | { obstacle: string } {
  const { content } = dockerfile;
  const escape = BACKTICK.test(content) ? '`' : '\\';
  const parts: string[] = [];
  let done = 0;
  const replace = (start: number, end: number, by: string) => {
    parts.push(content.slice(done, start), by);
    done = end;
  };
  for (const { instruction, isLinked, owner, workdir, workdirsBehind } of copies) {
    const [start, end] = [instruction.keywordEnd, headerEnd(content, instruction.keywordEnd, escape)];
    let header = content.slice(start, end);
    const asWritten = instruction.flags.find(({ name }) => name === 'chown')?.value;
    if (!isLinked && asWritten !== undefined && !owner.includes('$')) {
      const numbers = ownerInNumbers(owner, names ?? NOBODY);
      if (numbers === undefined) return { obstacle: `the owner ${owner} of the ${instruction.keyword} in line ${instruction.line} is nobody that the layers below know` };
      header = replaceFlag(header, `--chown=${asWritten}`, `--chown=${numbers}`);
    }
    const mode = instruction.flags.find(({ name }) => name === 'chmod')?.value;
    if (mode !== undefined) header = replaceFlag(header, `--chmod=${mode}`, '');
    const destination = destinations[textOf(instruction)] ?? {};
    const written = instruction.words.at(-1)!;
    const wanted = rewritten(written, workdir, destination);
    if (wanted === undefined) return { obstacle: `where the ${instruction.keyword} in line ${instruction.line} goes can only be said with the layers below` };
    if (wanted !== written) {
      const changed = replaceLast(header, instruction, wanted);
      if (changed === undefined) return { obstacle: `the destination of the ${instruction.keyword} in line ${instruction.line} is written in a way that is not understood` };
      header = changed;
    }
    const hasFlag = instruction.flags.some(({ name }) => name === 'link');
    replace(start, end, `${hasFlag ? '' : ' --link'}${header}`);
    for (const { keywordEnd } of workdirsBehind) {
      const [from, to] = [lineRange(content, keywordEnd).start, headerEnd(content, keywordEnd, escape)];
      replace(from, to, content.slice(from, to).replace(/[^\n]+/g, ''));
    }
  }
  return { content: [...parts, content.slice(done)].join('') };
}

/** The directive that makes a backtick what a backslash is; directives are at the top only. */
const BACKTICK = /^(?:[ \t]*#[ \t]*\w+[ \t]*=.*\n)*[ \t]*#[ \t]*escape[ \t]*=[ \t]*`/i;

const NOBODY: UserNames = { users: {}, groups: {} };

/** Undefined where it depends on what only BuildKit knows. */
function rewritten(written: string, workdir: string | undefined, { isDirectory, path }: Destination): string | undefined {
  const plain = unquoted(written);
  const isOpen = plain.includes('$') || plain.includes('\\');
  let wanted = plain;
  if (path !== undefined) {
    if (isOpen || SPECIAL.test(path)) return undefined;
    wanted = /\/\.?$/.test(plain) ? withSlash(path) : path;
  } else if (workdir !== undefined && !plain.startsWith('/')) {
    if (isOpen) return undefined;
    wanted = posix.resolve(workdir, plain);
    if (/(^|\/)\.?\.?$/.test(plain)) wanted = withSlash(wanted);
  }
  if (isDirectory) wanted = withSlash(wanted);
  return wanted === plain ? written : written.startsWith('"') || written.startsWith("'") ? written.replace(plain, () => wanted) : wanted;
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

/** What would not be taken as it is. */
const SPECIAL = /[\s$\\"'`]/;

/** A word without the quotes around it. */
export function unquoted(word: string): string {
  return /^"[^"']*"$|^'[^"']*'$/.test(word) ? word.slice(1, -1) : word;
}

/** The destination is the last word, or the last string of a JSON form. */
function replaceLast(header: string, { words, isJson }: DockerfileInstruction, wanted: string): string | undefined {
  const old = words.at(-1)!;
  const [search, replacement] = isJson ? [JSON.stringify(old), JSON.stringify(wanted)] : [old, wanted];
  const at = header.lastIndexOf(search);
  if (at < 0 || !/^\s*\]?\s*$/.test(header.slice(at + search.length))) return undefined;
  return `${header.slice(0, at)}${replacement}${header.slice(at + search.length)}`;
}

/** A flag may be named in a comment between the lines, too. */
function replaceFlag(header: string, flag: string, wanted: string): string {
  let isDone = false;
  return header.split('\n').map((line, index) => {
    if (isDone || (index > 0 && /^\s*#/.test(line)) || !line.includes(flag)) return line;
    isDone = true;
    return line.replace(flag, () => wanted);
  }).join('\n');
}

/** The line in which something is. */
function lineRange(content: string, inside: number): { start: number; end: number } {
  const end = content.indexOf('\n', inside);
  return { start: content.lastIndexOf('\n', inside - 1) + 1, end: end < 0 ? content.length : end };
}

/** Where an instruction ends, without its here-documents. */
function headerEnd(content: string, start: number, escape: string): number {
  for (let from = start, isFirst = true; ; isFirst = false) {
    const { start: begin, end } = lineRange(content, from);
    const line = content.slice(isFirst ? start : begin, end);
    const isComment = !isFirst && /^\s*(#|\r?$)/.test(line);
    if (end >= content.length || (!isComment && !line.trimEnd().endsWith(escape))) return end;
    from = end + 1;
  }
}
